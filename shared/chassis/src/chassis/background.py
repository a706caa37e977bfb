"""Tasks that a process cannot live without: when one ends with an error, the process ends too and is started again."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

OnFailure = Callable[[str, BaseException], None]

_log = structlog.get_logger(__name__)


def _report(name: str, error: BaseException) -> None:
    _log.error("background task died", task=name, exc_info=error)


_on_failure: OnFailure = _report


def on_failure(act: OnFailure | None) -> None:
    """Who hears of a task that died: `chassis.serve`, which ends the process; None: only the log."""
    global _on_failure  # noqa: PLW0603 - one process, one place that decides to end it
    _on_failure = act or _report


def spawn(name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Run `work` beside everything else. The caller keeps the task and cancels it when its part stops."""
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_ended)
    return task


def _ended(task: asyncio.Task[None]) -> None:
    if task.cancelled():
        return
    error = task.exception()
    if error is not None:
        _on_failure(task.get_name(), error)
