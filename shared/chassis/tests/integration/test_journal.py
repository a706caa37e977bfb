"""The journal on a real mongod: one answer per command, in order, durable, and nobody spoils it for the others."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import bank
import pytest
from bank import add

from chassis import telemetry
from chassis.ids import derived_id, random_id
from chassis.journal import (
    HANDOFFS,
    Command,
    Failed,
    Journal,
    Mismatch,
    Source,
    Unstorable,
    hand_over,
    handoff_write,
    prepare,
)
from chassis.journal.generation import Generation, in_force
from chassis.mongo import Database, Document
from testkit import eventually

Start = Callable[..., Awaitable[Journal]]


async def batches(database: Database) -> list[Document]:
    return await database["journal"].find({}, sort=[("_id", 1)])


async def entries(database: Database) -> list[Document]:
    return [entry for batch in await batches(database) for entry in batch["entries"]]


async def decided(database: Database, *ids: str) -> bool:
    return await database["results"].count({"_id": {"$in": list(ids)}}) == len(ids)


async def test_an_answer_stands_in_the_database_before_it_is_given(journal: Journal, database: Database) -> None:
    result = await journal.run(add("a"))
    assert result.answer == {"total": 1}
    assert result.position == ("events.rsvp.v1:a@1",)
    account = await database[bank.ACCOUNTS].find_one({"_id": "a"})
    assert account is not None
    assert account["total"] == 1
    assert account["journal"] == {"sequence": 1, "sent": {"events.rsvp.v1": 1}}
    (entry,) = await entries(database)
    assert entry["facts"][0]["fact"] == "Added"
    assert entry["messages"][0]["sequence"] == 1


async def test_what_came_without_a_trace_begins_one_and_goes_on_with_it(journal: Journal, database: Database) -> None:
    given = f"00-{'a' * 32}-{'b' * 16}-00"
    await journal.run(replace(add("traced"), trace=given))
    await journal.run(add("a", spread=["b"]))
    await journal.run(add("c"))

    async def traces() -> dict[str, str]:
        return {entry["aggregate"]: entry["trace"] for entry in await entries(database)}

    async def all_are_there() -> bool:
        return len(await traces()) == 4

    await eventually(all_are_there)
    found = await traces()
    assert found["traced"] == given
    assert found["a"] == found["b"] != found["c"]
    for name in "abc":
        assert telemetry.continued(found[name]) == found[name], "it is well-formed"
        assert found[name].endswith("-00"), "nothing is recorded of it"


async def test_a_repeat_gets_the_same_answer_and_changes_nothing(journal: Journal, database: Database) -> None:
    command = add("a")
    first, twin = await asyncio.gather(journal.run(command), journal.run(command))
    later = await journal.run(command)
    assert first == twin == later
    assert len(await entries(database)) == 1


async def test_the_same_key_with_another_body_is_refused(journal: Journal) -> None:
    command = Command("k", "account.add", "a", {}, fingerprint="one")
    await journal.run(command)
    with pytest.raises(Mismatch):
        await journal.run(Command("k", "account.add", "a", {}, fingerprint="two"))


async def test_a_refusal_is_an_answer_too(journal: Journal) -> None:
    await journal.run(add("a"))
    refused = add("a", limit=1)
    assert (await journal.run(refused)).refused == "full"
    await journal.run(add("a", amount=-1))
    assert (await journal.run(refused)).refused == "full"


async def test_a_broken_decision_fails_alone(journal: Journal) -> None:
    async def broken() -> str:
        with pytest.raises(Failed):
            await journal.run(add("a", broken=True))
        return "failed"

    answers = await asyncio.gather(*[journal.run(add("a")) for _ in range(5)], broken())
    assert answers[-1] == "failed"
    assert (await journal.run(add("a"))).answer == {"total": 6}


async def test_a_value_that_must_be_unique_refuses_its_command_and_no_other(journal: Journal) -> None:
    commands = [add(f"a{i}", label="same" if i % 3 == 0 else f"own {i}") for i in range(9)]
    results = await asyncio.gather(*[journal.run(command) for command in commands])
    assert [result.refused for result in results].count("conflict") == 2
    assert {result.refused for i, result in enumerate(results) if i % 3} == {None}


async def test_batches_are_contiguous_and_answers_follow_arrival(journal: Journal, database: Database) -> None:
    results = await asyncio.gather(*[journal.run(add("hot")) for _ in range(500)])
    assert [result.answer["total"] for result in results] == list(range(1, 501))
    assert [batch["_id"]["n"] for batch in await batches(database)] == list(range(1, len(await batches(database)) + 1))


async def test_what_cannot_be_stored_is_refused_before_it_joins(journal: Journal) -> None:
    for body in ({"x": "\ud800"}, {"x": 2**63}, {"\x00": 1}):
        with pytest.raises(Unstorable):
            await journal.run(Command(random_id(), "account.add", "a", body))


async def test_handed_over_commands_are_decided_once(journal: Journal, database: Database) -> None:
    commands = [add("a", id_=f"h{i}") for i in range(20)]
    await asyncio.gather(*[hand_over(database, commands) for _ in range(3)])
    await eventually(lambda: decided(database, *[command.id for command in commands]))
    await hand_over(database, commands)
    assert await database[HANDOFFS].count({}) == 0
    assert len(await entries(database)) == 20


async def test_commands_of_one_subject_are_decided_in_its_order(start_journal: Start, database: Database) -> None:
    def command(sequence: int) -> Command:
        return Command(f"c{sequence}", "account.add", "a", {}, source=Source("t", "s", sequence))

    await database[HANDOFFS].write([handoff_write(command(sequence)) for sequence in (3, 1, 4, 2)])
    await start_journal()
    await eventually(lambda: decided(database, "c1", "c2", "c3", "c4"))
    assert [entry["command_id"] for entry in await entries(database)] == ["c1", "c2", "c3", "c4"]


async def test_a_continuation_goes_before_newcomers(start_journal: Start, database: Database) -> None:
    await hand_over(database, [add("a", id_="newcomer")])
    first = Command("first", "account.recount", "a", {}, first=True)
    await hand_over(database, [first])
    await start_journal()
    await eventually(lambda: decided(database, "newcomer", "first"))
    assert [entry["command_id"] for entry in await entries(database)] == ["first", "newcomer"]


async def test_a_caller_who_gave_up_leaves_nothing_behind(start_journal: Start, database: Database) -> None:
    past = datetime(2000, 1, 1, tzinfo=UTC)
    later = datetime.max.replace(tzinfo=UTC, microsecond=0) - timedelta(days=1)
    await database[HANDOFFS].write(
        [handoff_write(add("a", id_="gone"), deadline=past), handoff_write(add("a", id_="waits"), deadline=later)]
    )
    await start_journal()
    await eventually(lambda: decided(database, "waits"))
    assert not await decided(database, "gone")
    assert await database[HANDOFFS].count({}) == 0


async def test_a_repeat_extends_the_deadline_of_the_handoff_it_finds(start_journal: Start, database: Database) -> None:
    """An attempt that has expired would take the repeat with it, and the repeat's caller would hear nothing."""
    past = datetime(2000, 1, 1, tzinfo=UTC)
    later = datetime.max.replace(tzinfo=UTC, microsecond=0) - timedelta(days=1)
    for deadline in (past, later, past):
        await database[HANDOFFS].write([handoff_write(add("a", id_="again"), deadline=deadline)])
    await start_journal()
    await eventually(lambda: decided(database, "again"))
    assert await database[HANDOFFS].count({}) == 0


