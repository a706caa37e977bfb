"""Damage that is planted is found by the reconciler itself, by its next pass."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import bank
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.structs import TopicPartition
from bank import add
from proving import TOPIC, books_of, consuming, reconciling, relaying, settled, shown

from chassis import topics
from chassis.journal import Journal, prepare
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, connect
from chassis.reconcile import Reconciler
from chassis.relay.position import Position
from chassis.relay.record import partition_of
from contracts.registry import topics as registry
from testkit import KafkaServer, eventually
from testkit.planting import found_in_a_pass, kept, nothing_wrong
from testkit.topics import delete_topics

PARTITION = partition_of("a", 4)


def progress_of(reconciler: Reconciler) -> Callable[[], Awaitable[dict[str, Any]]]:
    async def progress() -> dict[str, Any]:
        return {"reconcile": reconciler.progress()}

    return progress


async def finds(reconciler: Reconciler, named: str) -> None:
    """What the next pass finds is what the metrics show."""
    kinds = named.split()
    await found_in_a_pass(progress_of(reconciler), *kinds)
    assert all(shown("convene_reconcile_wrong", check=kind) for kind in kinds)
    assert shown("convene_reconcile_damage")


@dataclass(frozen=True)
class Quiet:
    database: Database
    reconciler: Reconciler


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def quiet(module_mongo_url: str, kafka_server: KafkaServer) -> AsyncIterator[Quiet]:
    """Three decisions, published and taken in; a writer with nothing more to do, and a reconciler."""
    kafka = KafkaSettings(bootstrap=kafka_server.bootstrap, prefix=f"t{secrets.token_hex(4)}.")
    await topics.apply(kafka, registry())
    database = connect(module_mongo_url)
    await prepare(database)
    await bank.prepare(database)
    journal = Journal(database, bank.DECIDERS, lease_seconds=1)
    await journal.start()
    try:
        books = books_of(database, kafka, read=True)
        async with relaying(database, kafka), consuming(database, kafka):
            for _ in range(3):
                await journal.run(add("a"))
            await eventually(lambda: settled(books), within=40)
        async with reconciling(books) as reconciler:
            yield Quiet(database, reconciler)
    finally:
        await journal.stop()
        database.close()
        await delete_topics(kafka.bootstrap, kafka.prefix)


async def lose_a_batch(database: Database) -> None:
    await database["journal"].delete_many({"_id": {"lane": "0.0", "n": 2}})


async def lose_an_entry(database: Database) -> None:
    await database["journal"].update_one({"_id": {"lane": "0.0", "n": 2}}, {"$set": {"entries": []}})


async def change_a_counter(database: Database) -> None:
    await database[bank.ACCOUNTS].update_one({"_id": "a"}, {"$inc": {"journal.sequence": 1}})


async def forget_what_was_sent(database: Database) -> None:
    sent = {"$literal": {TOPIC: 1}}
    await database[bank.ACCOUNTS].update_one({"_id": "a"}, [{"$set": {"journal": {"sequence": 3, "sent": sent}}}])


async def lose_a_document(database: Database) -> None:
    await database[bank.ACCOUNTS].delete_many({"_id": "a"})


async def lose_a_result(database: Database) -> None:
    (batch,) = await database["journal"].find({"_id": {"lane": "0.0", "n": 1}})
    await database["results"].delete_many({"_id": batch["entries"][0]["command_id"]})


async def forget_a_command(database: Database) -> None:
    """A handoff that the writer passes over for ever, as if its release did not know the command."""
    await database["handoffs"].insert_one(
        {"_id": "h", "lane": "0.0", "aggregate": "b", "name": "account.unheard-of", "source": None, "first": False}
        | {"at": 0, "deadline": None}
    )


def to_mark(sequence: int) -> Callable[[Database], Awaitable[None]]:
    async def move(database: Database) -> None:
        await database["marks"].update_one({"_id.subject": "a"}, {"$set": {"sequence": sequence}})

    return move


IN_DATABASE = ("journal", "results", "handoffs", "marks", bank.ACCOUNTS)


@pytest.mark.parametrize(
    ("plant", "named"),
    [
        pytest.param(lose_a_batch, "batches_missing", id="batch lost"),
        pytest.param(lose_an_entry, "sequence_gaps message_gaps messages_without_entry", id="entry lost"),
        pytest.param(change_a_counter, "counters_wrong", id="counter changed"),
        pytest.param(forget_what_was_sent, "counters_wrong", id="message counter changed"),
        pytest.param(lose_a_document, "counters_wrong", id="document lost"),
        pytest.param(lose_a_result, "entries_without_result", id="result lost"),
        pytest.param(to_mark(2), "marks_behind", id="mark set back"),
        pytest.param(to_mark(9), "marks_ahead", id="mark set forward"),
    ],
)
async def test_damage_in_the_database_is_found(
    quiet: Quiet, plant: Callable[[Database], Awaitable[Any]], named: str
) -> None:
    async with kept(quiet.database, *IN_DATABASE):
        await nothing_wrong(progress_of(quiet.reconciler))
        assert shown("convene_reconcile_damage") == 0
        await plant(quiet.database)
        await finds(quiet.reconciler, named)


async def test_a_command_that_is_passed_over_is_found(quiet: Quiet) -> None:
    """Once its lane has had the time for it."""
    async with kept(quiet.database, *IN_DATABASE):
        await nothing_wrong(progress_of(quiet.reconciler))
        await forget_a_command(quiet.database)
        await eventually(lambda: quiet.reconciler.progress()["wrong"] == {"handoffs_stuck": 1}, within=20)
        await finds(quiet.reconciler, "handoffs_stuck")


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
        await eventually(lambda: settled(books), within=40)
    async with reconciling(books) as reconciler:
        await nothing_wrong(progress_of(reconciler))
        assert shown("convene_reconcile_damage") == 0
        await plant(database, kafka)
        await finds(reconciler, named)
    assert shown("convene_reconcile_damage") is None, "who does not hold the reconciler shows nothing"
