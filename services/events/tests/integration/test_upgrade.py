"""What `setup` mends in databases of an earlier release."""

from datetime import UTC, datetime

from chassis.mongo import connect
from events_service.store import schema
from events_service.store.attendance import key_of

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


async def test_codes_at_the_door_stay_good_when_setup_runs_again(mongo_url: str) -> None:
    database = connect(mongo_url)
    await schema.prepare(database)
    made = await database["door_keys"].find({})
    await schema.prepare(database)
    found = await database["door_keys"].find({})
    database.close()
    assert len(key_of(made[0])) == 32
    assert found == made
