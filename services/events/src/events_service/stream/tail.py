"""Follows the log into memory: one consumer over all partitions, in no group, reading what is committed."""

import asyncio
import heapq
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from chassis import clock
from events_service.stream import position
from events_service.stream.graves import Graves
from events_service.stream.live import Live
from events_service.stream.log import Gone, Log, Unavailable, decoded, partitions_of
from events_service.stream.position import Vector
from events_service.stream.ring import Ring
from events_service.stream.spans import arriving

_log = structlog.get_logger(__name__)

_IDLE_MS: Final = 500
_DOUBT_SECONDS: Final = 10.0
_STRETCH: Final = 4_194_304


class _Stuck(Exception):
    """The log went on, and the consumer did not."""


class Tail:
    """Starts again with a new consumer when the old one fails; what is in memory stays, and nothing is skipped."""

    def __init__(self, log: Log, live: Live, *, warm: int, ring_bytes: int) -> None:
        self._reader = log
        self._live = live
        self._warm = warm
        self._ring_bytes = ring_bytes
        self._running: asyncio.Task[None] | None = None
        self._digging: asyncio.Task[None] | None = None
        self._at: Vector = ()
        self.progressed = clock.monotonic()

    @property
    def tasks(self) -> "list[asyncio.Task[None]]":
        found = [] if self._running is None else [self._running]
        digging = self._digging
        if digging is not None and digging.done() and not digging.cancelled() and digging.exception() is not None:
            found.append(digging)
        return found

    def start(self) -> None:
        self._running = asyncio.create_task(self._run(), name="stream tail")

    async def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        await self._stop_digging()

    async def _run(self) -> None:
        pause = 0.1
        while True:
            consumer = self._reader.consumer(fetch_max_wait_ms=_IDLE_MS)
            began = clock.monotonic()
            try:
                await consumer.start()
                await self._follow(consumer)
            except OffsetOutOfRangeError as error:
                _log.error("the log does not have the position any more, beginning anew", at=str(error))
                self._live.ring = None
                self._live.ready.clear()
            except (KafkaError, Unavailable, OSError, _Stuck) as error:
                _log.warning("the tail begins again", error=f"{type(error).__name__}: {error}"[:300])
            finally:
                with suppress(KafkaError, OSError):
                    await consumer.stop()
            pause = 0.1 if clock.monotonic() - began > 10 else min(pause * 2, 2.0)
            await asyncio.sleep(pause)

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        partitions = await partitions_of(consumer, self._reader.topic)
        all_of_them = [self._reader.partition(index) for index in range(partitions)]
        begin = await consumer.beginning_offsets(all_of_them)
        end = await consumer.end_offsets(all_of_them)
        ring = self._live.ring
        if ring is None or len(self._at) != partitions:
            self._at = tuple(max(begin[tp], end[tp] - self._warm) for tp in all_of_them)
            graves = self._live.graves = Graves()
            ring = Ring(self._reader.topic, self._at, max_bytes=self._ring_bytes, hidden=graves.hides)
            self._live.ring = ring
            await self._stop_digging()
            self._digging = asyncio.create_task(self._dig(graves, self._at), name="stream graves")
        consumer.assign(all_of_them)
        for tp, offset in zip(all_of_them, self._at, strict=True):
            consumer.seek(tp, offset)
        target = tuple(end[tp] for tp in all_of_them)
        self.progressed = clock.monotonic()
        while True:
            got = await consumer.getmany(timeout_ms=_IDLE_MS)
            reached = tuple([await consumer.position(tp) for tp in all_of_them])
            self._add(ring, got, reached)
            if not self._live.ready.is_set() and position.covers(reached, target):
                ring.tick()
                self._live.ready.set()
            if clock.monotonic() - self.progressed > _DOUBT_SECONDS:
                await self._make_sure(consumer, all_of_them)

    def _add(self, ring: Ring, got: Mapping[TopicPartition, Sequence[ConsumerRecord]], reached: Vector) -> None:
        if reached == self._at:
            return
        # what was there before this process is nobody's news
        step = arriving if self._live.ready.is_set() else nullcontext
        for record in heapq.merge(*got.values(), key=lambda record: record.timestamp):
            with step(record):
                seen = decoded(record)
                self._at = position.advanced(self._at, record.partition, record.offset + 1)
                if seen is not None:
                    self._live.graves.note(seen)
                    ring.append(seen, self._at)
        self._at = reached
        ring.moved(reached)
        self.progressed = clock.monotonic()
        self._live.told()

    async def _make_sure(self, consumer: AIOKafkaConsumer, all_of_them: Sequence[TopicPartition]) -> None:
        """After a silence: is the log silent too? Raises _Stuck."""
        end = await consumer.end_offsets(list(all_of_them))
        if not any(end[tp] > at for tp, at in zip(all_of_them, self._at, strict=True)):
            self.progressed = clock.monotonic()
        elif clock.monotonic() - self.progressed > 2 * _DOUBT_SECONDS:
            raise _Stuck

    async def _dig(self, graves: Graves, until: Vector) -> None:
        """Find the tombstones that lie before what is in memory. Until then nobody reads there."""
        at: Vector = ()
        while at != until:
            try:
                begin = (await self._reader.bounds(len(until))).begin
                at = position.furthest(at or begin, begin)
                until = position.furthest(until, begin)
                while at != until:
                    stretch = await self._reader.read(at, until, _STRETCH, only_tombstones=True)
                    for told in stretch.told:
                        graves.note(told.entry)
                    at = stretch.position
            except (Gone, Unavailable) as error:
                _log.info("looking for tombstones again", error=type(error).__name__)
                await asyncio.sleep(1.0)
        graves.complete.set()

    async def _stop_digging(self) -> None:
        digging, self._digging = self._digging, None
        if digging is not None:
            digging.cancel()
            await asyncio.gather(digging, return_exceptions=True)
