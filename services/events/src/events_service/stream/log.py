"""Reading the public topic from any position, for those whom memory does not serve; and asking how far it goes.

A few consumers are shared by all who need them: each stretch is read by one and is short, so that a reader who stalls
holds none. They read what is committed: "the end" is the last stable offset, and control records and aborted ones take
offsets that nobody sees.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from chassis import clock
from chassis.kafka import KafkaSettings
from events_service.stream.gap import Bounds
from events_service.stream.merge import Merge
from events_service.stream.position import END, Place, Vector
from events_service.stream.record import Entry, Unreadable, entry

_log = structlog.get_logger(__name__)

BEFORE_MS: Final = 60_000
"""Times are sought this much earlier: the broker's append time trails the change's own."""
_MARGIN_MS: Final = 600_000
"""A stretch that is nearly old enough to be compacted may be so before it is read."""


_METADATA_SECONDS: Final = 5.0


class Unavailable(Exception):
    """Kafka does not answer now."""


class Gone(Exception):
    """The log does not have that position (any more)."""


@dataclass(frozen=True, slots=True)
class Told:
    """A message from the log and the position after it."""

    entry: Entry
    after: Vector


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the log and the position up to which it goes."""

    told: list[Told]
    position: Vector


class Log:
    """At most `consumers` stretches are read at the same time; others wait their turn, at most `within` seconds."""

    def __init__(
        self, kafka: KafkaSettings, topic: str, *, keep_ms: int | None, consumers: int = 4, within: float = 20.0
    ) -> None:
        self.topic = topic
        self._kafka = kafka
        self._keep_ms = keep_ms
        self._within = within
        self._idle: asyncio.LifoQueue[AIOKafkaConsumer | None] = asyncio.LifoQueue()
        for _ in range(consumers):
            self._idle.put_nowait(None)

    def consumer(self, **options: Any) -> AIOKafkaConsumer:
        """One that reads what is committed, belongs to no group, and never jumps by itself."""
        return AIOKafkaConsumer(
            **self._kafka.client_options(),
            group_id=None,
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="none",
            **options,
        )

    def partition(self, index: int) -> TopicPartition:
        return TopicPartition(self.topic, index)

    async def stop(self) -> None:
        while not self._idle.empty():
            consumer = self._idle.get_nowait()
            if consumer is not None:
                await consumer.stop()

    async def bounds(self, partitions: int) -> Bounds:
        """How far the log goes now. Raises Unavailable."""
        all_of_them = [self.partition(index) for index in range(partitions)]
        async with self._lent() as consumer:
            begin = await consumer.beginning_offsets(all_of_them)
            end = await consumer.end_offsets(all_of_them)
            whole = {}
            if self._keep_ms is not None:
                oldest = int(clock.epoch_seconds() * 1000) - self._keep_ms + _MARGIN_MS
                whole = await consumer.offsets_for_times(dict.fromkeys(all_of_them, oldest))
        return Bounds(
            begin=tuple(begin[tp] for tp in all_of_them),
            whole=tuple(
                (found.offset if (found := whole.get(tp)) is not None else end[tp])
                if self._keep_ms is not None
                else begin[tp]
                for tp in all_of_them
            ),
            end=tuple(end[tp] for tp in all_of_them),
        )

    async def sought(self, places: tuple[Place, ...]) -> Vector:
        """The offsets of places, of which some are times. Raises Unavailable."""
        times = {
            self.partition(index): max(0, place.timestamp - BEFORE_MS)
            for index, place in enumerate(places)
            if place.timestamp is not None
        }
        async with self._lent() as consumer:
            all_of_them = [self.partition(index) for index in range(len(places))]
            end = await consumer.end_offsets(all_of_them)
            found = await consumer.offsets_for_times(times) if times else {}
        vector = []
        for tp, place in zip(all_of_them, places, strict=True):
            at = found.get(tp)
            if place.offset is not None and place.offset != END:
                vector.append(place.offset)
            else:
                vector.append(at.offset if at is not None else end[tp])
        return tuple(vector)

    async def read(self, start: Vector, stop: Vector, enough_bytes: int, *, only_tombstones: bool = False) -> Stretch:
        """From `start` on and not beyond `stop`: at least so many bytes if there are, hardly more than a fetch gives.

        Raises Gone, Unavailable.
        """
        merge: Merge[ConsumerRecord] = Merge(start, stop)
        told: list[Told] = []
        size = 0
        async with self._lent() as consumer:
            for index in merge.needed():
                consumer.seek(self.partition(index), start[index])
            while not merge.done:
                popped = merge.pop()
                if popped is None:
                    # what was fetched is used up before the stretch ends: the next one fetches anew
                    if size >= enough_bytes:
                        break
                    await self._fill(consumer, merge)
                    continue
                record = popped[1]
                size += len(record.value or b"")
                seen = None if only_tombstones and record.value is not None else decoded(record)
                if seen is not None:
                    told.append(Told(seen, merge.position))
        return Stretch(told, merge.position)

    async def _fill(self, consumer: AIOKafkaConsumer, merge: Merge[ConsumerRecord]) -> None:
        needed = {index: self.partition(index) for index in merge.needed()}
        if not needed:
            return
        consumer.resume(*needed.values())
        got = await consumer.getmany(*needed.values(), timeout_ms=50)
        for index, tp in needed.items():
            merge.put(index, got.get(tp, ()), await consumer.position(tp))
        consumer.pause(*needed.values())

    @asynccontextmanager
    async def _lent(self) -> AsyncIterator[AIOKafkaConsumer]:
        """A consumer of its own for a moment; one with which anything went wrong is not used again."""
        consumer: AIOKafkaConsumer | None = None
        lent = False
        try:
            async with asyncio.timeout(self._within):
                consumer = await self._idle.get()
                lent = True
                consumer = consumer or await self._started()
                yield consumer
        except BaseException as error:
            if lent:
                self._idle.put_nowait(None)
                if consumer is not None:
                    await asyncio.shield(_quietly_stopped(consumer))
            if isinstance(error, OffsetOutOfRangeError):
                raise Gone from error
            if isinstance(error, KafkaError | TimeoutError | OSError):
                raise Unavailable(type(error).__name__) from error
            raise
        self._idle.put_nowait(consumer)

    async def _started(self) -> AIOKafkaConsumer:
        consumer = self.consumer(fetch_max_wait_ms=20, max_partition_fetch_bytes=65_536)
        try:
            await consumer.start()
            found = await partitions_of(consumer, self.topic)
        except BaseException:
            await asyncio.shield(_quietly_stopped(consumer))
            raise
        all_of_them = [self.partition(index) for index in range(found)]
        consumer.assign(all_of_them)
        consumer.pause(*all_of_them)
        for tp in all_of_them:
            consumer.seek(tp, 0)
        return consumer


async def partitions_of(consumer: AIOKafkaConsumer, topic: str) -> int:
    """How many partitions the topic has; the consumer must be assigned anew. Raises Unavailable without the topic."""
    first = TopicPartition(topic, 0)
    consumer.assign([first])
    consumer.pause(first)
    consumer.seek(first, 0)
    try:
        async with asyncio.timeout(_METADATA_SECONDS):
            await consumer.beginning_offsets([first])
    except TimeoutError:
        raise Unavailable(f"there is no topic {topic}") from None
    return len(consumer.partitions_for_topic(topic))


def decoded(record: ConsumerRecord) -> Entry | None:
    """The record's entry; None for what nobody is shown, which is logged unless it is there for Kafka's sake."""
    try:
        return entry(record.partition, record.offset, record.key, record.value)
    except Unreadable as error:
        _log.error(
            "not a public RSVP, left out of the stream",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            why=str(error),
        )
        return None


async def _quietly_stopped(consumer: AIOKafkaConsumer) -> None:
    try:
        async with asyncio.timeout(5):
            await consumer.stop()
    except (KafkaError, TimeoutError, OSError) as error:
        _log.info("a consumer did not stop cleanly", error=type(error).__name__)
