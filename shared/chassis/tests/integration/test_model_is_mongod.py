"""What the journal's model says of MongoDB, MongoDB says too: the same steps, the same outcomes."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from model.clockwork import silence
from model.ledger import ACCOUNTS
from model.world import World

from chassis.journal.lease import Lease, take_lane
from chassis.journal.schema import prepare
from chassis.journal.shape import LANES, batch_id, batches_after
from chassis.mongo import Database, DeleteOne, InsertOne, ReplaceOne, Session, UpdateOne, Write, errors

Told = list[Any]
Steps = Callable[[Database], Awaitable[Told]]


async def told(step: Awaitable[Any]) -> Any:
    """What a step came to: its value, or the error's code and whether it is transient."""
    try:
        return await step
    except errors.PyMongoError as error:
        return getattr(error, "code", None), error.has_error_label("TransientTransactionError")


async def begun(database: Database) -> Session:
    """A transaction whose snapshot is taken."""
    session = await database.session()
    session.begin()
    await database[ACCOUNTS].find_one({"_id": "nobody"}, session=session)
    return session


async def a_visible_key_is_a_duplicate(database: Database) -> Told:
    await database[ACCOUNTS].insert_one({"_id": "a"})
    session = await begun(database)
    first = await told(database[ACCOUNTS].insert_one({"_id": "a"}, session=session))
    return [first, await told(database[ACCOUNTS].find({}, session=session)), await told(session.commit())]


async def a_key_committed_since_is_a_conflict(database: Database) -> Told:
    session = await begun(database)
    await database[ACCOUNTS].insert_one({"_id": "a"})
    return [await told(database[ACCOUNTS].insert_one({"_id": "a"}, session=session)), await told(session.commit())]


async def an_open_transaction_s_key_is_a_conflict(database: Database) -> Told:
    first, second = await begun(database), await begun(database)
    await database[ACCOUNTS].insert_one({"_id": "a"}, session=first)
    lost = await told(database[ACCOUNTS].insert_one({"_id": "a"}, session=second))
    return [lost, await told(first.commit()), await told(second.abort())]


async def a_unique_value_is_like_a_key(database: Database) -> Told:
    accounts = database[ACCOUNTS]
    await accounts.insert_one({"_id": "a", "name": "x"})
    taken, early, late = await begun(database), await begun(database), await begun(database)
    visible = await told(accounts.write([InsertOne({"_id": "b", "name": "x"})], session=taken))
    await accounts.write([InsertOne({"_id": "c", "name": "y"})], session=early)
    locked = await told(accounts.write([InsertOne({"_id": "d", "name": "y"})], session=late))
    return [visible, locked, await told(early.commit()), await told(taken.abort()), await told(late.abort())]


async def the_error_names_the_collection_and_the_document(database: Database) -> Told:
    accounts = database[ACCOUNTS]
    await accounts.write([InsertOne({"_id": "a", "name": "x"}), InsertOne({"_id": "b", "name": "y"})])
    session = await begun(database)
    try:
        await accounts.write([ReplaceOne({"_id": "b"}, {"_id": "b", "name": "x"})], session=session)
    except errors.BulkWriteError as error:
        (problem,) = error.details["writeErrors"]
        place = problem["errmsg"].partition("collection: ")[2].partition(" ")[0].partition(".")[2]
        await session.abort()
        return [problem["code"], place, problem["op"]["q"]]
    return ["no error"]


async def a_value_released_first_is_free(database: Database) -> Told:
    accounts = database[ACCOUNTS]
    await accounts.insert_one({"_id": "a", "name": "x"})
    session = await begun(database)
    writes: list[Write] = [ReplaceOne({"_id": "a"}, {"_id": "a", "name": "z"}), InsertOne({"_id": "b", "name": "x"})]
    done = await told(accounts.write(writes, session=session))
    return [done, await told(session.commit()), await accounts.find({}, sort=[("_id", 1)])]


async def what_changed_since_is_a_conflict(database: Database) -> Told:
    accounts = database[ACCOUNTS]
    await accounts.write([InsertOne({"_id": id_, "total": 1}) for id_ in "abc"])
    replacing, deleting, looking = [await begun(database) for _ in range(3)]
    await accounts.update_one({"_id": "a"}, {"$set": {"total": 2}})
    await accounts.write([DeleteOne({"_id": "b"})])
    return [
        await told(accounts.write([ReplaceOne({"_id": "a"}, {"_id": "a", "total": 9})], session=replacing)),
        await told(accounts.write([DeleteOne({"_id": "b"})], session=deleting)),
        await told(accounts.find({}, sort=[("_id", 1)], session=looking)),
        *[await told(session.abort()) for session in (replacing, deleting, looking)],
    ]


