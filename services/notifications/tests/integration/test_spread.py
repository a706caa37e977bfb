"""Spreading to many when workers die or linger."""

from datetime import timedelta

from chassis.clock import utc_now
from chassis.mongo import Database, InsertOne, connect
from notifications_service.domain.notice import Cause, Kind, Spread
from notifications_service.store import schema
from notifications_service.store.spread import CHUNK, Spreads, spread_write

PEOPLE = CHUNK + 200


async def announced(url: str) -> Database:
    """A database with a group and one announcement to spread."""
    database = connect(url)
    await schema.prepare(database)
    now = utc_now()
    members = [
        {
            "_id": f"moms:m{number}",
            "group_id": "moms",
            "member_id": f"m{number}",
            "state": "active" if number % 10 else "left",
            "since": now - timedelta(days=1) if number % 10 else None,
            "sequence": number,
        }
        for number in range(1, PEOPLE + 1)
    ]
    await database["memberships"].write([InsertOne(member) for member in members])
    cause = Cause("events.event.v1", "park", 2, now - timedelta(seconds=1), actor="m1")
    await database["spreads"].write([spread_write(Spread(Kind.EVENT_ANNOUNCED, "members", cause, "moms", "park"))])
    return database


async def test_who_lost_a_spread_tells_nobody_and_who_took_it_goes_on_where_it_stopped(mongo_url: str) -> None:
    database = await announced(mongo_url)
    slow, quick = Spreads(database, "slow"), Spreads(database, "quick")
    begun = await slow.claim()
    assert begun is not None
    assert await quick.claim() is None
    held = await slow.tell_some(begun, None)
    assert held is not None
    assert held.cursor == CHUNK
    await database["spreads"].update_one({}, {"$set": {"due_at": utc_now() - timedelta(seconds=1)}})
    taken = await quick.claim()
    assert taken is not None
    assert taken.cursor == CHUNK
    assert await slow.tell_some(held, None) is None
    rest = await quick.tell_some(taken, None)
    assert rest is not None
    assert await slow.tell_some(held, None) is None
    assert await quick.tell_some(rest, None) is None
    await slow.rest(held)
    await quick.rest(rest)
    told = {line["member_id"] for line in await database["inbox"].find({})}
    assert told == {f"m{number}" for number in range(2, PEOPLE + 1) if number % 10}
    assert await database["inbox"].count({}) == len(told)
    [spread] = await database["spreads"].find({})
    assert (spread["look"], spread["told"], "claim" in spread) == (1, len(told), False)
    database.close()


async def test_a_spread_ends_after_its_last_look(mongo_url: str) -> None:
    database = await announced(mongo_url)
    spreads, looks = Spreads(database, "worker"), 0
    while True:
        await database["spreads"].update_one({"due_at": {"$exists": True}}, {"$set": {"due_at": utc_now()}})
        claimed = await spreads.claim()
        if claimed is None:
            break
        looks += 1
        while (further := await spreads.tell_some(claimed, None)) is not None:
            claimed = further
        await spreads.rest(claimed)
    [spread] = await database["spreads"].find({})
    assert (looks, "due_at" in spread) == (6, False)
    assert await database["inbox"].count({}) == spread["told"]
    database.close()
