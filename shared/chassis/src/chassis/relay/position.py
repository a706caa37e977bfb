"""How far a lane is published: the last record of its partition in the service's relay topic.

It is written in the same Kafka transaction as the messages, so it says neither more nor less than what was published.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import BaseModel

from chassis.kafka import KafkaSettings

T = TypeVar("T")


class Position(BaseModel):
    """The value of a relay topic's record. batch: the batch's own random mark; older releases did not say it."""

    lane: str
    n: int
    batch: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lane's position is kept."""

    topic: str
    partition: int
    lane: str


async def read(kafka: KafkaSettings, place: Place) -> int | None:
    """The last published batch of the lane, by what is committed; None when the partition has no word of it."""
    position = await position_at(kafka, place)
    return None if position is None else position.n


async def position_at(kafka: KafkaSettings, place: Place) -> Position | None:
    """As `read`, with all that the record says."""

    def own(record: Any) -> Position | None:
        position = Position.model_validate_json(record.value)
        return position if position.lane == place.lane else None

    async with reader(kafka) as consumer:
        return await last_that(consumer, TopicPartition(place.topic, place.partition), own)


@asynccontextmanager
async def reader(kafka: KafkaSettings, isolation: str = "read_committed") -> AsyncIterator[AIOKafkaConsumer]:
    """Reads where it is told to. isolation: Kafka's level, which also says what the end of a partition is."""
    consumer = AIOKafkaConsumer(
        **kafka.client_options(), isolation_level=isolation, enable_auto_commit=False, fetch_max_wait_ms=100
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def last_that(consumer: AIOKafkaConsumer, partition: TopicPartition, find: Callable[[Any], T | None]) -> T | None:
    """What `find` makes of the last record of the partition of which it makes something."""
    consumer.assign([partition])
    begin = (await consumer.beginning_offsets([partition]))[partition]
    end = (await consumer.end_offsets([partition]))[partition]
    back = 16
    while True:
        start = max(begin, end - back)
        found = await _last(consumer, partition, start, end, find)
        if found is not None or start <= begin:
            return found
        back *= 8


async def _last(
    consumer: AIOKafkaConsumer, partition: TopicPartition, start: int, end: int, find: Callable[[Any], T | None]
) -> T | None:
    """The last one between two offsets; control and aborted records take offsets but are not seen."""
    consumer.seek(partition, start)
    last: T | None = None
    while await consumer.position(partition) < end:
        batch = await consumer.getmany(partition, timeout_ms=200)
        for record in batch.get(partition, []):
            found = find(record)
            last = last if found is None else found
    return last
