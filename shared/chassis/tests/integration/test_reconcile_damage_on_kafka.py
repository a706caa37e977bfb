"""Damage on Kafka is found by the reconciler itself, by its next pass.

Apart from damage in the database: there a reconciler works for all tests of the file, and a process' metrics have room
for one of a service.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import bank
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.structs import TopicPartition
from bank import add
from proving import TOPIC, books_of, finds, progress_of, reconciling, relaying, settled, shown

from chassis.journal import Journal
from chassis.kafka import KafkaSettings
from chassis.mongo import Database
from chassis.relay.position import Position
from chassis.relay.record import partition_of
from testkit import eventually
from testkit.planting import nothing_wrong

PARTITION = partition_of("a", 4)


async def records_of(kafka: KafkaSettings, topic: str = TOPIC, partition: int = PARTITION) -> list[Any]:
    place = TopicPartition(kafka.topic(topic), partition)
    consumer = AIOKafkaConsumer(**kafka.client_options(), isolation_level="read_committed")
    await consumer.start()
    try:
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        found: list[Any] = []

        async def all_of_them() -> bool:
            found.extend((await consumer.getmany(place, timeout_ms=100)).get(place, []))
            return bool(await consumer.position(place) >= (await consumer.end_offsets([place]))[place])

        await eventually(all_of_them)
        return found
    finally:
        await consumer.stop()


async def send(kafka: KafkaSettings, place: tuple[str, int], key: bytes, value: bytes, headers: Any = ()) -> None:
    topic, partition = place
    producer = AIOKafkaProducer(**kafka.client_options())
    await producer.start()
    try:
        await producer.send_and_wait(kafka.topic(topic), value, key=key, partition=partition, headers=list(headers))
    finally:
        await producer.stop()


async def invent_a_message(database: Database, kafka: KafkaSettings) -> None:
    *_, last = await records_of(kafka)
    changed = {"ce_id": b"events-0.0-9-1", "n": b"9", "ce_sequence": b"4"}
    headers = [(name, changed.get(name, value)) for name, value in last.headers]
    await send(kafka, (TOPIC, PARTITION), last.key, last.value, headers)


async def say_it_differently(database: Database, kafka: KafkaSettings) -> None:
    *_, last = await records_of(kafka)
    await send(kafka, (TOPIC, PARTITION), last.key, b'{"total":99}', last.headers)


async def say_it_again(database: Database, kafka: KafkaSettings) -> None:
    first, *_ = await records_of(kafka)
    await send(kafka, (TOPIC, PARTITION), first.key, first.value, first.headers)


async def delete_records(database: Database, kafka: KafkaSettings) -> None:
    *_, last = await records_of(kafka)
    admin = AIOKafkaAdminClient(**kafka.client_options())
    await admin.start()
    place = TopicPartition(kafka.topic(TOPIC), PARTITION)
    await admin.delete_records({place: RecordsToDelete(last.offset)})
    await admin.close()


async def claim_to_have_published(database: Database, kafka: KafkaSettings) -> None:
    """A batch after the last one, and a position that says it is out."""
    (batch,) = await database["journal"].find({"_id": {"lane": "0.0", "n": 3}})
    (entry,) = batch["entries"]
    (message,) = entry["messages"]
    entry |= {"sequence": 4, "command_id": "c4", "messages": [{**message, "sequence": 4}]}
    await database["results"].insert_one({"_id": "c4"})
    await database[bank.ACCOUNTS].update_one(
        {"_id": "a"}, [{"$set": {"journal": {"sequence": 4, "sent": {"$literal": {TOPIC: 4}}}}}]
    )
    position = Position(lane="0.0", n=4).model_dump_json().encode()
    await send(kafka, ("events.relay.v1", 0), b"0.0", position)
    await database["journal"].insert_one({**batch, "_id": {"lane": "0.0", "n": 4}})


async def restore_an_old_journal(database: Database, kafka: KafkaSettings) -> None:
    await send(kafka, ("events.relay.v1", 0), b"0.0", Position(lane="0.0", n=40).model_dump_json().encode())


@pytest.mark.parametrize(
    ("plant", "named"),
    [
        pytest.param(invent_a_message, "messages_without_entry", id="message invented"),
        pytest.param(say_it_differently, "messages_altered", id="message altered"),
        pytest.param(say_it_again, "messages_repeated", id="message repeated"),
        pytest.param(delete_records, "messages_missing", id="records deleted"),
        pytest.param(claim_to_have_published, "messages_missing", id="message never sent"),
        pytest.param(restore_an_old_journal, "positions_beyond", id="position beyond the journal"),
    ],
)
async def test_damage_on_kafka_is_found(
    journal: Journal,
    database: Database,
    kafka: KafkaSettings,
    plant: Callable[[Database, KafkaSettings], Awaitable[Any]],
    named: str,
) -> None:
    """The relay has stopped by then, so that it does not meet the damage."""
    books = books_of(database, kafka)
    async with relaying(database, kafka):
        for _ in range(3):
            await journal.run(add("a"))
        await eventually(lambda: settled(books), within=60)
    async with reconciling(books) as reconciler:
        await nothing_wrong(progress_of(reconciler))
        assert shown("convene_reconcile_damage") == 0
        await plant(database, kafka)
        await finds(reconciler, named)
    assert shown("convene_reconcile_damage") is None, "who does not hold the reconciler shows nothing"
