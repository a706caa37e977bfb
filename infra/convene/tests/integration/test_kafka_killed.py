"""A broker that was killed: what was under way there ends, and with its end written everywhere."""

from pathlib import Path
from time import monotonic

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from convene.parts.kafka import start_kafka
from convene.parts.ports import free_port
from testkit import eventually

TOPIC = "t"
PLACES = [TopicPartition(TOPIC, number) for number in range(3)]


async def ends(bootstrap: str, isolation: str) -> dict[TopicPartition, int]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, isolation_level=isolation)
    await consumer.start()
    try:
        found: dict[TopicPartition, int] = await consumer.end_offsets(PLACES)
        return found
    finally:
        await consumer.stop()


async def test_a_transaction_that_ran_out_meanwhile_leaves_no_partition_open(tmp_path: Path) -> None:
    """A coordinator that aborts before its own listener is open writes no end to the partitions (Kafka 4.4), and the
    next commit of the same producer then shows the aborted records. So it must not look that early."""
    port, controller = free_port(), free_port()
    kafka = await start_kafka(tmp_path, port, controller_port=controller)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.address)
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, len(PLACES), 1)])
    await admin.close()
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka.address, transactional_id="one", transaction_timeout_ms=4000, acks="all"
    )
    await producer.start()
    begun = monotonic()
    await producer.begin_transaction()
    for place in PLACES:
        await producer.send_and_wait(TOPIC, b"under way", partition=place.partition)
    kafka.kill()
    await kafka.wait_end(10)
    await eventually(lambda: monotonic() - begun > 4, because="it runs out before its coordinator is back")
    again = await start_kafka(tmp_path, port, controller_port=controller)
    try:
        expected = dict.fromkeys(PLACES, 2)  # the record, and the end of its transaction
        await eventually(lambda: has_ended(again.address, expected), within=90)
    finally:
        await producer.stop()
        await again.stop()


async def has_ended(bootstrap: str, expected: dict[TopicPartition, int]) -> bool:
    return await ends(bootstrap, "read_uncommitted") == expected == await ends(bootstrap, "read_committed")
