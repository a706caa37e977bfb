"""When a lane takes no batch: callers are told so at once and may come again, and handoffs wait."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

import bank
import pytest
from bank import add
from prometheus_client import REGISTRY

from chassis.journal import Busy, Journal, Unknown, attempt, hand_over
from chassis.mongo import Database
from testkit import eventually

Start = Callable[..., Awaitable[Journal]]


def refuses(kind: str, lane: str = "0.0") -> float:
    return REGISTRY.get_sample_value("convene_journal_refuses", {"lane": lane, "kind": kind}) or 0.0


async def hears_busy(journal: Journal) -> None:
    with pytest.raises(Busy) as told:
        await journal.run(add("a"), deadline=2)
    assert told.value.retry_after > 0


async def test_a_stepped_clock_is_not_used_until_two_readings_agree(
    journal: Journal, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database's clock cannot be set here, so the writer's monotonic one goes the other way."""
    await journal.run(add("a"))
    stepped = monotonic()
    monkeypatch.setattr(attempt, "monotonic", lambda: monotonic() + 3600)
    await hears_busy(journal)
    await eventually(lambda: refuses("clock") == 1)
    await hand_over(database, [add("a", id_="waits")])
    await hears_busy(journal)
    assert not await database["results"].count({"_id": "waits"})
    await eventually(lambda: database["results"].count({"_id": "waits"}), within=60)
    assert monotonic() - stepped >= 4.9
    await eventually(lambda: refuses("clock") == 0, because="it says so after its first batch is there")
    assert (await journal.run(add("a"))).answer == {"total": 3}


async def test_a_step_that_is_taken_back_stops_nobody_for_long(
    journal: Journal, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await journal.run(add("a"))
    with monkeypatch.context() as stepped:
        stepped.setattr(attempt, "monotonic", lambda: monotonic() - 3600)
        await hears_busy(journal)

    async def decided() -> bool:
        try:
            return bool((await journal.run(add("a"))).answer)
        except Busy:
            return False

    assert await eventually(decided, within=4)
    times = [batch["at"] for batch in await database["journal"].find({}, sort=[("_id", 1)])]
    assert (times[-1] - times[0]).total_seconds() < 60


async def test_who_comes_after_the_end_is_told_at_once(start_journal: Start) -> None:
    journal = await start_journal()
    await journal.run(add("a"))
    await journal.stop()
    async with asyncio.timeout(5):
        with pytest.raises(Busy):
            await journal.run(add("a"))


async def test_a_caller_in_another_process_hears_of_a_broken_decision_before_the_deadline(
    start_journal: Start, database: Database
) -> None:
    first, second = await start_journal(lease_seconds=30), await start_journal(lease_seconds=30)
    await eventually(lambda: first.writes or second.writes)
    other = second if first.writes else first
    async with asyncio.timeout(30):
        with pytest.raises(Unknown):
            await other.run(add("a", broken=True), deadline=60)
    assert (await other.run(add("a"))).answer == {"total": 1}
    assert await database[bank.ACCOUNTS].count({"_id": "a", "total": 1})


async def test_a_lease_from_before_the_clock_was_set_back_holds_nobody_up(
    start_journal: Start, database: Database
) -> None:
    later = [{"$set": {"owner": "dead", "until": {"$dateAdd": {"startDate": "$$NOW", "unit": "hour", "amount": 1}}}}]
    await database["lanes"].update_one({"_id": "0.0"}, later)
    journal = await start_journal()
    async with asyncio.timeout(30):
        assert (await journal.run(add("a"), deadline=30)).answer == {"total": 1}
