"""Virtual time and countable ids inside the modules under test, for the length of one run."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog

PACKAGES = ("chassis.ids", "chassis.journal.", "chassis.relay.")
SETTINGS = {
    "chassis.journal.remote": {"TICK_SECONDS": 0.04},
    "chassis.journal.writer": {"BLOCKED_SECONDS": 1.0, "SWEEP_SECONDS": 0.3},
}


@contextmanager
def replaced(**names: Callable[[], Any]) -> Iterator[None]:
    """The modules under test see these in place of what they imported."""
    before: list[tuple[Any, str, Any]] = []
    for module_name, module in list(sys.modules.items()):
        if module_name.startswith(PACKAGES):
            new = {**names, **SETTINGS.get(module_name, {})}
            before += [(module, name, getattr(module, name)) for name in new if hasattr(module, name)]
            for name, value in new.items():
                if hasattr(module, name):
                    setattr(module, name, value)
    try:
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)


@contextmanager
def silence() -> Iterator[None]:
    """No log lines."""
    before = structlog.get_config()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(50), logger_factory=structlog.ReturnLoggerFactory()
    )
    try:
        yield
    finally:
        structlog.configure(**before)
