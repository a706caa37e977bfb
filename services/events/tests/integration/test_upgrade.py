"""What `setup` mends in databases of an earlier release."""

from datetime import UTC, datetime

from chassis.consumers.readings import READINGS, reading_id
from chassis.mongo import connect
from contracts.groups import GroupState
from events_service.store import schema

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
