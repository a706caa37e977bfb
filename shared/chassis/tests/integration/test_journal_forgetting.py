"""Results have their time; what is younger answers its repeats."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from bank import add

from chassis.journal import Journal, forgetting
from chassis.journal.forgetting import KEPT, STEP, forget
from chassis.journal.shape import RESULTS
from chassis.mongo import Database
from testkit import eventually

Start = Callable[..., Awaitable[Journal]]


async def age(database: Database, id_: str, days: timedelta) -> None:
    old = {"$dateSubtract": {"startDate": "$$NOW", "unit": "second", "amount": int(days.total_seconds())}}
    await database[RESULTS].update_one({"_id": id_}, [{"$set": {"at": old}}])


async def test_a_result_goes_after_thirty_days_and_no_sooner(journal: Journal, database: Database) -> None:
    commands = [add("a", id_="young"), add("a", id_="old")]
    for command in commands:
        await journal.run(command)
    await age(database, "young", KEPT - timedelta(minutes=1))
    await age(database, "old", KEPT + timedelta(minutes=1))
    assert await forget(database) == 1
    assert [result["_id"] for result in await database[RESULTS].find({})] == ["young"]
    assert (await journal.run(commands[0])).answer == {"total": 1}
    assert await forget(database) == 0


async def test_a_running_journal_removes_them_by_steps(
    database: Database, start_journal: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "EVERY_SECONDS", 0.05)
    monkeypatch.setattr(forgetting, "PAUSE_SECONDS", 0.01)
    long_ago = (await database.command({"hello": 1}))["localTime"] - 2 * KEPT
    await database[RESULTS].insert_many([{"_id": f"r{n}", "at": long_ago} for n in range(2 * STEP + 1)])
    await start_journal()
    await eventually(lambda: gone(database), within=30)


async def gone(database: Database) -> bool:
    return await database[RESULTS].count({}) == 0
