"""The journal when things break: takeovers, dead writers, doubtful commits, a database that goes away."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import bank
import pytest
from bank import add
from pymongo import AsyncMongoClient

from chassis.ids import random_id
from chassis.journal import Busy, Command, Journal, Unknown, prepare
from chassis.journal.shape import batch
from chassis.mongo import Database, connect
from testkit import MongoServer, eventually

Start = Callable[..., Awaitable[Journal]]


@asynccontextmanager
async def failing(server: MongoServer, database: Database, times: int, **how: Any) -> AsyncIterator[None]:
    """Arm mongod's `failCommand` for the clients of one database."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(server.root_url)
    data = {"namespace": f"{database.name}.{bank.LINES}", **how} if "namespace" in how else how
    await client.admin.command(
        {"configureFailPoint": "failCommand", "mode": {"times": times}, "data": {"appName": database.name, **data}}
    )
    try:
        yield
    finally:
        await client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})
        await client.close()


@pytest.fixture
async def named(mongo_url: str) -> AsyncIterator[Database]:
    """A database whose client tells its name, so that fail points reach it alone."""
    plain = connect(mongo_url)
    name = plain.name
    plain.close()
    found = connect(f"{mongo_url}{'&' if '?' in mongo_url else '?'}appName={name}")
    await prepare(found)
    await bank.prepare(found)
    yield found
    found.close()


async def totals_agree(database: Database, acknowledged: dict[str, int]) -> None:
    """Ledger, lines, journal and results tell the same story, and hold all that was acknowledged."""
    lines = {line["_id"]: line["total"] for line in await database[bank.LINES].find({})}
    entries = [entry for b in await database["journal"].find({}, sort=[("_id", 1)]) for entry in b["entries"]]
    assert {entry["facts"][0]["line"]: entry["facts"][0]["total"] for entry in entries} == lines
    assert len(entries) == len(lines)
    for account in await database[bank.ACCOUNTS].find({}):
        own = [entry for entry in entries if entry["aggregate"] == account["_id"]]
        assert account["total"] == len(own)
        assert [entry["sequence"] for entry in own] == list(range(1, len(own) + 1))
        assert [m["sequence"] for entry in own for m in entry["messages"]] == list(range(1, len(own) + 1))
    for id_, total in acknowledged.items():
        assert next(total_ for line, total_ in lines.items() if line.endswith(f":{id_}")) == total


async def persist(journal: Journal, commands: list[Command], heard: dict[str, int]) -> None:
    """A caller who repeats the same command until it is answered."""
    for command in commands:
        while command.id not in heard:
            try:
                heard[command.id] = (await journal.run(command, deadline=3)).answer["total"]
            except (Unknown, Busy):
                await asyncio.sleep(0)  # a journal that has stopped says so at once: others must have their turn


def both(first: Journal, second: Journal, callers: int) -> list[tuple[int, Journal]]:
    return [(i, (first, second)[i % 2]) for i in range(callers)]


@pytest.mark.parametrize(
    "how",
    [
        {"failCommands": ["commitTransaction"], "closeConnection": True},
        {"failCommands": ["commitTransaction"], "errorCode": 11602, "errorLabels": ["UnknownTransactionCommitResult"]},
        {"failCommands": ["commitTransaction"], "errorCode": 251, "errorLabels": ["TransientTransactionError"]},
        {"failCommands": ["commitTransaction"], "writeConcernError": {"code": 91, "errmsg": "shutting down"}},
        {"failCommands": ["insert"], "errorCode": 112, "errorLabels": ["TransientTransactionError"]},
        {"failCommands": ["insert"], "closeConnection": True},
        {"failCommands": ["update"], "closeConnection": True},
        {"failCommands": ["find"], "closeConnection": True},
    ],
)
async def test_an_error_on_the_way_changes_no_answer(
    mongo_server: MongoServer, named: Database, start_journal: Start, how: dict[str, Any]
) -> None:
    journal = await start_journal(on=named)
    await journal.run(add("warm"))
    heard: dict[str, int] = {}
    async with failing(mongo_server, named, 3, **how):
        await asyncio.gather(*[persist(journal, [add(f"a{i % 5}") for _ in range(10)], heard) for i in range(20)])
    assert len(heard) == 200
    await totals_agree(named, heard)


