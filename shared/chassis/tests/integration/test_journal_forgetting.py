"""Results have their time; what is younger answers its repeats."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from bank import add

from chassis.journal import Journal, forgetting
from chassis.journal.forgetting import KEPT, STEP, forget, forget_secrets
from chassis.journal.shape import RESULTS
from chassis.journal.vault import SHOWN_ONCE
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


async def before_it_ends(database: Database, id_: str, left: timedelta) -> None:
    until = {"$dateAdd": {"startDate": "$$NOW", "unit": "second", "amount": int(left.total_seconds())}}
    await database[RESULTS].update_one({"_id": id_}, [{"$set": {"once.until": until}}])


async def test_a_secret_goes_out_of_its_result_after_a_day_and_the_rest_stays(
    journal: Journal, database: Database
) -> None:
    said = {"name": "account.note", "note": "mine", "secret": "sesame"}
    commands = [add("ada", id_="young", **said), add("ada", id_="old", **said), add("ada", id_="none")]
    told = [(await journal.run(command)).answer for command in commands]
    assert told[1] == {"total": 2, "note": "mine", "secret": "sesame"}
    kept = {one["_id"]: one for one in await database[RESULTS].find({})}
    assert kept["old"]["once"] == {"fields": ["secret"], "until": kept["old"]["at"] + SHOWN_ONCE}
    assert timedelta(hours=24) == SHOWN_ONCE
    assert "once" not in kept["none"]
    await before_it_ends(database, "young", timedelta(minutes=1))
    await before_it_ends(database, "old", -timedelta(seconds=1))
    assert await forget_secrets(database) == 1
    assert await forget_secrets(database) == 0
    left = await database[RESULTS].find_one({"_id": "old"})
    assert left is not None
    assert (left["answer"]["secret"], left["personal"]["fields"]) == (None, ["note"])
    assert (await journal.run(commands[0])).answer == told[0]
    assert (await journal.run(commands[1])).answer == {**told[1], "secret": None}
    assert (await journal.run(commands[2])).answer == told[2]


async def test_a_running_journal_takes_secrets_out_by_steps(
    database: Database, start_journal: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "EVERY_SECONDS", 0.05)
    monkeypatch.setattr(forgetting, "PAUSE_SECONDS", 0.01)
    now = (await database.command({"hello": 1}))["localTime"]
    personal = {"of": "ada", "fields": ["token"]}
    secret = {"at": now - timedelta(days=2), "answer": {"token": "sealed"}, "personal": personal}
    once = {"fields": ["token"], "until": now - timedelta(days=1)}
    await database[RESULTS].insert_many([{"_id": f"r{n}", **secret, "once": once} for n in range(2 * STEP + 1)])
    await start_journal()

    async def none_left() -> bool:
        return await database[RESULTS].count({"answer.token": None}) == 2 * STEP + 1

    await eventually(none_left, within=30)


async def gone(database: Database) -> bool:
    return await database[RESULTS].count({}) == 0
