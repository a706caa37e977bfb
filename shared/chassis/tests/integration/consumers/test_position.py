"""Waiting for a position: for the messages, and for what they cause here."""

import asyncio
from collections.abc import Awaitable, Callable

import bank
from consuming import FACTS, STATE, Publisher, applied

from chassis import position
from chassis.consumers import Consumers
from chassis.journal import Journal
from chassis.journal.handoff import handoff_write
from chassis.journal.shape import HANDOFFS
from chassis.mongo import Database, DeleteMany

Start = Callable[..., Awaitable[Consumers]]
StartJournal = Callable[..., Awaitable[Journal]]

CONSUMED = {FACTS, STATE}


async def total(database: Database, account: str) -> int:
    found = await database[bank.ACCOUNTS].find_one({"_id": account})
    return 0 if found is None else int(found["total"])


async def test_a_position_is_waited_for(
    start: Start, start_journal: StartJournal, publish: Publisher, database: Database
) -> None:
    await start()
    await start_journal()
    assert not await position.wait_until(database, f"{FACTS}:e1@2", CONSUMED, timeout=0.05)
    waiting = asyncio.create_task(position.wait_until(database, f"{FACTS}:e1@2,x.y.v1:z@9", CONSUMED, timeout=20))
    await publish.fact("e1", 1, 2)
    assert await waiting
    await publish.state("g1", 5)
    assert await position.wait_until(database, f"{STATE}:g1@4", CONSUMED, timeout=20)
    assert await position.wait_until(database, "x.y.v1:z@9", CONSUMED, timeout=0)


async def test_what_a_message_causes_is_done_before_its_place_is_reached(
    start: Start, start_journal: StartJournal, publish: Publisher, database: Database
) -> None:
    await start()
    await publish.fact("e1", 1, 2)
    await applied(database, e1=[1, 2])
    assert not await position.wait_until(database, f"{FACTS}:e1@1", CONSUMED, timeout=0)
    await start_journal()
    assert await position.wait_until(database, f"{FACTS}:e1@2", CONSUMED, timeout=20)
    assert await total(database, "e1") == 2


async def test_what_later_messages_and_others_cause_is_not_waited_for(
    start: Start, publish: Publisher, database: Database
) -> None:
    await start()
    await publish.fact("e1", 1, 2)
    await publish.fact("e2", 1)
    await applied(database, e1=[1, 2], e2=[1])
    decided = {"source.subject": "e1", "source.sequence": 1}
    await database[HANDOFFS].write([DeleteMany(decided)])
    assert await position.wait_until(database, f"{FACTS}:e1@1", CONSUMED, timeout=0)
    assert not await position.wait_until(database, f"{FACTS}:e1@2", CONSUMED, timeout=0)
    assert not await position.wait_until(database, f"{FACTS}:e1@1,{FACTS}:e2@1", CONSUMED, timeout=0)


async def test_the_children_of_what_it_causes_are_waited_for_too(
    start: Start, start_journal: StartJournal, publish: Publisher, database: Database
) -> None:
    """More of them than one transaction hands over, each with one of its own."""
    await start()
    await publish.fact("e1", 1)
    await applied(database, e1=[1])
    [caused] = await database[HANDOFFS].find({})
    followers = [f"f{number}" for number in range(520)]
    await database[HANDOFFS].update_one({"_id": caused["_id"]}, {"$set": {"body.spread": followers}})
    await start_journal()
    assert await position.wait_until(database, f"{FACTS}:e1@1", CONSUMED, timeout=60)
    assert await database[bank.ACCOUNTS].count({"_id": {"$in": followers}, "total": 1}) == len(followers)


async def test_work_is_looked_for_in_an_index_that_holds_no_other(database: Database) -> None:
    """Commands that no message caused are not in it."""
    await database[HANDOFFS].write([handoff_write(bank.add(f"a{number}")) for number in range(50)])
    place = {"origin.topic": FACTS, "origin.subject": "e1", "origin.sequence": {"$lte": 9}}
    find = {"find": HANDOFFS, "filter": {"$or": [place, {**place, "origin.subject": "e2"}]}, "limit": 1}
    explained = await database.command({"explain": find, "verbosity": "executionStats"})
    examined = explained["executionStats"]
    assert (examined["totalDocsExamined"], examined["totalKeysExamined"]) == (0, 0)
