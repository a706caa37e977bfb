"""Kafka and the journal hold different things: the relay stops, or publishes again what Kafka has lost."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from bank import add
from prometheus_client import REGISTRY
from published import TOPIC, has_published, published

from chassis.journal import Busy, Journal, Unknown
from chassis.journal.lease import Lease
from chassis.journal.shape import JOURNAL, LANES, RELAYS
from chassis.kafka import KafkaSettings
from chassis.mongo import Database
from chassis.relay import Relay
from chassis.relay.restored import Renewed, new_generation
from contracts.registry import topics as registry
from testkit import eventually

from .damaging import (
    backup,
    backup_before_more,
    lose_position,
    one_by_one,
    repeated,
    restore,
    set_position,
    truncate,
)

Start = Callable[..., Awaitable[Journal]]


async def persisted(journal: Journal, account: str) -> bool:
    """Whether the lane takes it."""
    try:
        await journal.run(add(account), deadline=20)
    except Busy:
        return False
    return True


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
