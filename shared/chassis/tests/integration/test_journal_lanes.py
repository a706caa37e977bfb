"""Changing the number of lanes: seals end the old ones, new ones go on at once, and nothing is lost or out of order."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import pytest
from bank import add
from published import has_published, published

from chassis.journal import HANDOFFS, Command, Journal, NotPrepared, handoff_write, verify
from chassis.journal.generation import Generation, Stopped, change_lanes, in_force, unpublished_lanes
from chassis.journal.shape import RELAYS, batch
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, errors
from chassis.relay import Relay
from testkit import eventually

from .test_journal_faults import both, persist, totals_agree

Start = Callable[..., Awaitable[Journal]]


def more_than(heard: dict[str, int], least: int) -> bool:
    return len(heard) > least


async def sealed(database: Database) -> list[str]:
    return sorted(batch["_id"]["lane"] for batch in await database["journal"].find({"seal": True}))


async def test_lanes_change_under_load_and_nobody_is_wrong(start_journal: Start, database: Database) -> None:
    first, second = await start_journal(), await start_journal()
    heard: dict[str, int] = {}
    callers = [
        asyncio.create_task(persist(journal, [add(f"a{(i + n) % 9}") for n in range(25)], heard))
        for i, journal in both(first, second, 12)
    ]
    for lanes, least in ((2, 40), (3, 120), (1, 200)):
        await eventually(partial(more_than, heard, least), within=60)
        assert (await change_lanes(database, lanes)).lanes == lanes
    await asyncio.gather(*callers)
    assert len(heard) == 300
    await totals_agree(database, heard)
    assert await in_force(database) == Generation(3, 1)
    assert await sealed(database) == ["0.0", "1.0", "1.1", "2.0", "2.1", "2.2"]
    seals = {b["_id"]["lane"]: b["_id"]["n"] for b in await database["journal"].find({"seal": True})}
    for batch_ in await database["journal"].find({"_id.lane": {"$in": list(seals)}}):
        assert batch_["_id"]["n"] <= seals[batch_["_id"]["lane"]]


async def test_a_sealed_lane_takes_no_batch(journal: Journal, database: Database) -> None:
    await journal.run(add("a"))
    (old,) = await database["journal"].find({})
    await change_lanes(database, 2)
    with pytest.raises(errors.DuplicateKeyError):
        await database["journal"].insert_one(batch("0.0", 2, "late", old["at"], []))
    assert (await journal.run(add("a"), deadline=60)).answer == {"total": 2}
    assert [b["_id"]["lane"] for b in await database["journal"].find({"entries.0": {"$exists": True}})] != ["0.0"] * 2


async def test_new_lanes_go_on_from_the_time_of_the_old(start_journal: Start, database: Database) -> None:
    """The clock of another primary may be behind; what came later still has the later time."""
    ahead = (await database.command({"hello": 1}))["localTime"] + timedelta(seconds=30)
    await database["journal"].insert_one(batch("0.0", 1, "by a primary whose clock is ahead", ahead, []))
    await change_lanes(database, 2)
    journal = await start_journal()
    await asyncio.gather(*[journal.run(add(f"a{i}")) for i in range(8)])
    decided = await database["journal"].find({"_id.lane": {"$in": ["1.0", "1.1"]}})
    assert {one["_id"]["lane"] for one in decided} == {"1.0", "1.1"}
    (seal,) = await database["journal"].find({"seal": True})
    assert min(one["at"] for one in decided) > seal["at"] > ahead


async def test_as_many_lanes_as_there_are_change_nothing(journal: Journal, database: Database) -> None:
    assert await change_lanes(database, 1) == Generation(0, 1)
    assert await sealed(database) == []
    with pytest.raises(ValueError, match="1 to 8"):
        await change_lanes(database, 9)


async def test_what_was_handed_over_before_is_decided_after(start_journal: Start, database: Database) -> None:
    """Continuations first, as ever."""
    newcomer, first = add("a", id_="newcomer"), Command("first", "account.recount", "a", {}, first=True)
    await database[HANDOFFS].write([handoff_write(newcomer), handoff_write(first)])
    await change_lanes(database, 4)
    await start_journal()
    await eventually(lambda: database["results"].count({"_id": "newcomer"}))
    assert not await database[HANDOFFS].count({})
    entries = [entry for b in await database["journal"].find({}) for entry in b["entries"]]
    assert [entry["command_id"] for entry in entries] == ["first", "newcomer"]


async def test_new_lanes_are_published_after_all_of_the_old(
    journal: Journal, database: Database, kafka: KafkaSettings
) -> None:
    await asyncio.gather(*[journal.run(add(f"a{i % 5}")) for i in range(40)])
    await change_lanes(database, 2)
    await eventually(lambda: journal.writes)
    await asyncio.gather(*[journal.run(add(f"a{i % 5}"), deadline=60) for i in range(40)])
    assert await unpublished_lanes(database) == [("0.0", 0)]
    relays = [Relay(database, kafka, "events", lease_seconds=1) for _ in range(2)]
    for relay in relays:
        await relay.start()
    try:
        await change_lanes(database, 3)
        await eventually(lambda: journal.writes)
        await asyncio.gather(*[journal.run(add(f"a{i % 5}"), deadline=60) for i in range(40)])
        await eventually(lambda: has_published(kafka, 120), within=60)
    finally:
        for relay in relays:
            await relay.stop()
    assert await unpublished_lanes(database) == [("2.0", 0), ("2.1", 1), ("2.2", 2)]
    found = await published(kafka)
    for subject in {subject for subject, *_ in found}:
        assert [sequence for one, sequence, *_ in found if one == subject] == list(range(1, 25))


async def test_a_lane_is_ended_by_whoever_finds_its_seal_published(
    journal: Journal, database: Database, kafka: KafkaSettings
) -> None:
    """Its relay died between the seal's publication and the word of it: nothing is left to publish."""
    await journal.run(add("a"))
    await change_lanes(database, 2)

    async def goes_on() -> bool:
        return await unpublished_lanes(database) == [("1.0", 0), ("1.1", 1)]

    for _ in range(2):
        relay = Relay(database, kafka, "events", lease_seconds=1)
        await relay.start()
        try:
            await eventually(goes_on, within=60)
        finally:
            await relay.stop()
        await database[RELAYS].update_one({"_id": "0.0"}, {"$set": {"ended": False}})
    assert len(await published(kafka)) == 1


async def test_a_stopped_lane_is_not_sealed_by_a_change(journal: Journal, database: Database) -> None:
    await database["lanes"].update_one({"_id": "0.0"}, {"$set": {"stopped": "Kafka is ahead"}})
    with pytest.raises(Stopped, match="Kafka is ahead"):
        await change_lanes(database, 2)
    assert await sealed(database) == []


async def test_a_database_without_a_journal_says_so(database: Database) -> None:
    await database["lanes"].delete_many({"_id": "generation"})
    with pytest.raises(NotPrepared, match="setup"):
        await verify(database)