async def an_upsert_of_what_is_there_writes_nothing(database: Database) -> Told:
    """So it neither conflicts with its removal nor keeps it from being removed."""
    accounts = database[ACCOUNTS]
    await accounts.insert_one({"_id": "a", "total": 1})
    session = await begun(database)
    again = UpdateOne({"_id": "a"}, {"$setOnInsert": {"total": 5}}, upsert=True)
    first = await told(accounts.write([again], session=session))
    await accounts.write([DeleteOne({"_id": "a"})])
    return [first, await told(accounts.write([again], session=session)), await told(session.commit())]


async def a_killed_session_s_transaction_is_gone(database: Database) -> Told:
    session = await begun(database)
    await database[ACCOUNTS].insert_one({"_id": "a"}, session=session)
    await database.command({"killSessions": [session.lsid]})
    free = await told(database[ACCOUNTS].insert_one({"_id": "a"}))
    ended = await told(session.commit())
    session.begin()
    await database[ACCOUNTS].insert_one({"_id": "b"}, session=session)
    return [free, ended, await told(session.commit()), await told(session.commit())]


async def a_lane_is_taken_with_all_before_it(database: Database) -> Told:
    await prepare(database)
    open_, more = await begun(database), await begun(database)
    await database[ACCOUNTS].insert_one({"_id": "a"}, session=open_)
    first = await take_lane(Lease(database, LANES, "0.0", "one", 0.0), open_)
    halfway = Lease(database, LANES, "0.0", "two", 0.0)
    mine = {"$literal": more.lsid}
    named = {"$setUnion": [{"$ifNull": ["$before", []]}, ["$lsid"]]}
    lane = await halfway.take(before={"$setDifference": [named, [mine, None]]}, lsid=mine)
    last = await database.session()
    second = await take_lane(Lease(database, LANES, "0.0", "three", 9.0), last)
    third = await take_lane(Lease(database, LANES, "0.0", "four", 9.0), last)
    kept = await database[LANES].find_one({"_id": "0.0"})
    assert lane is not None
    assert kept is not None
    before = len(lane["before"])
    return [first, before, second, third, kept["before"], kept["owner"], await told(open_.commit())]


async def batches_are_found_in_order(database: Database) -> Told:
    journal = database["journal"]
    await journal.write([InsertOne({"_id": batch_id(lane, n)}) for n in (1, 10, 2) for lane in ("0.0", "0.1")])
    wrong_order = await journal.find_one({"_id": {"n": 1, "lane": "0.0"}})
    last = await journal.find_one(batches_after("0.0", 0), sort=[("_id", -1)])
    return [wrong_order, last, await journal.find(batches_after("0.1", 1), sort=[("_id", 1)])]


async def held_back_aggregates_keep_their_continuations(database: Database) -> Told:
    handoffs = database["handoffs"]
    rows = [("a", False, 1), ("a", True, 2), ("b", False, 3), ("b", True, 4)]
    await handoffs.write([InsertOne({"_id": f"{at}", "aggregate": a, "first": f, "at": at}) for a, f, at in rows])
    where = {"$nor": [{"aggregate": {"$in": ["a"]}, "first": False}]}
    return await handoffs.find(where, sort=[("first", -1), ("at", 1)], limit=3)


STEPS: tuple[Steps, ...] = (
    a_visible_key_is_a_duplicate,
    a_key_committed_since_is_a_conflict,
    an_open_transaction_s_key_is_a_conflict,
    a_unique_value_is_like_a_key,
    the_error_names_the_collection_and_the_document,
    a_value_released_first_is_free,
    what_changed_since_is_a_conflict,
    an_upsert_of_what_is_there_writes_nothing,
    a_killed_session_s_transaction_is_gone,
    a_lane_is_taken_with_all_before_it,
    batches_are_found_in_order,
    held_back_aggregates_keep_their_continuations,
)


def modelled(steps: Steps) -> Told:
    """The steps in a world without faults."""
    world, heard = World(0), []
    world.faults.on = False

    async def main() -> None:
        heard.extend(await steps(world.client("steps")))

    with silence():
        world.loop.run(main())
    return heard


@pytest.mark.parametrize("steps", STEPS, ids=lambda steps: steps.__name__)
async def test_model_and_mongod_agree_that(steps: Steps, database: Database) -> None:
    await database.ensure_collection(ACCOUNTS)
    named = {"name": {"$type": "string"}}
    await database[ACCOUNTS].create_index([("name", 1)], unique=True, where=named)
    assert await steps(database) == modelled(steps)
