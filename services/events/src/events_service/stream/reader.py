"""One client's stream: from the log until memory takes over, then from memory; back to the log if it falls behind."""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog

from chassis import clock
from events_service.stream import framing, position
from events_service.stream.cursor import Cursor
from events_service.stream.framing import Framing
from events_service.stream.gap import Missing
from events_service.stream.limits import Limits
from events_service.stream.live import PULSE, Live
from events_service.stream.log import Gone, Log, Unavailable
from events_service.stream.opening import Opening
from events_service.stream.ring import Ring
from events_service.stream.wire import Wire
from events_service.stream.wish import Wish

_log = structlog.get_logger(__name__)

_STILL_GOOD: Final = 300.0
"""Seconds for which a position that was checked against the log's age needs no new check."""


class _Over(Exception):
    """The answer ends, with these last bytes."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class Reader:
    """Writes to one wire. Holds no copy of what it is going to tell, only its place.

    ring: the one that the cursor's position was checked against.
    """

    __slots__ = (
        "_checked",
        "_cursor",
        "_framing",
        "_heartbeat",
        "_life_ends",
        "_limits",
        "_live",
        "_log",
        "_opening",
        "_ring",
        "_selection",
        "_spoke",
        "_wire",
    )

    def __init__(
        self,
        wire: Wire,
        cursor: Cursor,
        wish: Wish,
        ring: Ring,
        *,
        live: Live,
        log: Log,
        opening: Opening,
        limits: Limits,
        lifetime: float | None,
    ) -> None:
        now = clock.monotonic()
        self._wire = wire
        self._cursor = cursor
        self._framing = wish.framing
        self._selection = wish.selection
        self._heartbeat = wish.heartbeat
        self._live = live
        self._log = log
        self._opening = opening
        self._limits = limits
        self._ring = ring
        self._life_ends = now + lifetime if lifetime is not None else float("inf")
        self._spoke = now
        self._checked = now

    async def tell(self) -> bool:
        """Until the client goes, its time is over or the process stops; whether the answer is still to be ended."""
        try:
            while not self._wire.lost and not self._live.stopping and clock.monotonic() < self._life_ends:
                await self._room()
                await self._on()
        except _Over as over:
            await self._last_words(over)
        return not self._wire.lost

    def greet(self, retry_ms: int, missing: Sequence[Missing]) -> None:
        """The first bytes: on SSE the position, and what is missing before it."""
        self._say(framing.opening(self._framing, self._cursor.name, retry_ms))
        if missing:
            self._tell_gap(missing)

    async def _on(self) -> None:
        ring = self._live.ring
        if ring is None or not self._live.ready.is_set():
            await self._idle()
        elif ring is not self._ring:
            # the log was cut back: what this reader was told may be further than what there is now
            await self._check(ring)
            self._ring = ring
        elif self._cursor.seated(ring):
            self._say(self._cursor.take(self._limits.most_bytes))
            if self._cursor.waits():
                await self._idle()
        elif self._live.graves.complete.is_set():
            await self._from_log(ring)
        else:
            await self._idle(at_most=PULSE)

    def _say(self, chunks: bytes) -> None:
        if chunks:
            self._wire.write(chunks)
            self._spoke = clock.monotonic()

    async def _idle(self, at_most: float = float("inf")) -> None:
        """Wait for news, or so many seconds; break too long a silence."""
        until = min(self._life_ends, clock.monotonic() + at_most)
        if self._heartbeat is not None:
            due = self._spoke + self._heartbeat
            if due <= clock.monotonic():
                self._say(framing.heartbeat(self._framing, self._cursor.name))
                due = self._spoke + self._heartbeat
            until = min(until, due)
        await self._live.wait(until, self._wire)

    async def _from_log(self, ring: Ring) -> None:
        stop = position.furthest(ring.start, self._cursor.vector)
        try:
            if clock.monotonic() - self._checked > _STILL_GOOD:
                await self._check(ring)
            stretch = await self._log.read(self._cursor.vector, stop, self._limits.most_bytes)
        except Gone:
            await self._check(ring)
            return
        except Unavailable:
            raise _Over("log-unavailable", "The log cannot be read now; come back later.") from None
        frames = [
            framing.frame(self._framing, told.entry, position.written(self._log.topic, told.after))
            for told in stretch.told
            if ring.shows(told.entry, self._selection)
        ]
        self._cursor.moved(stretch.position)
        self._say(framing.chunked(self._framing, frames))

    async def _check(self, ring: Ring) -> None:
        """Is everything between here and memory still in the log? If not, say so before going on."""
        try:
            vector, missing = await self._opening.checked(ring, self._cursor.vector)
        except Unavailable:
            raise _Over("log-unavailable", "The log cannot be read now; come back later.") from None
        self._checked = clock.monotonic()
        if missing:
            self._cursor.moved(vector)
            self._tell_gap(missing)

    def _tell_gap(self, missing: Sequence[Missing]) -> None:
        if self._framing is not Framing.SSE:
            raise _Over("position-gone", "Messages from here on are gone from the log.")
        told = [one.told(self._log.topic) for one in missing]
        self._say(framing.gap(self._cursor.name, told))

    async def _room(self) -> None:
        """Wait until the client has read enough of what was written. Raises _Over when it reads nothing for long."""
        if not self._wire.full:
            return
        unread, since = self._wire.unread(), clock.monotonic()
        while self._wire.full and not self._live.stopping:
            await self._wire.drained(PULSE)
            if self._wire.unread() != unread:
                unread, since = self._wire.unread(), clock.monotonic()
            elif clock.monotonic() - since > self._limits.stalled:
                raise _Over("too-slow", f"Nothing was read for {self._limits.stalled:g} s; resume from the id.")

    async def _last_words(self, over: _Over) -> None:
        """The client reads them if it ever reads on; meanwhile it costs no more than the bytes it has not read."""
        _log.info("a reader is let go", why=over.code, unread=self._wire.unread())
        gone = asyncio.Event()
        self._wire.when_lost(gone.set)
        self._wire.end_with(framing.failure(self._framing, self._cursor.name, over.code, over.message))
        try:
            async with asyncio.timeout(self._limits.stalled):
                await gone.wait()
        except TimeoutError:
            self._wire.abort()
            await gone.wait()
