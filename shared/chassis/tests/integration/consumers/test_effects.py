"""What the messages of a batch change, whether it is there already or not."""

import pytest

from chassis.consumers import Effects
from chassis.mongo import Database, InsertOne

ROOM = "room"


@pytest.fixture
async def room(database: Database) -> Database:
    await database.ensure_collection(ROOM)
    await database[ROOM].write([InsertOne({"_id": "old", "said": "first", "kept": 1})])
    return database


async def _after(database: Database) -> dict[str, dict[str, object]]:
    return {document.pop("_id"): document for document in await database[ROOM].find({})}


async def test_what_is_inserted_once_stays_as_it_was_made(room: Database) -> None:
    async with room.transaction() as session:
        effects = Effects(room, session)
        effects.insert_once(ROOM, {"_id": "old", "said": "again"})
        effects.insert_once(ROOM, {"_id": "new", "said": "one"})
        effects.insert_once(ROOM, {"_id": "new", "said": "two"})
        await effects.send()
    assert await _after(room) == {"old": {"said": "first", "kept": 1}, "new": {"said": "one"}}


async def test_fields_that_are_set_leave_the_others(room: Database) -> None:
    async with room.transaction() as session:
        effects = Effects(room, session)
        effects.set(ROOM, "old", {"said": "second"})
        effects.set(ROOM, "new", {"said": "a", "since": 1})
        effects.set(ROOM, "new", {"said": "b"})
        await effects.send()
    assert await _after(room) == {"old": {"said": "second", "kept": 1}, "new": {"said": "b", "since": 1}}


async def test_a_read_shows_what_was_gathered_before_it(room: Database) -> None:
    async with room.transaction() as session:
        effects = Effects(room, session)
        effects.set(ROOM, "new", {"said": "a"})
        assert [found["_id"] for found in await effects.find(ROOM, {}, sort=[("_id", 1)])] == ["new", "old"]
        effects.set(ROOM, "new", {"said": "b"})
        await effects.send()
    assert (await _after(room))["new"] == {"said": "b"}


async def test_the_last_writes_tell_what_they_matched(room: Database) -> None:
    async with room.transaction() as session:
        effects = Effects(room, session)
        effects.insert_once(ROOM, {"_id": "new"})
        assert await effects.send((ROOM, []), (ROOM, [InsertOne({"_id": "last"})])) == [0, 0]
    assert set(await _after(room)) == {"old", "new", "last"}


async def test_of_a_rebuild_nothing_stays_but_rows_of_projections(room: Database) -> None:
    async with room.transaction() as session:
        effects = Effects(room, session)
        effects.build = 3
        effects.put(ROOM, {"_id": "row"})
        effects.write(ROOM, InsertOne({"_id": "written"}))
        effects.insert_once(ROOM, {"_id": "notice"})
        effects.set(ROOM, "old", {"said": "second"})
        await effects.send()
    assert await _after(room) == {"old": {"said": "first", "kept": 1}, "row": {"build": 3}}
