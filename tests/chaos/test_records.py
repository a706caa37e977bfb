"""Rows 10, 11 and 12: repeats in any order, poison, and a handler that fails for one event, under load."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from random import Random
from secrets import token_hex

import pytest

from chassis import dead_letters
from chassis.consumers.parking import PARKED
from chassis.mongo import Database, Document
from convene.acting.platform import Platform as Outside
from convene.faults.records import FACTS, headers, injector, poison, rsvp
from convene.faults.refusal import refusing
from convene.load.setting import Field, Setting
from convene.operating.access import access
from testkit import MongoServer, Platform, eventually

from .playing import clean, damage, kafka_of, lag, metric, mongo_database, settled, under_load

pytestmark = pytest.mark.timeout(600)

SETTING = Setting(events=10, members=200, requests=1500, capacity=50, at_once=16)
REPEATED = (
    "groups.group.v1",
    "groups.membership.v1",
    "groups.member.v1",
    "events.event.v1",
    "events.rsvp.v1",
    "events.join.v1",
    "members.seen.v1",
)
CONSUMERS = ("groups", "events-consumer", "notifications")
SEED = 20261125


async def duplicates(platform: Platform, topic: str) -> float:
    """Records of this topic that were counted as repeats, by all who read it."""
    found = [
        await metric(platform, process, "convene_consumer_messages_total", topic=topic, outcome="duplicate")
        for process in CONSUMERS
    ]
    return sum(found)


async def test_old_records_again_in_any_order_change_nothing_and_are_counted(
    platform: Platform, outside: Outside
) -> None:
    kafka, random = kafka_of(platform), Random(SEED)
    damaged = await damage(platform)
    before = {topic: await duplicates(platform, topic) for topic in REPEATED}
    put: dict[str, int] = dict.fromkeys(REPEATED, 0)

    async def repeat(field: Field) -> None:
        async with injector(kafka) as inject:
            for _ in range(3):
                for topic, number in (await inject.repeat(REPEATED, 50, random)).items():
                    put[topic] += number

    ledger, audit = await under_load(outside, kafka, SETTING, f"repeat-{token_hex(3)}", repeat)
    clean(ledger, audit)
    assert min(put.values()) > 0

    async def counted() -> bool:
        for topic, number in put.items():
            assert await duplicates(platform, topic) - before[topic] >= number, topic
        return True

    await eventually(counted, within=20)
    # each is there once more, and with a header that the journal knows nothing of
    for kind in ("messages_repeated", "messages_altered"):
        damaged[kind] += sum(put.values())
    await settled(platform, damaged=damaged)


@asynccontextmanager
async def books(platform: Platform) -> AsyncIterator[Database]:
    """The database of notifications, with the service's own rights."""
    async with access(platform.local, "notifications").database() as database:
        yield database


async def parked(database: Database, run: str) -> list[Document]:
    """What is parked of this run's poison, and what nobody can place."""
    rows = await dead_letters.list_parked(database)
    return [row for row in rows if row["subject"] is None or row["subject"].startswith(run)]


async def drop(database: Database, record: str) -> Document:
    done = await dead_letters.outcome(database, await dead_letters.request_drop(database, record))
    assert done is not None
    return done


async def test_poison_is_parked_once_and_nobody_else_waits(platform: Platform, outside: Outside) -> None:
    kafka, run, damaged = kafka_of(platform), f"poison-{token_hex(3)}", await damage(platform)
    bottles = poison(run)
    held = [bottle.subject for bottle in bottles if bottle.subject is not None]
    alone = len(bottles) - len(held)

    async def pour(field: Field) -> None:
        async with injector(kafka) as inject:
            for bottle in bottles:
                await inject.put(FACTS, bottle.key, bottle.value, bottle.headers)
            for subject in held:
                await inject.put(FACTS, subject.encode(), rsvp(subject, 2), headers(subject, 2))
            for event_id in field.events:  # somebody else's records about real events
                await inject.put(FACTS, event_id.encode(), b"{nope", headers(event_id, 1_000_000))
        await eventually(lambda: nearly(platform), within=5, every=0.1, because="poison must not hold up a partition")
        async with books(platform) as database:
            await eventually(lambda: given_up(database, field.events), within=60, every=0.5)

    ledger, audit = await under_load(outside, kafka, SETTING, run, pour)
    clean(ledger, audit)
    damaged["messages_without_entry"] += len(bottles) + len(held) + SETTING.events  # all that was poured
    # notifications has given up a record far beyond each real event's messages, without going on past it; the other
    # subjects have gone on to their second message, and in groups, where nobody gave anything up, all are still held
    damaged["marks_behind"] += SETTING.events
    async with books(platform) as database:

        async def all_parked() -> bool:
            rows = await parked(database, run)
            assert sorted(row["subject"] for row in rows if row["subject"]) == sorted(held)
            assert sum(row["subject"] is None for row in rows) == alone
            return all(row["behind"] == 1 for row in rows if row["subject"])

        await eventually(all_parked, within=20, every=0.2)
        rows = (await platform.convene("dlq", "list", "--service", "notifications"))["notifications"]
        first = next(row for row in rows if row["subject"] == held[0])
        again = await platform.convene("dlq", "replay", "notifications", first["id"])
        assert again == {"released": 0, "remaining": 2}
        dropped = await platform.convene("dlq", "drop", "notifications", first["id"])
        assert dropped == {"dropped": 1, "released": 1, "remaining": 0}
        await emptied(database)
    await settled(platform, damaged=damaged)


async def given_up(database: Database, subjects: Collection[str]) -> bool:
    """Whether nothing of these is parked any more; what is, is dropped. No real message goes with it."""
    rows = [row for row in await dead_letters.list_parked(database) if row["subject"] in subjects]
    for row in rows:
        await drop(database, row["id"])
    return not rows


async def emptied(database: Database) -> None:
    """Everything that is parked is given up; whatever is real behind it is applied by that."""

    async def none_left() -> bool:
        rows = await dead_letters.list_parked(database)
        for row in rows:
            await drop(database, row["id"])
        return not rows and await database[PARKED].count({}) == 0

    await eventually(none_left, within=90, every=1)


async def nearly(platform: Platform) -> bool:
    """As far as a running crowd lets a consumer be at the end."""
    return await lag(platform) < 200


async def test_a_handler_that_fails_for_one_event_parks_it_in_order_and_the_replay_leaves_no_trace(
    platform: Platform, outside: Outside, mongo_server: MongoServer
) -> None:
    kafka, run, damaged = kafka_of(platform), f"bug-{token_hex(3)}", await damage(platform)
    name = mongo_database(platform, "notifications")

    async def break_one(field: Field) -> None:
        broken = field.events[0]
        async with books(platform) as database:

            async def several_behind() -> bool:
                rows = await parked(database, broken)
                assert [(row["subject"], row["reason"]) for row in rows] == [(broken, "rejected")]
                return bool(rows[0]["behind"] > 3)

            async with refusing(mongo_server.root_url, name, "inbox", "event_id", broken):
                await eventually(several_behind, within=60, every=0.2)
            [row] = await parked(database, broken)
            asked = await dead_letters.request_replay(database, row["id"])
            done = await dead_letters.outcome(database, asked, within=60)
            assert done is not None
            assert done["released"] > 4
            assert await parked(database, broken) == []

    ledger, audit = await under_load(outside, kafka, SETTING, run, break_one)
    clean(ledger, audit)
    await settled(platform, damaged=damaged)  # nothing was put on the topics
