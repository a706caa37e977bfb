"""What the topics themselves say of a lane: each record names the batch that it came from.

Slow beside the position in the relay topic, and asked only when that is lost or cannot be believed.
"""

from collections.abc import AsyncIterator, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.kafka import KafkaSettings
from chassis.relay.record import source_of
from contracts.registry import Topic


async def own_records(
    kafka: KafkaSettings, service: str, topics: Mapping[str, Topic]
) -> AsyncIterator[tuple[str, dict[str, bytes]]]:
    """Of all committed records that the service's relay has left in the topics, up to their present ends: the topic's
    name in the registry, and the headers. Topics that are not there hold nothing."""
    consumer = AIOKafkaConsumer(
        **kafka.client_options(), isolation_level="read_committed", enable_auto_commit=False, fetch_max_wait_ms=100
    )
    source = source_of(service).encode()
    try:
        await consumer.start()
        there = await consumer.topics()
        for topic in topics.values():
            if service not in topic.writers or kafka.topic(topic.name) not in there:
                continue
            for number in range(topic.partitions):
                async for headers in _headers(consumer, TopicPartition(kafka.topic(topic.name), number)):
                    if headers.get("ce_source") == source and "lane" in headers:
                        yield topic.name, headers
    finally:
        await consumer.stop()


async def _headers(consumer: AIOKafkaConsumer, partition: TopicPartition) -> AsyncIterator[dict[str, bytes]]:
    consumer.assign([partition])
    await consumer.seek_to_beginning(partition)
    end = (await consumer.end_offsets([partition]))[partition]
    while await consumer.position(partition) < end:
        for record in (await consumer.getmany(partition, timeout_ms=200)).get(partition, []):
            yield dict(record.headers)


async def last_seen(kafka: KafkaSettings, service: str, topics: Mapping[str, Topic], lane: str) -> int:
    """The last batch of a lane that left a record in the topics; 0 for none.

    A transaction holds whole batches: where one record of it is committed, all of it is.
    """
    last = 0
    async for _, headers in own_records(kafka, service, topics):
        if headers["lane"] == lane.encode():
            last = max(last, int(headers["n"]))
    return last