async def test_a_newer_release_s_command_waits_for_it_with_all_behind_it(
    start_journal: Start, database: Database
) -> None:
    await hand_over(database, [add("a", id_="newer", name="account.close")])
    await hand_over(database, [add("a", id_="behind")])
    await hand_over(database, [add("b", id_="beside")])
    old = await start_journal()
    await eventually(lambda: decided(database, "beside"))
    assert await database[HANDOFFS].count({"aggregate": "a"}) == 2
    await old.stop()
    await start_journal({**bank.DECIDERS, "account.close": bank.DECIDERS["account.add"]})
    await eventually(lambda: decided(database, "newer", "behind"))
    assert [entry["command_id"] for entry in await entries(database)] == ["beside", "newer", "behind"]


async def test_what_a_command_causes_elsewhere_is_decided_once(journal: Journal, database: Database) -> None:
    command = add("a", spread=["b", "c"])
    await asyncio.gather(journal.run(command), journal.run(command))
    await eventually(lambda: database[bank.ACCOUNTS].count({"_id": {"$in": ["b", "c"]}, "total": 1}))
    assert await eventually(lambda: _count_is(database, 3))


async def _count_is(database: Database, number: int) -> bool:
    return len(await entries(database)) == number


async def test_the_database_keeps_its_number_of_lanes(database: Database) -> None:
    await prepare(database, lanes=2)
    assert await in_force(database) == Generation(0, 1)
    assert await database["lanes"].count({"_id": {"$ne": "generation"}}) == 1


async def test_a_command_that_causes_1200_others_hands_them_over_in_three_steps(
    journal: Journal, database: Database
) -> None:
    others = [f"o{number}" for number in range(1200)]
    assert (await journal.run(add("a", id_="wide", spread=others))).answer == {"total": 1}
    await eventually(lambda: database[bank.ACCOUNTS].count({"_id": {"$in": others}, "total": 1}))
    assert await eventually(lambda: _count_is(database, 1201), within=60)
    assert await database[bank.ACCOUNTS].count({"_id": {"$in": others}, "total": 1}) == 1200
    rest = [derived_id("spread", "a", "1", str(done)) for done in (500, 1000)]
    assert await decided(database, *rest)
    assert await database[HANDOFFS].count({}) == 0


async def test_a_wide_command_does_not_make_a_batch_too_large(journal: Journal, database: Database) -> None:
    wide = [add(f"a{number}", spread=[f"o{number}.{other}" for other in range(450)]) for number in range(4)]
    await asyncio.gather(*[journal.run(command) for command in wide])
    assert await eventually(lambda: _count_is(database, 4 + 4 * 450), within=60)
    sizes = [len(batch["entries"]) for batch in await batches(database)]
    assert max(sizes) <= 500


async def test_more_than_can_be_carried_on_fails_alone(journal: Journal, database: Database) -> None:
    with pytest.raises(Failed):
        await journal.run(add("a", spread=[f"{number}" + "o" * 400 for number in range(7_000)]))
    assert await batches(database) == []
