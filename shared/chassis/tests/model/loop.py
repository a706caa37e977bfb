"""An event loop in virtual time: nothing waits, and the same seed gives the same steps.

Callbacks of one process keep asyncio's order. What a process does is marked by the context of its tasks, so that a
process can be frozen (its steps wait) or killed (its steps never come, and nothing is cleaned up).
"""

import asyncio
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

# Pytest's own loop looks for these; the model's has none of them.
# mypy: disable-error-code="override"


@dataclass(slots=True, eq=False)
class Runner:
    """What decides whether a step may run: a process of the model."""

    alive: bool = True
    frozen: bool = False
    parked: "list[Handle]" = field(default_factory=list)
    tasks: "list[asyncio.Task[Any]]" = field(default_factory=list)


RUNNER: ContextVar[Runner | None] = ContextVar("runner", default=None)


class Handle:
    """A step to come."""

    __slots__ = ("args", "callback", "context", "gone", "time")

    def __init__(self, callback: Callable[..., object], args: tuple[Any, ...], context: Context, time: float) -> None:
        self.callback = callback
        self.args = args
        self.context = context
        self.time = time
        self.gone = False

    def cancel(self) -> None:
        self.gone = True

    def cancelled(self) -> bool:
        return self.gone

    def when(self) -> float:
        return self.time


class Deadlock(AssertionError):
    """Somebody waits, and nothing will ever happen again."""


class VirtualLoop(asyncio.AbstractEventLoop):
    """Runs until its main coroutine is done; time jumps to the next timer when nothing is ready."""

    def __init__(self) -> None:
        self.now = 0.0
        self.broken: list[str] = []
        self._ready: deque[Handle] = deque()
        self._timers: list[tuple[float, int, Handle]] = []
        self._count = 0
        self._tasks: list[asyncio.Task[Any]] = []

    def time(self) -> float:
        return self.now

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def create_future(self) -> "asyncio.Future[Any]":
        return asyncio.Future(loop=self)

    def create_task(
        self, coro: Coroutine[Any, Any, Any], *, name: str | None = None, context: Context | None = None
    ) -> "asyncio.Task[Any]":
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=self, name=name, context=context)
        self._tasks.append(task)
        runner = (copy_context() if context is None else context).get(RUNNER)
        if runner is not None:
            runner.tasks.append(task)
        return task

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> Handle:
        handle = Handle(callback, args, copy_context() if context is None else context, self.now)
        self._ready.append(handle)
        return handle

    def call_later(
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> Handle:
        return self.call_at(self.now + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> Handle:
        handle = Handle(callback, args, copy_context() if context is None else context, when)
        self._count += 1
        heappush(self._timers, (when, self._count, handle))
        return handle

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        self.broken.append(f"{context.get('message')}: {context.get('exception')!r}")

    def thaw(self, runner: Runner) -> None:
        runner.frozen = False
        self._ready.extend(runner.parked)
        runner.parked.clear()

    def run(self, main: Coroutine[Any, Any, None]) -> None:
        """Raises what main raises, or Deadlock."""
        before = events._get_running_loop()
        events._set_running_loop(self)
        try:
            task = self.create_task(main)
            while not task.done():
                self._step()
            task.result()
        finally:
            self._bury()
            events._set_running_loop(before)

    def _step(self) -> None:
        if self._ready:
            handle = self._ready.popleft()
        elif self._timers:
            when, _, handle = heappop(self._timers)
            self.now = max(self.now, when)
        else:
            raise Deadlock(f"nothing will happen after {self.now}")
        if handle.gone:
            return
        runner = handle.context.get(RUNNER)
        if runner is not None:
            if not runner.alive:
                return
            if runner.frozen:
                runner.parked.append(handle)
                return
        handle.context.run(handle.callback, *handle.args)

    def _bury(self) -> None:
        """End what still waits, without a word from asyncio about it."""
        for task in self._tasks:
            if not task.done():
                task._log_destroy_pending = False  # type: ignore[attr-defined]  # asyncio's own switch
                with suppress(BaseException):
                    coro = task.get_coro()
                    if coro is not None:
                        coro.close()
            elif not task.cancelled():
                task.exception()
