"""Damage that is planted in the database is found by the reconciler itself, by its next pass."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import bank
import pytest
import pytest_asyncio
from bank import add
from proving import TOPIC, books_of, consuming, finds, progress_of, reconciling, relaying, settled, shown

from chassis import topics
from chassis.journal import Journal, prepare
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, connect
from chassis.reconcile import Reconciler
from contracts.registry import topics as registry
from testkit import KafkaServer, eventually
from testkit.planting import kept, nothing_wrong
from testkit.topics import delete_topics


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
            await eventually(lambda: settled(books), within=60)
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
        await eventually(lambda: quiet.reconciler.progress()["wrong"] == {"handoffs_stuck": 1}, within=60)
        await finds(quiet.reconciler, "handoffs_stuck")
