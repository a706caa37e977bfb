"""The reconciler says 0 of a sound database, whatever is under way, and finds planted damage in one pass."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import bank
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.structs import TopicPartition
from bank import add
from prometheus_client import REGISTRY

from chassis import topics
from chassis.consumers import Consumers, Effects, Received, Subscription
from chassis.consumers import prepare as prepare_consumers
from chassis.journal import Journal
from chassis.kafka import KafkaSettings
from chassis.mongo import Database
from chassis.reconcile import Auditor, Books, Reconciler, Report, Timing, prepare, reconcile
from chassis.relay import Relay
from chassis.relay.position import Position
from chassis.relay.record import partition_of
from contracts.registry import topics as registry
from testkit import eventually

TOPIC = "events.rsvp.v1"
PARTITION = partition_of("a", 4)
QUICK = Timing(every=0.1, share=1.0, full=0.0, idle=0.5, lease=1.0)


@pytest.fixture
async def kafka(kafka_bootstrap: str, topic_prefix: str) -> KafkaSettings:
    settings = KafkaSettings(bootstrap=kafka_bootstrap, prefix=topic_prefix)
    await topics.apply(settings, registry())
    return settings


async def take(messages: Sequence[Received[Any]], effects: Effects) -> None:
    """Only the marks move."""


def reading(database: Database, kafka: KafkaSettings) -> Consumers:
    return Consumers("events", database, kafka, [Subscription(TOPIC, take)])


@asynccontextmanager
async def consuming(database: Database, kafka: KafkaSettings) -> AsyncIterator[None]:
    await prepare_consumers(database)
    consumers = reading(database, kafka)
    await consumers.start()
    yield
    await consumers.stop()


@asynccontextmanager
async def relaying(database: Database, kafka: KafkaSettings) -> AsyncIterator[None]:
    relay = Relay(database, kafka, "events", lease_seconds=1)
    await relay.start()
    yield
    await relay.stop()


@asynccontextmanager
async def reconciling(books: Books) -> AsyncIterator[Reconciler]:
    await prepare(books.database)
    reconciler = Reconciler(books, QUICK)
    await reconciler.start()
    yield reconciler
    await reconciler.stop()


def books_of(database: Database, kafka: KafkaSettings, *, read: bool = False) -> Books:
    if not read:
        return Books(database, kafka, "events", bank.DECIDERS)
    group = reading(database, kafka).group
    return Books(database, kafka, "events", bank.DECIDERS, consumed=[TOPIC], group=group)


async def report(database: Database, kafka: KafkaSettings) -> Report:
    return await reconcile(books_of(database, kafka))


async def settled(books: Books) -> bool:
    found = await reconcile(books)
    assert found.sound, found.document()
    return found.settled


async def test_a_quiet_service_has_nothing_wrong_and_nothing_left(
    journal: Journal, database: Database, kafka: KafkaSettings
) -> None:
    await asyncio.gather(*[journal.run(add(f"a{i % 5}")) for i in range(40)])
    before = await report(database, kafka)
    assert (before.sound, before.settled, before.confirmed) == (True, False, {"0.0": 0})
    async with relaying(database, kafka):
        await eventually(lambda: settled(books_of(database, kafka)), within=30)
    after = await report(database, kafka)
    assert after.counted == {"entries": 40, "aggregates": 5}
    (lane,) = await database["lanes"].find({"_id": "0.0"})
    assert after.confirmed == {"0.0": lane["confirmed_to"]}
    assert lane["confirmed_to"] > 0


async def test_work_under_way_is_no_damage(journal: Journal, database: Database, kafka: KafkaSettings) -> None:
    """Writer, relay and consumer work while passes are made, old ones remembered."""
    auditor = Auditor(books_of(database, kafka, read=True), full_every=3600)
    done = asyncio.Event()

    async def work() -> None:
        for _ in range(40):
            await asyncio.gather(*[journal.run(add(f"a{i % 7}")) for i in range(20)])
        done.set()

    async with relaying(database, kafka), consuming(database, kafka):
        working = asyncio.create_task(work())
        while not done.is_set():
            found = await auditor.look()
            assert found.sound, found.document()
        await working
        await eventually(lambda: settled(auditor.books), within=30)
        assert (await auditor.look()).counted == {"entries": 800, "aggregates": 7}


Plant = Callable[[Database, KafkaSettings], Awaitable[Any]]


async def lose_a_batch(database: Database, kafka: KafkaSettings) -> None:
    await database["journal"].delete_many({"_id": {"lane": "0.0", "n": 2}})


async def lose_an_entry(database: Database, kafka: KafkaSettings) -> None:
    await database["journal"].update_one({"_id": {"lane": "0.0", "n": 2}}, {"$set": {"entries": []}})


async def change_a_counter(database: Database, kafka: KafkaSettings) -> None:
    await database[bank.ACCOUNTS].update_one({"_id": "a"}, {"$inc": {"journal.sequence": 1}})


async def forget_what_was_sent(database: Database, kafka: KafkaSettings) -> None:
    sent = {"$literal": {TOPIC: 1}}
    await database[bank.ACCOUNTS].update_one({"_id": "a"}, [{"$set": {"journal": {"sequence": 3, "sent": sent}}}])


async def lose_a_document(database: Database, kafka: KafkaSettings) -> None:
    await database[bank.ACCOUNTS].delete_many({"_id": "a"})


async def lose_a_result(database: Database, kafka: KafkaSettings) -> None:
    (batch,) = await database["journal"].find({"_id": {"lane": "0.0", "n": 1}})
    await database["results"].delete_many({"_id": batch["entries"][0]["command_id"]})


async def forget_a_command(database: Database, kafka: KafkaSettings) -> None:
    """A handoff that the writer passes over for ever, as if its release did not know the command."""
    await database["handoffs"].insert_one(
        {"_id": "h", "lane": "0.0", "aggregate": "b", "name": "account.unheard-of", "source": None, "first": False}
        | {"at": 0, "deadline": None}
    )


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


def to_mark(sequence: int) -> Plant:
    async def move(database: Database, kafka: KafkaSettings) -> None:
        await database["marks"].update_one({"_id.subject": "a"}, {"$set": {"sequence": sequence}})

    return move


@pytest.mark.parametrize(
    ("plant", "named"),
    [
        pytest.param(lose_a_batch, "batches_missing", id="batch lost"),
        pytest.param(lose_an_entry, "message_gaps", id="entry lost: messages"),
        pytest.param(lose_an_entry, "sequence_gaps", id="entry lost: entries"),
        pytest.param(lose_an_entry, "messages_without_entry", id="entry lost: topic"),
        pytest.param(change_a_counter, "counters_wrong", id="counter changed"),
        pytest.param(forget_what_was_sent, "counters_wrong", id="message counter changed"),
        pytest.param(lose_a_document, "counters_wrong", id="document lost"),
        pytest.param(lose_a_result, "entries_without_result", id="result lost"),
        pytest.param(forget_a_command, "handoffs_stuck", id="command forgotten"),
        pytest.param(invent_a_message, "messages_without_entry", id="message invented"),
        pytest.param(say_it_differently, "messages_altered", id="message altered"),
        pytest.param(say_it_again, "messages_repeated", id="message repeated"),
        pytest.param(delete_records, "messages_missing", id="records deleted"),
        pytest.param(claim_to_have_published, "messages_missing", id="message never sent"),
        pytest.param(restore_an_old_journal, "positions_beyond", id="position beyond the journal"),
        pytest.param(to_mark(2), "marks_behind", id="mark set back"),
        pytest.param(to_mark(9), "marks_ahead", id="mark set forward"),
    ],
)
async def test_planted_damage_is_found_by_itself(
    journal: Journal, database: Database, kafka: KafkaSettings, plant: Plant, named: str
) -> None:
    """Relay and consumer have stopped by then, so that nobody else meets the damage."""
    books = books_of(database, kafka, read=True)
    async with relaying(database, kafka), consuming(database, kafka):
        for _ in range(3):
            await journal.run(add("a"))
        await eventually(lambda: settled(books), within=40)
    async with reconciling(books) as reconciler:
        await eventually(lambda: reconciler.progress().get("wrong") == {}, within=20)
        await eventually(lambda: shown("convene_reconcile_damage") == 0)
        await plant(database, kafka)
        await eventually(lambda: reconciler.progress()["wrong"].get(named), within=20)
        await eventually(lambda: shown("convene_reconcile_wrong", check=named) > 0)
        await eventually(lambda: shown("convene_reconcile_damage") > 0)
    assert shown("convene_reconcile_wrong", check=named) == 0, "who does not hold the reconciler shows nothing"


def shown(metric: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(metric, {"service": "events", **labels}) or 0.0


async def test_what_a_later_pass_does_not_read_again_is_counted_again(
    journal: Journal, database: Database, kafka: KafkaSettings
) -> None:
    for _ in range(3):
        await journal.run(add("a"))
    auditor = Auditor(books_of(database, kafka), full_every=3600)
    assert (await auditor.look()).sound
    await lose_a_batch(database, kafka)
    assert (await auditor.look()).damage["batches_missing"] == 1
    assert (await auditor.look()).damage["batches_missing"] == 1, "damage stays until it is mended"


async def test_what_was_trimmed_is_not_missing(journal: Journal, database: Database, kafka: KafkaSettings) -> None:
    books = books_of(database, kafka, read=True)
    async with relaying(database, kafka), consuming(database, kafka):
        for _ in range(5):
            await journal.run(add("a"))
        await eventually(lambda: settled(books), within=40)
        await database["lanes"].update_one({"_id": "0.0"}, {"$set": {"trimmed_to": 3}})
        await database["trimmed"].insert_one({"_id": "a", "v": 1, "sequence": 3, "sent": {TOPIC: 3}})
        assert (await reconcile(books)).sound
        await database["journal"].delete_many({"_id": {"$lte": {"lane": "0.0", "n": 3}}})
        await journal.run(add("a"))
        await eventually(lambda: settled(books), within=20)


async def test_one_process_of_a_service_does_it(database: Database, kafka: KafkaSettings) -> None:
    books = books_of(database, kafka)
    async with reconciling(books) as first:
        await eventually(lambda: first.progress().get("passes"), within=20)
        async with reconciling(books) as second:
            await eventually(lambda: first.progress()["passes"] > 3, within=20)
            assert second.progress() == {"held": False}
            await first.stop()
            await eventually(lambda: second.progress().get("passes"), within=20)


async def test_what_a_group_has_not_read_is_counted(database: Database, kafka: KafkaSettings, journal: Journal) -> None:
    for _ in range(3):
        await journal.run(add("a"))
    await prepare_consumers(database)
    books = Books(database, kafka, "events", bank.DECIDERS, consumed=[TOPIC], group=f"{kafka.prefix}none")
    async with relaying(database, kafka):

        async def unread() -> bool:
            return (await reconcile(books)).behind["unread_records"] == 3

        await eventually(unread, within=30)
