"""Virtual time and countable ids inside the modules under test, for the length of one run."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import structlog

PACKAGES = ("chassis.ids", "chassis.journal.", "chassis.relay.")
SETTINGS: dict[str, dict[str, object]] = {
    "chassis.journal.writers": {"FOLLOW_SECONDS": 0.2},
    "chassis.relay.part": {"FOLLOW_SECONDS": 0.1},
    "chassis.journal.spreading": {"AT_ONCE": 1},
    "chassis.journal.remote": {"TICK_SECONDS": 0.04},
    "chassis.relay.lane": {"SWEEP_SECONDS": 0.3},
    "chassis.relay.tail": {"LOOK_SECONDS": 0.3},
    "chassis.journal.blocked": {"SECONDS": 0.5},
    "chassis.journal.writer": {"SWEEP_SECONDS": 0.25},
}


@cache
def _places(names: tuple[str, ...]) -> list[tuple[Any, str]]:
    """Modules under test that hold one of these names."""
    modules = [module for name, module in sorted(sys.modules.items()) if name.startswith(PACKAGES)]
    return [(module, name) for module in modules for name in names if hasattr(module, name)]


@contextmanager
def replaced(**names: Callable[..., Any]) -> Iterator[None]:
    """The modules under test see these in place of what they imported."""
    changes: list[tuple[Any, str, Any]] = [(module, name, names[name]) for module, name in _places(tuple(names))]
    changes += [(sys.modules[module], name, value) for module, some in SETTINGS.items() for name, value in some.items()]
    before = [(module, name, getattr(module, name)) for module, name, _ in changes]
    for module, name, value in changes:
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