async def test_a_second_replica_hands_over_and_takes_over(start_journal: Start, database: Database) -> None:
    first, second = await start_journal(), await start_journal()
    await eventually(lambda: first.writes or second.writes)
    heard: dict[str, int] = {}
    callers = [
        asyncio.create_task(persist(journal, [add(f"a{i % 3}") for _ in range(20)], heard))
        for i, journal in both(first, second, 10)
    ]
    await eventually(lambda: len(heard) > 60)
    stopped, left = (first, second) if first.writes else (second, first)
    stop = asyncio.create_task(stopped.stop())
    await stop
    for caller in callers[::2] if stopped is first else callers[1::2]:
        caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    await eventually(lambda: left.writes)
    assert (await left.run(add("after"))).answer == {"total": 1}
    await totals_agree(database, heard)


async def test_a_replica_without_the_lane_forwards_all_it_is_given(start_journal: Start, database: Database) -> None:
    """Commands that come while others are being handed over are handed over too."""
    first, second = await start_journal(lease_seconds=5), await start_journal(lease_seconds=5)
    await eventually(lambda: first.writes or second.writes)
    other = second if first.writes else first
    asked: list[asyncio.Task[Any]] = []
    for number in range(900):
        asked.append(asyncio.create_task(other.run(add(f"a{number % 5}"), deadline=60)))
        if number % 30 == 0:
            await database.command({"ping": 1})
    answers = await asyncio.gather(*asked)
    assert sorted(answer.answer["total"] for answer in answers) == sorted(list(range(1, 181)) * 5)


async def test_a_thief_of_the_lane_makes_nobody_wrong(start_journal: Start, database: Database) -> None:
    """Two writers that both believe they hold the lane: the batch id lets one of them win each time."""
    first, second = await start_journal(lease_seconds=30), await start_journal(lease_seconds=30)
    heard: dict[str, int] = {}

    async def rob() -> None:
        for _ in range(10):
            await database["lanes"].update_one({"_id": "0.0"}, {"$set": {"until": None, "owner": None}})
            for journal in (first, second):
                for writer in journal._writers:
                    writer.lease._until = 1e12  # both believe they hold it
                    writer.ring()
            await asyncio.sleep(0)
            await eventually(lambda: database["lanes"].count({"_id": "0.0"}))

    callers = [persist(journal, [add(f"a{i % 3}") for _ in range(15)], heard) for i, journal in both(first, second, 8)]
    await asyncio.gather(rob(), *callers)
    assert len(heard) == 120
    await totals_agree(database, heard)


async def test_a_dead_writer_s_open_transaction_does_not_hold_the_lane(
    start_journal: Start, database: Database
) -> None:
    dead = await database.session()
    await database["lanes"].update_one({"_id": "0.0"}, {"$set": {"owner": "dead", "lsid": dead.lsid, "until": None}})
    dead.begin()
    await database["journal"].insert_one(batch("0.0", 1, "dead", datetime(2026, 1, 1, tzinfo=UTC), []), session=dead)
    journal = await start_journal()
    async with asyncio.timeout(4):  # mongod itself would end it after 5 s
        assert (await journal.run(add("a"))).answer == {"total": 1}
    await dead.end()


def _more_than(heard: dict[str, int], number: int) -> bool:
    return len(heard) > number


async def test_the_database_goes_away_and_comes_back(spare_mongo: MongoServer) -> None:
    async with spare_mongo.database() as url:
        database = connect(url)
        await prepare(database)
        await bank.prepare(database)
        journal = Journal(database, bank.DECIDERS, lease_seconds=1)
        await journal.start()
        heard: dict[str, int] = {}
        commands = [[add(f"a{i % 5}") for _ in range(30)] for i in range(20)]
        callers = [asyncio.create_task(persist(journal, some, heard)) for some in commands]
        assert spare_mongo.running is not None
        for more in (150, 300):
            await eventually(partial(_more_than, heard, more))
            spare_mongo.running.kill()
            await spare_mongo.running.restart()
        await asyncio.gather(*callers)
        assert len(heard) == 600
        await totals_agree(database, heard)
        await journal.stop()
        database.close()


async def test_a_caller_past_the_deadline_hears_unknown_and_the_repeat_hears_the_answer(
    spare_mongo: MongoServer,
) -> None:
    async with spare_mongo.database() as url:
        database = connect(url)
        await prepare(database)
        await bank.prepare(database)
        journal = Journal(database, bank.DECIDERS)
        await journal.start()
        await journal.run(add("a"))
        command = Command(random_id(), "account.add", "a", {}, fingerprint="f")
        assert spare_mongo.running is not None
        spare_mongo.running.freeze()
        try:
            with pytest.raises(Unknown):
                await journal.run(command, deadline=0.3)
        finally:
            spare_mongo.running.thaw()
        assert (await journal.run(command)).answer == {"total": 2}
        await journal.stop()
        database.close()
