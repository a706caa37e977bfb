"""A topic read whole, as committed."""

from collections.abc import Iterable
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.kafka import KafkaSettings
from contracts.registry import topics

INJECTED = "convene-fault"
"""Header of records that a fault put into a topic: they are not the relay's."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One record."""

    id: str
    type: str
    subject: str
    sequence: int
    key: str
    value: bytes | None


async def read_all(kafka: KafkaSettings, names: Iterable[str]) -> dict[str, list[Sent]]:
    """Each topic's records up to its last stable offsets, in order per partition, without what faults put there.

    `names` are the registry's.
    """
    consumer = AIOKafkaConsumer(
        **kafka.client_options(),
        isolation_level="read_committed",
        enable_auto_commit=False,
        max_partition_fetch_bytes=4 << 20,
    )
    try:
        await consumer.start()
        by_topic = {kafka.topic(name): name for name in names}
        partitions = [
            TopicPartition(topic, number)
            for topic, name in by_topic.items()
            for number in range(topics()[name].partitions)
        ]
        consumer.assign(partitions)
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(partitions)
        found: dict[str, list[Sent]] = {name: [] for name in by_topic.values()}
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for partition, records in (await consumer.getmany(timeout_ms=200)).items():
                for record in records:
                    headers = dict(record.headers)
                    if INJECTED in headers:
                        continue
                    found[by_topic[partition.topic]].append(
                        Sent(
                            headers["ce_id"].decode(),
                            headers["ce_type"].decode(),
                            headers["ce_subject"].decode(),
                            int(headers["ce_sequence"]),
                            record.key.decode(),
                            record.value,
                        )
                    )
        return found
    finally:
        await consumer.stop()
