"""The public topic's record of the day, by the worker, the journal and the relay."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from chassis import journal
from chassis.journal import HANDOFFS
from chassis.mongo import Database, connect
from contracts.public import PublicRsvp
from contracts.registry import topics
from events_service.domain.rolling import DAY
from events_service.handlers.rolling import ROLL
from events_service.store import schema
from events_service.store.due import QuietPartitions
from events_service.store.rolling import ROLLINGS, aggregates
from testkit import eventually
from testkit.topics import Headers, messages

from .running import Service

NAMES = aggregates(topics()[PublicRsvp.topic].partitions)


@pytest.fixture
async def database(mongo_url: str) -> AsyncIterator[Database]:
    found = connect(mongo_url)
    await journal.prepare(found, lanes=1)
    await schema.prepare(found)
    yield found
    found.close()


async def now_of(database: Database) -> datetime:
    now: datetime = (await database.command({"hello": 1}))["localTime"]
    return now


async def asked(database: Database) -> list[str]:
    return sorted(one["aggregate"] for one in await database[HANDOFFS].find({"name": ROLL}))


async def test_several_workers_ask_for_the_same(database: Database) -> None:
    workers = [QuietPartitions(database) for _ in range(3)]
    assert [await worker.hand_over() for worker in workers] == [0.0] * 3
    assert await asked(database) == sorted(NAMES)


async def test_only_what_is_due_is_asked_for(database: Database) -> None:
    now = await now_of(database)
    await database[ROLLINGS].insert_many(
        [{"_id": name, "due_at": now - DAY if name == NAMES[0] else now + DAY} for name in NAMES]
    )
    assert await QuietPartitions(database).hand_over() >= DAY.total_seconds()
    assert await asked(database) == [NAMES[0]]


async def test_after_days_without_anybody_each_partition_gets_one_record(service: Service) -> None:
    database = service.database

    async def told() -> list[tuple[Headers, bytes | None]]:
        kafka = service.settings.kafka()
        return await messages(kafka, PublicRsvp.topic, lambda headers: headers["ce_subject"] in NAMES)

    async def all_due_in_the_future() -> bool:
        now = await now_of(database)
        found = await database[ROLLINGS].find({})
        return {one["_id"] for one in found if now < one["due_at"] <= now + DAY} == set(NAMES)

    await eventually(all_due_in_the_future, within=60)
    assert await told() == []
    long_ago = await now_of(database) - 3 * DAY
    for name in NAMES:
        assert await database[ROLLINGS].update_one({"_id": name}, {"$set": {"due_at": long_ago}}) == 1
    await asyncio.gather(*(QuietPartitions(database).hand_over() for _ in range(2)))
    await eventually(all_due_in_the_future, within=60)

    async def nothing_waits() -> bool:
        return await asked(database) == []

    async def each_has_one() -> bool:
        found = [(headers["ce_subject"], headers["ce_sequence"], value) for headers, value in await told()]
        return sorted(found) == [(name, "1", None) for name in sorted(NAMES)]

    await eventually(nothing_waits, within=60)
    await eventually(each_has_one, within=60)
