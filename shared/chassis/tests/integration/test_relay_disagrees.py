"""Kafka and the journal hold different things: a restored database, a truncated topic."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import bank
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from bank import add
from prometheus_client import REGISTRY
from published import TOPIC, published

from chassis import topics
from chassis.journal import HANDOFFS, Busy, Journal, Unknown
from chassis.journal.generation import in_force
from chassis.journal.lease import Lease
from chassis.journal.shape import FLOORS, JOURNAL, LANES, RELAYS, RESULTS, TRIMMED
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, Document
from chassis.reconcile import Auditor, Books, reconcile
from chassis.relay import Relay
from chassis.relay.position import Position
from chassis.relay.restored import NotAhead, Renewed, new_generation
from chassis.retention import trim
from contracts.registry import topics as registry
from testkit import eventually

from .test_journal_faults import persist

Start = Callable[..., Awaitable[Journal]]
STORED = (JOURNAL, RESULTS, HANDOFFS, LANES, RELAYS, FLOORS, TRIMMED, bank.ACCOUNTS, bank.LINES)


async def has_published(kafka: KafkaSettings, number: int) -> bool:
    return len(await published(kafka)) == number


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


async def persisted(journal: Journal, account: str) -> bool:
    """Whether the lane takes it."""
    try:
        await journal.run(add(account), deadline=20)
    except Busy:
        return False
    return True


async def one_by_one(journal: Journal, accounts: str) -> None:
    heard: dict[str, int] = {}
    for account in accounts:
        await persist(journal, [add(account)], heard)


async def test_a_position_beyond_the_journal_stops_the_relay_and_the_writer(
    journal: Journal, database: Database, bare_kafka: KafkaSettings, start_relay: Callable[[], Awaitable[Relay]]
) -> None:
    await journal.run(add("a"))
    await set_position(bare_kafka, 99)
    relay = await start_relay()
    await eventually(relay._working[0].done)
    assert await published(bare_kafka) == []
    await eventually(lambda: database[LANES].count({"_id": "0.0", "stopped": {"$ne": None}}))
    with pytest.raises(Busy):
        await journal.run(add("a"), deadline=20)
    assert REGISTRY.get_sample_value("convene_journal_refuses", {"lane": "0.0", "kind": "stopped"}) == 1
    assert REGISTRY.get_sample_value("convene_relay_disagrees", {"lane": "0.0"}) == 1
    assert await database[JOURNAL].count({}) == 1


async def test_a_database_restored_under_a_writer_stops_it_until_the_relay_has_looked(
    journal: Journal, database: Database, kafka: KafkaSettings, start_relay: Callable[[], Awaitable[Relay]]
) -> None:
    await one_by_one(journal, "ab")
    kept = await backup(database)
    (lane,) = [one for one in kept[LANES] if one["_id"] == "0.0"]
    await eventually(lambda: database[LANES].count({"_id": "0.0", "until": {"$gt": lane["until"]}}))
    await one_by_one(journal, "aab")
    await restore(database, kept)
    # which of the two depends on whether the writer had lost its lane, too, when it heard the command
    with pytest.raises((Busy, Unknown)):
        await journal.run(add("a"), deadline=20)
    assert await database[JOURNAL].count({}) == 2
    assert await database[LANES].count({"_id": "0.0", "stopped": {"$ne": None}}) == 1
    # of what is gone nothing was published: it is as if it had never been
    await start_relay()
    await eventually(lambda: database[LANES].count({"_id": "0.0", "stopped": None}), within=60)
    await eventually(lambda: persisted(journal, "a"), within=20)
    await eventually(lambda: has_published(kafka, 3), within=60)


async def test_a_lease_of_a_database_put_back_is_not_renewed(journal: Journal, database: Database) -> None:
    """Else a writer that renews before it decides would take the older journal for its own."""
    lease = Lease(database, RELAYS, "0.0", "one", 9.0)
    taken = await lease.take()
    assert taken is not None
    assert await lease.renew()
    before = {"$set": {"until": taken["until"] - timedelta(seconds=1)}}
    await database[RELAYS].update_one({"_id": "0.0"}, before)
    assert not await lease.renew()
    assert not lease.held


async def test_a_database_restored_under_a_relay_stops_it(
    start_journal: Start, database: Database, kafka: KafkaSettings, start_relay: Callable[[], Awaitable[Relay]]
) -> None:
    journal, relay = await start_journal(), await start_relay()
    kept = await backup_before_more(journal, database, kafka)
    await journal.stop()
    await restore(database, dict(reversed(kept.items())))  # the journal last: what the relay says on seeing it stays
    await eventually(relay._working[0].done)
    assert await database[LANES].count({"_id": "0.0", "stopped": {"$ne": None}}) == 1
    assert REGISTRY.get_sample_value("convene_relay_disagrees", {"lane": "0.0"}) == 1
    assert await database[RELAYS].count({"_id": "0.0", "published": {"$gt": 2}}) == 0
    begun = await new_generation(database, kafka, "events", registry())
    assert begun == Renewed(generation=1, lanes=1, forgotten=3, subjects=2, republished=0)


async def test_a_restored_journal_that_grew_beyond_what_kafka_holds_is_not_mistaken_for_the_lost_one(
    start_journal: Start, database: Database, kafka: KafkaSettings, start_relay: Callable[[], Awaitable[Relay]]
) -> None:
    journal, relay = await start_journal(), await start_relay()
    kept = await backup_before_more(journal, database, kafka)
    await journal.stop()
    await relay.stop()
    await restore(database, kept)
    journal = await start_journal()
    await one_by_one(journal, "abcabc")
    relay = await start_relay()
    await eventually(relay._working[0].done, within=60)
    assert await has_published(kafka, 5)
    assert await database[LANES].count({"_id": "0.0", "stopped": {"$ne": None}}) == 1


async def test_after_a_restored_backup_a_new_generation_goes_on_above_what_was_told(
    start_journal: Start, database: Database, bare_kafka: KafkaSettings, start_relay: Callable[[], Awaitable[Relay]]
) -> None:
    """`a` was told of before and after the backup, `b` before, `c` only after; then come decisions nobody was told."""
    await topics.apply(bare_kafka, registry())
    journal, relay = await start_journal(), await start_relay()
    await one_by_one(journal, "aab")
    await eventually(lambda: has_published(bare_kafka, 3), within=60)
    await journal.stop()
    await relay.stop()
    kept = await backup(database)
    journal, relay = await start_journal(), await start_relay()
    await one_by_one(journal, "aaacc")
    await eventually(lambda: has_published(bare_kafka, 8), within=60)
    auditor = Auditor(Books(database, bare_kafka, "events", bank.DECIDERS), full_every=3600)
    assert (await auditor.look()).sound
    await journal.stop()
    await relay.stop()

    await restore(database, kept)
    journal = await start_journal()
    await one_by_one(journal, "ab")
    await start_relay()
    await eventually(lambda: database[LANES].count({"_id": "0.0", "stopped": {"$ne": None}}), within=60)

    skipped: list[int] = []

    async def skip(database: Database, many: int) -> None:
        skipped.append(many)

    begun = await new_generation(database, bare_kafka, "events", registry(), skip=skip)
    assert begun == Renewed(generation=1, lanes=1, forgotten=5, subjects=2, republished=2)
    assert skipped == [5]
    await eventually(lambda: journal.writes, within=60)
    await one_by_one(journal, "abc")
    await eventually(lambda: has_published(bare_kafka, 13), within=60)
    found = await published(bare_kafka)
    told = {who: [sequence for one, sequence, *_ in found if one == who] for who in "abc"}
    assert told == {"a": [1, 2, 3, 4, 5, 6, 7], "b": [1, 2, 3], "c": [1, 2, 3]}
    assert len({id_ for _, _, id_, _ in found}) == 13
    proven = await auditor.look()
    assert proven.sound, proven.document()
    with pytest.raises(NotAhead):
        await new_generation(database, bare_kafka, "events", registry())


async def test_a_new_generation_knows_what_was_trimmed_and_moves_own_text_readably(
    start_journal: Start, database: Database, bare_kafka: KafkaSettings, start_relay: Callable[[], Awaitable[Relay]]
) -> None:
    await topics.apply(bare_kafka, registry())
    books = Books(database, bare_kafka, "events", bank.DECIDERS)
    journal, relay = await start_journal(), await start_relay()
    await one_by_one(journal, "aab")
    await eventually(lambda: has_published(bare_kafka, 3), within=60)
    assert (await reconcile(books)).sound
    assert await trim(database, bare_kafka, "events", keep=timedelta(0)) == {"0.0": 2}
    await journal.stop()
    await relay.stop()
    kept = await backup(database)
    journal, relay = await start_journal(), await start_relay()
    await one_by_one(journal, "aab")
    await eventually(lambda: has_published(bare_kafka, 6), within=60)
    await journal.stop()
    await relay.stop()

    await restore(database, kept)
    journal = await start_journal()
    await journal.run(add("b", name="account.note", note="mine"))
    await start_relay()
    await eventually(lambda: database[LANES].count({"_id": "0.0", "stopped": {"$ne": None}}), within=60)
    begun = await new_generation(database, bare_kafka, "events", registry())
    assert begun == Renewed(generation=1, lanes=1, forgotten=3, subjects=2, republished=1)
    await eventually(lambda: journal.writes, within=60)
    await one_by_one(journal, "a")
    await eventually(lambda: has_published(bare_kafka, 8), within=60)
    found = [(who, sequence, json.loads(value or b"{}")) for who, sequence, _, value in await published(bare_kafka)]
    told = [(who, sequence, value["total"], value.get("note")) for who, sequence, value in found[6:]]
    assert told == [("b", 3, 2, "mine"), ("a", 5, 3, None)]
    assert (await reconcile(books)).sound


@pytest.mark.parametrize("broken_off", ["before the new lanes", "after a batch was moved"])
async def test_a_new_generation_that_was_broken_off_goes_on(
    start_journal: Start,
    database: Database,
    bare_kafka: KafkaSettings,
    monkeypatch: pytest.MonkeyPatch,
    broken_off: str,
) -> None:
    journal = await start_journal()
    kept = await backup(database)
    relay = Relay(database, bare_kafka, "events", lease_seconds=1)
    await relay.start()
    await one_by_one(journal, "aa")
    await eventually(lambda: has_published(bare_kafka, 2), within=60)
    await journal.stop()
    await relay.stop()
    await restore(database, kept)
    journal = await start_journal()
    await one_by_one(journal, "a")
    await one_by_one(journal, "a")
    await journal.stop()
    await set_position(bare_kafka, 50)

    async def breaks(*given: Any) -> None:
        raise ConnectionError("broken off")

    moved = 0
    with monkeypatch.context() as breaking:
        if broken_off == "before the new lanes":
            breaking.setattr("chassis.relay.restored._begin", breaks)
        else:
            real = Database.transaction

            def once(self: Database) -> Any:
                nonlocal moved
                moved += 1
                if moved > 1:
                    raise ConnectionError("broken off")
                return real(self)

            breaking.setattr(Database, "transaction", once)
        with pytest.raises(ConnectionError):
            await new_generation(database, bare_kafka, "events", registry())
    await new_generation(database, bare_kafka, "events", registry())
    assert (await in_force(database)).number == 1
    messages = [m for b in await database[JOURNAL].find({}) for entry in b["entries"] for m in entry["messages"]]
    assert [message["sequence"] for message in messages] == [3, 4]
    (floor,) = await database[FLOORS].find({})
    assert floor["sequence"] == 4


async def test_a_lost_position_is_found_in_the_topics(
    journal: Journal, database: Database, bare_kafka: KafkaSettings, start_relay: Callable[[], Awaitable[Relay]]
) -> None:
    relay = await start_relay()
    await asyncio.gather(*[journal.run(add(f"a{i % 3}")) for i in range(30)])
    await eventually(lambda: has_published(bare_kafka, 30), within=60)
    await relay.stop()
    await lose_position(bare_kafka)
    await asyncio.gather(*[journal.run(add(f"a{i % 3}")) for i in range(30)])
    await start_relay()
    await eventually(lambda: has_published(bare_kafka, 60), within=60)
    assert len({id_ for _, _, id_, _ in await published(bare_kafka)}) == 60


async def test_what_kafka_has_lost_is_published_again_and_counted(
    journal: Journal, database: Database, bare_kafka: KafkaSettings, start_relay: Callable[[], Awaitable[Relay]]
) -> None:
    relay = await start_relay()
    for _ in range(4):
        await journal.run(add("a"))
    await eventually(lambda: has_published(bare_kafka, 4), within=60)
    await relay.stop()
    await database[RELAYS].update_one({"_id": "0.0"}, {"$set": {"published": 4}})
    await truncate(bare_kafka, TOPIC, 4)
    await set_position(bare_kafka, 1)
    before = repeated()
    await start_relay()
    await eventually(lambda: has_published(bare_kafka, 3), within=60)
    assert [sequence for _, sequence, *_ in await published(bare_kafka)] == [2, 3, 4]
    assert repeated() - before == 3


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
