"""The one place in a process where new messages arrive: memory, tick, and everybody who waits for either."""

import asyncio
from contextlib import suppress
from typing import Final

from chassis import clock
from events_service.stream.graves import Graves
from events_service.stream.ring import Ring
from events_service.stream.wire import Wire

TICK: Final = 0.05
"""Seconds between two tellings, at least: what arrives in between is told together."""
PULSE: Final = 0.5
"""Seconds within which a reader's own time (heartbeat, end of life) is noticed."""


class Live:
    """ring: None until the tail knows where to begin. ready: the tail has reached what was the end then."""

    def __init__(self) -> None:
        self.ring: Ring | None = None
        self.ready = asyncio.Event()
        self.graves = Graves()
        self.stopping = False
        self._waiting: dict[asyncio.Future[None], float] = {}
        self._ticked = 0.0
        self._due: asyncio.TimerHandle | None = None
        self._pulse: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._beat()

    def stop(self) -> None:
        """Everybody who waits goes on, and sees that it is over."""
        self.stopping = True
        for timer in (self._pulse, self._due):
            if timer is not None:
                timer.cancel()
        self._wake()

    async def readable(self, within: float) -> Ring | None:
        """The ring, waiting so many seconds for it while the tail is on its way; None if that is not enough."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self.ready.wait()
        return self.ring if self.ready.is_set() and not self.stopping else None

    def told(self) -> None:
        """The ring has news: show them at once, or with the next tick when the last was just now."""
        if self._due is not None:
            return
        wait = self._ticked + TICK - clock.monotonic()
        if wait <= 0:
            self._tick()
        else:
            self._due = asyncio.get_running_loop().call_later(wait, self._tick)

    async def wait(self, until: float, wire: Wire) -> None:
        """Until there is news, or that (monotonic) time has come, or the client is gone, or all is over."""
        if self.stopping or wire.lost:
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting[future] = until
        wire.when_lost(lambda: _done(future))
        try:
            await future
        finally:
            wire.when_lost(None)
            self._waiting.pop(future, None)

    def _tick(self) -> None:
        self._due = None
        self._ticked = clock.monotonic()
        if self.ring is not None and self.ring.tick():
            self._wake()

    def _wake(self) -> None:
        for future in self._waiting:
            _done(future)

    def _beat(self) -> None:
        now = clock.monotonic()
        for future, until in self._waiting.items():
            if until <= now:
                _done(future)
        if not self.stopping:
            self._pulse = asyncio.get_running_loop().call_later(PULSE, self._beat)


def _done(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
