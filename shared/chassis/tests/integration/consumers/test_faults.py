"""A group when things break: its database goes away, a member dies or is frozen, a handler is too slow for Kafka."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import bank
import pytest
from consuming import FACTS, QUICK, SEEN, STATE, Notebook, Publisher, applied, publisher, seen

from chassis import topics
from chassis.consumers import Consumers, Effects, Received
from chassis.consumers.group import prepare
from chassis.consumers.parking import PARKED
from chassis.journal import prepare as prepare_journal
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, connect, errors
from contracts.registry import topics as registry
from testkit import KafkaServer, MongoServer, eventually

Start = Callable[..., Awaitable[Consumers]]

MEMBER = Path(__file__).parents[2] / "consuming_member.py"


@pytest.fixture
async def fragile(spare_mongo: MongoServer) -> AsyncIterator[Database]:
    """A database that the test may take away."""
    async with spare_mongo.database() as url:
        found = connect(url)
        await prepare_journal(found)
        await bank.prepare(found)
        await prepare(found)
        await found.ensure_collection(SEEN)
        yield found
        found.close()


async def test_without_its_database_a_group_pauses_parks_nothing_and_goes_on(
    start: Start, publish: Publisher, fragile: Database, spare_mongo: MongoServer
) -> None:
    member = await start(on=fragile)
    await publish.fact("e1", 1, 2)
    await applied(fragile, e1=[1, 2])
    assert spare_mongo.running is not None
    spare_mongo.running.kill()
    await publish.fact("e1", 3, 4)
    await publish.fact("e2", 1, partition=1)
    await eventually(lambda: member.progress()["paused"], within=60)
    await asyncio.sleep(3 * QUICK.patience)  # several times as long as a batch is kept in hand
    await spare_mongo.running.start()
    await publish.fact("e1", 5)
    await applied(fragile, within=60, e1=[1, 2, 3, 4, 5], e2=[1])
    assert await fragile[PARKED].count({}) == 0
    await eventually(lambda: not member.progress()["paused"] and member.progress()["assigned"] == 8)
    assert all(not task.done() for task in member.tasks)


async def test_a_group_stops_while_its_database_is_away(
    start: Start, publish: Publisher, fragile: Database, spare_mongo: MongoServer
) -> None:
    member = await start(replace(QUICK, patience=60.0), on=fragile)
    await publish.fact("e1", 1)
    await applied(fragile, e1=[1])
    assert spare_mongo.running is not None
    spare_mongo.running.kill()
    await publish.fact("e1", 2)
    await eventually(lambda: member.progress()["paused"], within=60)
    async with asyncio.timeout(50):
        await member.stop()
    await spare_mongo.running.start()
    await start(on=fragile)
    await applied(fragile, within=60, e1=[1, 2])


Process = Callable[..., AbstractAsyncContextManager[asyncio.subprocess.Process]]


@pytest.fixture
async def process(database: Database, mongo_url: str, kafka: KafkaSettings, name: str) -> Process:
    """Start a member in a process of its own, which can be killed and frozen."""
    await prepare(database)
    arguments = (sys.executable, str(MEMBER), kafka.bootstrap, kafka.prefix, mongo_url, name)
    environment = {**os.environ, "PYTHONPATH": str(MEMBER.parent)}

    @asynccontextmanager
    async def member(crash: str = "") -> AsyncIterator[asyncio.subprocess.Process]:
        found = await asyncio.create_subprocess_exec(*arguments, crash, env=environment)
        try:
            yield found
        finally:
            if found.returncode is None:
                found.kill()
            await found.wait()

    return member


@pytest.mark.parametrize("crash", ["consumer.before-commit", "consumer.after-commit"])
async def test_a_member_that_dies_around_its_commit_leaves_nothing_undone_or_done_twice(
    crash: str, start: Start, publish: Publisher, database: Database, process: Process
) -> None:
    await publish.fact("e1", 1, 2, 3)
    async with process(crash) as dying:
        async with asyncio.timeout(60):
            assert await dying.wait() == 137
    expected = {} if crash == "consumer.before-commit" else {"e1": [1, 2, 3]}
    assert await seen(database) == expected
    member = await start()
    await publish.fact("e1", 4)
    await applied(database, within=60, e1=[1, 2, 3, 4])
    await eventually(lambda: member.progress()["lag"] == 0)
    assert await database["handoffs"].count({}) == 4


async def test_a_frozen_member_that_wakes_up_changes_nothing(
    start: Start, publish: Publisher, database: Database, process: Process
) -> None:
    async with process() as frozen:
        await publish.fact("e1", 1)
        await applied(database, within=60, e1=[1])
        frozen.send_signal(signal.SIGSTOP)
        await publish.fact("e1", 2, 3)
        await start()
        await applied(database, within=60, e1=[1, 2, 3])
        frozen.send_signal(signal.SIGCONT)
        for sequence in range(4, 20):
            await publish.fact("e1", sequence)
            await asyncio.sleep(0.05)
        await applied(database, within=60, e1=list(range(1, 20)))
    assert await database[PARKED].count({}) == 0
    assert await database["handoffs"].count({}) == 19


async def test_a_handler_slower_than_the_poll_interval_costs_a_rejoin_and_nothing_else(  # noqa: PLR0917 - fixtures
    start: Start,
    publish: Publisher,
    database: Database,
    notebook: Notebook,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "aiokafka")
    quick = notebook.apply
    slow = asyncio.Event()

    async def apply(messages: Sequence[Received[Any]], effects: Effects) -> None:
        await quick(messages, effects)
        if not slow.is_set():
            slow.set()
            await asyncio.sleep(9)  # the time itself is what is tested: half as long again as the interval

    monkeypatch.setattr(notebook, "apply", apply)
    first = await start(replace(QUICK, poll=6.0))
    await publish.fact("e1", 1, 2)
    await slow.wait()
    await eventually(lambda: "LeaveGroup request succeeded" in caplog.messages, within=60)
    second = await start()
    await publish.fact("e1", 3)
    await applied(database, within=60, e1=[1, 2, 3])
    await eventually(lambda: first.progress()["assigned"] == second.progress()["assigned"] == 4, within=60)
    await publish.fact("e1", 4)
    await applied(database, within=60, e1=[1, 2, 3, 4])
    assert sum(notebook.calls) > 4, "nobody else was given the batch"
    assert all(not task.done() for task in (*first.tasks, *second.tasks))


async def test_without_kafka_a_member_waits_for_it_and_may_be_stopped(database: Database, notebook: Notebook) -> None:
    nowhere = KafkaSettings("127.0.0.1:9")
    member = Consumers("toy", database, nowhere, notebook.subscriptions(), timing=QUICK)
    await member.stop()
    member = Consumers("toy", database, nowhere, notebook.subscriptions(), timing=QUICK)
    await member.start()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await asyncio.wait(member.tasks)
    async with asyncio.timeout(30):
        await member.stop()


async def test_a_transaction_that_takes_too_long_for_the_server_is_made_smaller(
    start: Start, publish: Publisher, database: Database, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick, sizes = notebook.apply, []

    async def apply(messages: Sequence[Received[Any]], effects: Effects) -> None:
        sizes.append(len(messages))
        if len(messages) > 5:
            raise errors.OperationFailure("Transaction has been aborted", 251)
        await quick(messages, effects)

    monkeypatch.setattr(notebook, "apply", apply)
    await publish.fact("e1", *range(1, 21))
    await start()
    await applied(database, within=60, e1=list(range(1, 21)))
    assert max(sizes) > 5
    assert await database[PARKED].count({}) == 0


async def test_a_group_outlives_its_kafka_and_may_start_before_it(
    database: Database, spare_kafka: KafkaServer, notebook: Notebook
) -> None:
    await prepare(database)
    await database.ensure_collection(SEEN)
    kafka = KafkaSettings(spare_kafka.bootstrap)
    await topics.apply(kafka, {name: registry()[name] for name in (FACTS, STATE)})
    async with publisher(kafka) as publish:
        await publish.fact("e1", 1, 2)
    assert spare_kafka.running is not None
    spare_kafka.running.kill()
    member = Consumers("toy", database, kafka, notebook.subscriptions(), timing=QUICK)
    await member.start()
    try:
        await spare_kafka.running.start()
        await applied(database, within=60, e1=[1, 2])
        spare_kafka.running.kill()
        await spare_kafka.running.start()
        async with publisher(kafka) as publish:
            await publish.fact("e1", 3)
        await applied(database, within=60, e1=[1, 2, 3])
        assert all(not task.done() for task in member.tasks)
    finally:
        await member.stop()
