"""The order of one test run: unit, integration, contract, end to end."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

LEVELS = ("unit", "integration", "contract", "e2e", "chaos", "load")

ROOT = Path(__file__).parent

# how long an example takes, and its making, is the machine's business
settings.register_profile("convene", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("convene")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are processors, as tests mostly wait; each worker has servers of its own."""
    return min(4, (os.cpu_count() or 1) + 1)


def level(path: Path) -> int:
    """Where tests of this file stand in the order; those in no level's folder are unit tests."""
    parts = path.relative_to(ROOT).parts[:-1] if path.is_relative_to(ROOT) else ()
    return next((LEVELS.index(part) for part in parts if part in LEVELS), 0)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A failing unit test is seen before any server starts."""
    items.sort(key=lambda item: level(item.path))
