"""What a test asks of the session's Kafka."""

from collections.abc import Callable

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import PolicyViolationError
from aiokafka.structs import TopicPartition

from chassis.kafka import KafkaSettings
from contracts.registry import topics
from testkit.waiting import eventually

Headers = dict[str, str]


async def messages(
    kafka: KafkaSettings, topic: str, where: Callable[[Headers], bool] = lambda headers: True
) -> list[tuple[Headers, bytes | None]]:
    """Headers and values of the topic's committed messages so far whose headers fit, in order per partition.

    topic: its name in the registry. The value of a deletion is None.
    """
    consumer = AIOKafkaConsumer(isolation_level="read_committed", **kafka.client_options())
    await consumer.start()
    try:
        partitions = [TopicPartition(kafka.topic(topic), number) for number in range(topics()[topic].partitions)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        found: list[tuple[Headers, bytes | None]] = []
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=100)).values():
                for record in records:
                    headers = {name: value.decode() for name, value in record.headers}
                    if where(headers):
                        found.append((headers, record.value))
        return found
    finally:
        await consumer.stop()


async def cut_off(admin: AIOKafkaAdminClient, place: TopicPartition, *, before: int) -> None:
    """Lose the partition's records before this offset; that its topic may, a broker hears a moment later."""

    async def gone() -> bool:
        try:
            await admin.delete_records({place: RecordsToDelete(before_offset=before)})
        except PolicyViolationError:
            return False
        return True

    await eventually(gone)


async def delete_topics(bootstrap: str, prefix: str) -> None:
    """Delete every topic whose name begins so."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        names = [name for name in await admin.list_topics() if name.startswith(prefix)]
        if names:
            await admin.delete_topics(names)
    finally:
        await admin.close()
