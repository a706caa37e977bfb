"""The reconciler says 0 of a sound database, and finds planted damage."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import bank
import pytest
from bank import add

from chassis import topics
from chassis.journal import Journal
from chassis.kafka import KafkaSettings
from chassis.mongo import Database
from chassis.reconcile import Report, reconcile
from chassis.relay import Relay
from contracts.registry import topics as registry
from testkit import eventually


@pytest.fixture
async def kafka(kafka_bootstrap: str, topic_prefix: str) -> KafkaSettings:
    settings = KafkaSettings(bootstrap=kafka_bootstrap, prefix=topic_prefix)
    await topics.apply(settings, registry())
    return settings


async def report(database: Database, kafka: KafkaSettings) -> Report:
    return await reconcile(database, kafka, "events", deciders=bank.DECIDERS)


async def test_a_quiet_service_has_nothing_wrong_and_nothing_left(
    journal: Journal, database: Database, kafka: KafkaSettings
) -> None:
    await asyncio.gather(*[journal.run(add(f"a{i % 5}")) for i in range(40)])
    assert (await report(database, kafka)).sound
    assert not (await report(database, kafka)).settled
    relay = Relay(database, kafka, "events", lease_seconds=1)
    await relay.start()

    async def settled() -> bool:
        return (await report(database, kafka)).settled

    await eventually(settled)
    await relay.stop()
    assert (await report(database, kafka)).counted == {"entries": 40, "aggregates": 5}


Plant = Callable[[Database], Awaitable[Any]]


async def lose_a_batch(database: Database) -> None:
    await database["journal"].delete_many({"_id": {"lane": "0.0", "n": 2}})


async def lose_an_entry(database: Database) -> None:
    await database["journal"].update_one({"_id": {"lane": "0.0", "n": 2}}, {"$set": {"entries": []}})


async def change_a_counter(database: Database) -> None:
    await database[bank.ACCOUNTS].update_one({"_id": "a"}, {"$inc": {"journal.sequence": 1}})


async def lose_a_document(database: Database) -> None:
    await database[bank.ACCOUNTS].delete_many({"_id": "a"})


async def lose_a_result(database: Database) -> None:
    (batch,) = await database["journal"].find({"_id": {"lane": "0.0", "n": 1}})
    await database["results"].delete_many({"_id": batch["entries"][0]["command_id"]})


@pytest.mark.parametrize(
    ("plant", "named"),
    [
        (lose_a_batch, "batches_missing"),
        (lose_an_entry, "message_gaps"),
        (lose_an_entry, "sequence_gaps"),
        (change_a_counter, "counters_wrong"),
        (lose_a_document, "counters_wrong"),
        (lose_a_result, "entries_without_result"),
    ],
)
async def test_planted_damage_is_found(
    journal: Journal, database: Database, kafka: KafkaSettings, plant: Plant, named: str
) -> None:
    for _ in range(3):
        await journal.run(add("a"))
    assert (await report(database, kafka)).sound
    await plant(database)
    assert (await report(database, kafka)).damage[named] > 0


async def test_what_a_group_has_not_read_is_counted(database: Database, kafka: KafkaSettings, journal: Journal) -> None:
    for _ in range(3):
        await journal.run(add("a"))
    relay = Relay(database, kafka, "events", lease_seconds=1)
    await relay.start()

    async def unread() -> bool:
        found = await reconcile(
            database, kafka, "events", deciders=bank.DECIDERS, consumed=["events.rsvp.v1"], group=f"{kafka.prefix}none"
        )
        return found.behind["unread_records"] == 3

    await eventually(unread)
    await relay.stop()
