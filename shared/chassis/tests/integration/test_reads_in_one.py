"""`Database.read`: what several finds of a transaction would answer, one command."""

from typing import Any

from chassis.mongo import Database, Find
from testkit.commands import Commands

FEW, MANY, NONE = "few", "many", "none"


async def filled(database: Database) -> None:
    for name in (FEW, MANY):
        await database.ensure_collection(name)
    await database[FEW].insert_many([{"_id": f"a{n}", "n": n, "of": {"is": n}} for n in range(5)])
    await database[MANY].insert_many([{"_id": n, "n": n % 7, "text": "x" * 400_000} for n in range(60)])


async def test_each_find_is_answered_as_if_it_had_been_asked_alone(database: Database) -> None:
    await filled(database)
    finds = [
        Find(FEW, {"_id": {"$in": ["a3", "a1", "nobody"]}}),
        Find(FEW, {"n": {"$gte": 1}}, sort=[("n", -1), ("_id", 1)], limit=2),
        Find(NONE, {}),
        Find(FEW, {"_id": "a2"}, fields={"n": 1, "twice": {"$multiply": ["$n", 2]}}),
        Find(FEW, {"missing": None, "of.is": {"$lt": 2}}, fields={"_id": 1}),
    ]
    async with database.transaction() as session:
        found = await database.read(finds, session=session)
        for find, answer in zip(finds, found, strict=True):
            alone = await database[find.collection].find(
                find.where, sort=find.sort, limit=find.limit, fields=find.fields, session=session
            )
            key: Any = None if find.sort else lambda document: document["_id"]
            assert (answer if find.sort else sorted(answer, key=key)) == (
                alone if find.sort else sorted(alone, key=key)
            )


async def test_together_they_may_find_more_than_a_document_can_hold(database: Database) -> None:
    await filled(database)
    async with database.transaction() as session:
        few, many = await database.read([Find(FEW, {}), Find(MANY, {}, sort=[("_id", 1)])], session=session)
    assert len(few) == 5
    assert [document["_id"] for document in many] == list(range(60)), "24 MB"


async def test_it_is_one_command(database: Database, watched: Database, commands: Commands) -> None:
    await filled(database)
    async with watched.transaction() as session:
        await watched.read([Find(FEW, {}), Find(FEW, {"n": 1}), Find(MANY, {"_id": 1})], session=session)
    assert [one for one in commands.sent if one != "endSessions"] == [
        f"aggregate {FEW} {FEW} {MANY}",
        "commitTransaction",
    ]
