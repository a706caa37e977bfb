"""What makes Kafka and the journal hold different things: a restored database, a truncated topic."""

import bank
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from bank import add
from prometheus_client import REGISTRY
from published import has_published

from chassis.journal import HANDOFFS, Journal
from chassis.journal.shape import FLOORS, JOURNAL, LANES, RELAYS, RESULTS, TRIMMED
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, Document
from chassis.relay.position import Position
from testkit import eventually

from .test_journal_faults import persist

STORED = (JOURNAL, RESULTS, HANDOFFS, LANES, RELAYS, FLOORS, TRIMMED, bank.ACCOUNTS, bank.LINES)


async def backup(database: Database) -> dict[str, list[Document]]:
    return {name: await database[name].find({}) for name in STORED}


async def restore(database: Database, kept: dict[str, list[Document]]) -> None:
    for name, documents in kept.items():
        await database[name].delete_many({})
        if documents:
            await database[name].insert_many(documents)


async def backup_before_more(journal: Journal, database: Database, kafka: KafkaSettings) -> dict[str, list[Document]]:
    """Two messages are told and in the backup, three more are told since."""
    await one_by_one(journal, "ab")
    await eventually(lambda: has_published(kafka, 2), within=60)
    kept = await backup(database)
    await one_by_one(journal, "aab")
    await eventually(lambda: has_published(kafka, 5), within=60)
    return kept


async def set_position(kafka: KafkaSettings, n: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap)
    await producer.start()
    value = Position(lane="0.0", n=n).model_dump_json().encode()
    await producer.send_and_wait(kafka.topic("events.relay.v1"), value, key=b"0.0", partition=0)
    await producer.stop()


def repeated() -> float:
    return REGISTRY.get_sample_value("convene_relay_batches_repeated_total") or 0.0


async def one_by_one(journal: Journal, accounts: str) -> None:
    heard: dict[str, int] = {}
    for account in accounts:
        await persist(journal, [add(account)], heard)


async def lose_position(kafka: KafkaSettings) -> None:
    await truncate(kafka, "events.relay.v1", 8)


async def truncate(kafka: KafkaSettings, topic: str, partitions: int) -> None:
    """All records of a topic are gone. Kafka deletes records of topics that are not compacted."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await consumer.start()
    await admin.start()
    try:
        places = [TopicPartition(kafka.topic(topic), number) for number in range(partitions)]
        ends = await consumer.end_offsets(places)
        await admin.delete_records({place: RecordsToDelete(before_offset=end) for place, end in ends.items()})
    finally:
        await admin.close()
        await consumer.stop()
