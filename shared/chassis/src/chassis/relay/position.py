"""How far a lane is published: the last record of its partition in the service's relay topic.

It is written in the same Kafka transaction as the messages, so it says neither more nor less than what was published.
"""

from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import BaseModel

from chassis.kafka import KafkaSettings


class Position(BaseModel):
    """The value of a relay topic's record."""

    lane: str
    n: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lane's position is kept."""

    topic: str
    partition: int
    lane: str


async def read(kafka: KafkaSettings, place: Place) -> int | None:
    """The last published batch of the lane, by what is committed; None when the partition has no word of it."""
    partition = TopicPartition(place.topic, place.partition)
    consumer = AIOKafkaConsumer(
        **kafka.client_options(), isolation_level="read_committed", enable_auto_commit=False, fetch_max_wait_ms=100
    )
    try:
        await consumer.start()
        consumer.assign([partition])
        begin = (await consumer.beginning_offsets([partition]))[partition]
        end = (await consumer.end_offsets([partition]))[partition]
        back = 16
        while True:
            start = max(begin, end - back)
            found = await _last(consumer, partition, start, end, place.lane)
            if found is not None or start <= begin:
                return found
            back *= 8
    finally:
        await consumer.stop()


async def _last(consumer: AIOKafkaConsumer, partition: TopicPartition, start: int, end: int, lane: str) -> int | None:
    """The lane's last position between two offsets; control and aborted records take offsets but are not seen."""
    consumer.seek(partition, start)
    last: int | None = None
    while await consumer.position(partition) < end:
        batch = await consumer.getmany(partition, timeout_ms=200)
        for record in batch.get(partition, []):
            position = Position.model_validate_json(record.value)
            if position.lane == lane:
                last = position.n
    return last
