"""What the topics themselves say of a lane: each record names the batch that it came from.

Slow beside the position in the relay topic, and asked only when that is lost or cannot be believed.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.kafka import KafkaSettings
from chassis.relay.position import last_that, reader
from chassis.relay.record import source_of
from contracts.registry import Topic

Where = tuple[str, int]
"""A topic's name in the registry, and a partition of it."""


async def own_records(
    kafka: KafkaSettings, service: str, topics: Mapping[str, Topic]
) -> AsyncIterator[tuple[str, dict[str, bytes]]]:
    """Of all committed records that the service's relay has left in the topics, up to their present ends: the topic's
    name in the registry, and the headers. Topics that are not there hold nothing."""
    async with reader(kafka) as consumer:
        for topic, number in await _written(consumer, kafka, service, topics):
            async for record in _records(consumer, TopicPartition(kafka.topic(topic), number)):
                headers = _left_by(service, record)
                if headers is not None:
                    yield topic, headers


def _left_by(service: str, record: Any) -> dict[str, bytes] | None:
    """The headers of a record that the service's relay has left; None of any other."""
    headers = dict(record.headers)
    left = headers.get("ce_source") == source_of(service).encode() and "lane" in headers
    return headers if left else None


async def _written(
    consumer: AIOKafkaConsumer, kafka: KafkaSettings, service: str, topics: Mapping[str, Topic]
) -> list[Where]:
    there = await consumer.topics()
    return [
        (topic.name, number)
        for topic in topics.values()
        if service in topic.writers and kafka.topic(topic.name) in there
        for number in range(topic.partitions)
    ]


async def _records(consumer: AIOKafkaConsumer, partition: TopicPartition) -> AsyncIterator[Any]:
    consumer.assign([partition])
    await consumer.seek_to_beginning(partition)
    end = (await consumer.end_offsets([partition]))[partition]
    while await consumer.position(partition) < end:
        for record in (await consumer.getmany(partition, timeout_ms=200)).get(partition, []):
            yield record


async def last_seen(kafka: KafkaSettings, service: str, topics: Mapping[str, Topic], lane: str) -> dict[Where, int]:
    """Per partition the last batch of a lane that left a record there.

    A transaction holds whole batches, and what a broker loses is the end of a partition: of this batch and of all
    before it, the partition has everything.
    """
    generation = int(lane.partition(".")[0])

    def own(record: Any) -> int | None:
        headers = _left_by(service, record)
        if headers is None:
            return None
        other = headers["lane"].decode()
        if other == lane:
            return int(headers["n"])
        return 0 if int(other.partition(".")[0]) < generation else None  # no lane begins before the older ones end

    async with reader(kafka) as consumer:
        found = {
            (topic, number): await last_that(consumer, TopicPartition(kafka.topic(topic), number), own)
            for topic, number in await _written(consumer, kafka, service, topics)
        }
    return {place: n for place, n in found.items() if n}
