"""What `setup` mends in databases of an earlier release."""

from datetime import UTC, datetime

import pytest

from chassis.consumers.readings import READINGS, reading_id
from chassis.mongo import Database, connect
from contracts.groups import GroupState
from events_service.domain.promotion import Promotion
from events_service.store import fairness, schema
from events_service.store.attendance import key_of
from events_service.store.fairness import tally_in
from events_service.views.event import concealed

from .deciding import Deciding, InDatabase, answer

ENDS = datetime(2026, 11, 20, 20, tzinfo=UTC)


async def test_published_events_of_before_end_by_themselves_too(mongo_url: str) -> None:
    database = connect(mongo_url)
    await schema.prepare(database)
    events = database["events"]
    await events.insert_one({"_id": "old", "status": "published", "ends": ENDS})
    await events.insert_one({"_id": "draft", "status": "draft", "ends": ENDS})
    await events.insert_one({"_id": "over", "status": "published", "ends": ENDS, "due_at": None})
    await schema.prepare(database)
    found = {one["_id"]: one.get("due_at") for one in await events.find({})}
    database.close()
    assert found == {"old": ENDS, "draft": None, "over": None}


async def test_a_draft_that_was_cancelled_is_told_from_what_people_had_seen(mongo_url: str) -> None:
    database = connect(mongo_url)
    await schema.prepare(database)
    events, off = database["events"], {"status": "cancelled", "ends": ENDS}
    await events.insert_one({"_id": "draft", "announced_at": None, **off})
    await events.insert_one({"_id": "announced", "announced_at": ENDS, **off})
    await events.insert_one({"_id": "answered", "announced_at": None, **off})
    await events.insert_one({"_id": "new", "announced_at": None, "published": True, **off})
    await database["rsvps"].insert_one({"_id": "answered:ada", "event_id": "answered", "status": "no"})
    await schema.prepare(database)
    found = {one["_id"]: not concealed(one) for one in await events.find({})}
    database.close()
    assert found == {"draft": False, "announced": True, "answered": True, "new": True}


async def test_events_of_before_are_found_by_all_their_topics(mongo_url: str) -> None:
    database = connect(mongo_url)
    await schema.prepare(database)
    events = database["events"]
    old = {"topics": ["C", "C++"], "topic_keys": ["c", "c"], "words": ["c", "tea"]}
    await events.insert_one({"_id": "old", "title": "Tea", "version": 2, **old})
    await schema.prepare(database)
    [found] = await events.find({})
    database.close()
    assert (found["words"], found["topic_keys"]) == (["tea", "c"], ["c", "c++"])


async def test_what_waitlists_of_before_came_to_is_counted_once(mongo_url: str) -> None:
    database = connect(mongo_url)
    await schema.prepare(database)
    story = Deciding(InDatabase(database, transactions=True))
    event_id = await story.event(capacity=1, promotion=Promotion(max_skips=1), hosts=())
    for who in ("ada", "bo", "cy", "dee"):
        await story.one(answer(event_id, who))
    await story.one(answer(event_id, "ada", "no"))
    counted = tally_in(await story.document("ledgers", event_id) or {})
    assert (counted.moves, counted.promoted) == (1, 1)
    await database["ledgers"].update_one({"_id": event_id}, {"$unset": {"fairness": ""}})
    await schema.prepare(database)
    again = tally_in(await story.document("ledgers", event_id) or {})
    await story.one(answer(event_id, "bo", "no"))
    last = tally_in(await story.document("ledgers", event_id) or {})
    await schema.prepare(database)
    same = tally_in(await story.document("ledgers", event_id) or {})
    database.close()
    assert again == counted
    assert last == same
    assert (last.moves, last.promoted) == (2, 2)


async def test_what_is_counted_is_not_counted_again_and_the_rest_in_pages(
    mongo_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fairness, "PAGE", 2)
    database = connect(mongo_url)
    await schema.prepare(database)
    story = Deciding(InDatabase(database, transactions=True))
    event_id = await story.event(capacity=1, hosts=())
    for who in ("ada", "bo"):
        await story.one(answer(event_id, who))
    await story.one(answer(event_id, "ada", "no"))
    ledgers, moves = database["ledgers"], database["moves"]
    [ledger], [move] = await ledgers.find({}), await moves.find({})
    uncounted = {name: value for name, value in ledger.items() if name != "fairness"}
    for number in range(5):
        await ledgers.insert_one({**uncounted, "_id": f"old{number}"})
        if number != 1:
            await moves.insert_one({**move, "_id": f"old{number}:1", "event_id": f"old{number}"})
    await ledgers.update_one({"_id": event_id}, {"$set": {"fairness.moves": 7}})
    await schema.prepare(database)
    found = [tally_in(one).moves for one in await ledgers.find({}, sort=[("_id", 1)])]
    database.close()
    assert found == [7, 1, 0, 1, 1, 1]


async def test_setup_makes_the_key_of_the_codes_whatever_becomes_of_the_count(
    mongo_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def interrupted(_: Database) -> None:
        raise TimeoutError

    monkeypatch.setattr(schema, "count_earlier", interrupted)
    database = connect(mongo_url)
    with pytest.raises(TimeoutError):
        await schema.prepare(database)
    [made] = await database["door_keys"].find({})
    indexes = await database["rsvps"].inner.index_information()
    database.close()
    assert len(key_of(made)) == 32
    assert len(indexes) == 3, "the count comes last"


async def test_codes_at_the_door_stay_good_when_setup_runs_again(mongo_url: str) -> None:
    database = connect(mongo_url)
    await schema.prepare(database)
    made = await database["door_keys"].find({})
    await schema.prepare(database)
    found = await database["door_keys"].find({})
    database.close()
    assert len(key_of(made[0])) == 32
    assert found == made


async def test_groups_of_before_networks_were_known_are_read_anew_and_then_never_again(mongo_url: str) -> None:
    database = connect(mongo_url)
    await schema.prepare(database)
    groups, readings = database["groups"], database[READINGS]
    id_ = reading_id("events", GroupState.topic)
    for other in (id_, reading_id("events", "groups.member.v1")):
        await readings.insert_one({"_id": other, "rebuilding": False})

    async def anew() -> list[str]:
        await schema.prepare(database)
        return [one["_id"] for one in await readings.find({"rebuilding": True})]

    await groups.insert_one({"_id": "gone", "deleted": True})
    await groups.insert_one({"_id": "new", "network_id": None})
    assert await anew() == []
    await groups.insert_one({"_id": "old"})
    assert await anew() == [id_]
    await groups.update_one({"_id": "old"}, {"$set": {"network_id": None}})
    await readings.update_one({"_id": id_}, {"$set": {"rebuilding": False}})
    assert await anew() == []
    database.close()
