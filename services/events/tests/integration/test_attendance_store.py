"""Who was there, decided over memory and MongoDB: documents, counters, the group's memory, messages."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis.journal import Command
from contracts.events import AttendanceChanged
from events_service.domain.code import door_code, own_code
from events_service.handlers import attendance
from events_service.handlers.record import FORGET, record_aggregate
from events_service.store.attendance import DOOR_KEY_ID, DOOR_KEYS, key_of

from .deciding import Deciding, act, answer

STARTS = datetime.fromisoformat("2026-12-01T21:30:00+00:00")
LATER = timedelta(minutes=10)
NOTHING = dict.fromkeys(("attended", "no_show", "excused", "walk_ins", "absent_seats", "walk_in_seats"), 0)


async def begun(deciding: Deciding, *coming: str) -> bytes:
    """The event has begun; what codes are signed with."""
    key = await deciding.document(DOOR_KEYS, DOOR_KEY_ID)
    if key is None:
        key = {"_id": DOOR_KEY_ID, "v": 1, "key": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="}
        await deciding.project(DOOR_KEYS, key)
    await deciding.event()
    for member in coming:
        await deciding.membership(member, "active", 1)
        await deciding.one(answer("e", member))
    deciding.now = STARTS + LATER
    return key_of(key)


def check_in(by: str, *, nth: int = 1, **body: Any) -> Command:
    return Command(f"in-{by}-{body}-{nth}", attendance.CHECK_IN, "e", body, actor=by)


def mark(member_id: str, wanted: str | None, by: str = "olga", *, nth: int = 1) -> Command:
    body = {"member_id": member_id, "mark": wanted}
    return Command(f"mark-{member_id}-{wanted}-{nth}", attendance.MARK, "e", body, actor=by)


async def refused(deciding: Deciding, command: Command) -> str | None:
    return (await deciding.one(command)).refused


async def marks(deciding: Deciding) -> dict[str, int]:
    ledger = await deciding.document("ledgers", "e")
    assert ledger is not None
    return {name: count for name, count in ledger.get("marks", {}).items() if count}


async def record(deciding: Deciding, member_id: str) -> tuple[int, int, int]:
    found = await deciding.document("records", record_aggregate("g", member_id)) or {}
    return (found.get("attended", 0), found.get("no_show", 0), found.get("excused", 0))


def said(deciding: Deciding) -> list[tuple[str, str | None, str | None]]:
    """What was told of who was there: kind, before, after."""
    found = [one for one in deciding.said if one.topic == AttendanceChanged.topic]
    told = [(one.type.split(".")[-2], AttendanceChanged.model_validate_json(one.value or "")) for one in found]
    return [(kind, message.was, message.mark) for kind, message in told]


async def test_a_check_in_is_noted_counted_remembered_and_told_once(deciding: Deciding) -> None:
    await begun(deciding, "ada")
    first = await deciding.one(check_in("olga", member_id="ada"))
    again = await deciding.one(check_in("olga", member_id="ada", nth=2))
    assert (first.created, again.created, again.facts, again.answer) == (True, False, (), first.answer)
    answered = {name: first.answer[name] for name in ("status", "response", "means", "walk_in", "noted_by")}
    assert answered == {"status": "attended", "response": "yes", "means": "hand", "walk_in": False, "noted_by": "olga"}
    assert (await marks(deciding), await record(deciding, "ada")) == ({"attended": 1}, (1, 0, 0))
    assert said(deciding) == [("checked-in", None, "attended")]


async def test_a_note_outlives_what_becomes_of_the_rsvp(deciding: Deciding) -> None:
    await begun(deciding, "ada", "bo", "cy")
    await deciding.one(check_in("olga", member_id="ada"))
    before = await deciding.document("rsvps", "e:ada")
    await deciding.one(act("rsvp.drop", "e", member_id="ada"))
    after = await deciding.document("rsvps", "e:ada")
    assert before is not None
    assert after is not None
    assert (before["status"], after["status"], after["attendance"]) == ("yes", "no", before["attendance"])
    [changed] = await deciding.batch(act("event.change", "e", version=2, changes={"description": "Bring flour"}))
    assert changed.refused is None
    assert await marks(deciding) == {"attended": 1}


async def test_corrections_move_every_count_and_the_last_one_leaves_nothing(deciding: Deciding) -> None:
    await begun(deciding, "ada")
    for nth, wanted in enumerate(("no_show", "attended", "excused", None)):
        assert await refused(deciding, mark("ada", wanted, nth=nth)) is None
    assert (await marks(deciding), await record(deciding, "ada")) == ({}, (0, 0, 0))
    ledger, rsvp = await deciding.document("ledgers", "e"), await deciding.document("rsvps", "e:ada")
    assert ledger is not None
    assert rsvp is not None
    assert (ledger["marks"], "attendance" in rsvp) == (NOTHING, False)
    assert said(deciding) == [
        ("missed", None, "no_show"),
        ("checked-in", "no_show", "attended"),
        ("missed", "attended", "excused"),
        ("cleared", "excused", None),
    ]


async def test_a_walk_in_has_an_rsvp_and_loses_it_when_they_never_were_there(deciding: Deciding) -> None:
    await begun(deciding, "ada", "bo")
    await deciding.membership("cy", "active", 1)
    came = await deciding.one(check_in("hana", member_id="cy", let_in=True))
    assert (came.answer["status"], came.answer["walk_in"], came.answer["override"]) == ("attended", True, True)
    told = [one.type.split(".")[-2] for one in deciding.said if one.subject == "e"][-2:]
    assert told == ["admitted", "checked-in"]
    assert await marks(deciding) == {"attended": 1, "walk_ins": 1, "walk_in_seats": 1}
    assert await refused(deciding, mark("cy", "no_show")) == "walked-in"
    gone = await deciding.one(mark("cy", None))
    ledger = await deciding.document("ledgers", "e")
    assert ledger is not None
    assert (gone.answer["status"], ledger["seats"], await marks(deciding)) == ("no", 2, {})
    assert await record(deciding, "cy") == (0, 0, 0)


async def test_codes_are_of_one_event_one_member_and_one_moment(deciding: Deciding) -> None:
    key = await begun(deciding, "ada")
    code, until = door_code(key, "e", deciding.now)
    mine = own_code(key, "e", "ada")
    for wrong in (own_code(key, "other", "ada"), own_code(b"x" * 32, "e", "ada")):
        assert await refused(deciding, check_in("olga", member_id="ada", code=wrong)) == "unknown-code"
    assert await refused(deciding, check_in("ada", member_id="ada", code=mine)) == "not-allowed"
    assert await refused(deciding, check_in("ada", code=door_code(key, "other", deciding.now)[0])) == "unknown-code"
    assert await refused(deciding, check_in("eve", code=code)) == "no-place"
    deciding.now = until + timedelta(seconds=31)
    assert await refused(deciding, check_in("ada", code=code, nth=2)) == "code-expired"
    fresh = door_code(key, "e", deciding.now)[0]
    itself = await deciding.one(check_in("ada", code=fresh, nth=3))
    assert (itself.answer["means"], itself.answer["noted_by"]) == ("door", "ada")
    await deciding.one(mark("ada", None))
    scanned = await deciding.one(check_in("hana", member_id="ada", code=mine))
    assert (scanned.answer["means"], scanned.answer["noted_by"]) == ("code", "hana")


async def test_only_leaders_and_hosts_note_who_was_there(deciding: Deciding) -> None:
    await begun(deciding, "ada", "bo")
    assert await refused(deciding, check_in("ada", member_id="bo")) == "not-allowed"
    assert await refused(deciding, mark("bo", "no_show", by="ada")) == "not-allowed"
    assert await refused(deciding, Command("x", attendance.MARK, "none", {"member_id": "a", "mark": None})) == (
        "unknown-event"
    )


async def test_who_was_put_out_or_is_forgotten_is_not_checked_in(deciding: Deciding) -> None:
    key = await begun(deciding, "ada", "bo")
    await deciding.turn("ada", "removed", 2)
    assert await refused(deciding, check_in("olga", member_id="ada", code=own_code(key, "e", "ada"))) == "not-allowed"
    await deciding.project("members", {"_id": "bo", "v": 1, "sequence": 9, "deleted": True})
    assert await refused(deciding, check_in("olga", member_id="bo")) == "member-forgotten"
    assert await refused(deciding, mark("bo", "no_show")) == "member-forgotten"


async def test_who_is_forgotten_leaves_the_count_and_no_memory(deciding: Deciding) -> None:
    await begun(deciding, "ada")
    await deciding.one(mark("ada", "no_show"))
    await deciding.one(Command("erase", "rsvp.erase", "e", {"member_id": "ada"}))
    body = {"group_id": "g", "member_id": "ada"}
    await deciding.one(Command("forget", FORGET, record_aggregate("g", "ada"), body))
    rsvp, kept = await deciding.document("rsvps", "e:ada"), await deciding.document("records", "record:g:ada")
    assert rsvp is not None
    assert kept is not None
    assert (rsvp["attendance"]["forgotten"], kept["forgotten"], await record(deciding, "ada")) == (
        True,
        True,
        (0, 0, 0),
    )
    assert await marks(deciding) == {"no_show": 1, "absent_seats": 1}
    assert await refused(deciding, mark("ada", "attended")) == "member-forgotten"


@pytest.mark.parametrize("lanes", [1, 3])
async def test_a_groups_memory_adds_up_over_events_and_lanes(deciding: Deciding, lanes: int) -> None:
    deciding.lanes = lanes
    await begun(deciding, "ada", "bo")
    outcomes = await deciding.batch(mark("ada", "no_show"), mark("bo", "attended"))
    assert [outcome.refused for outcome in outcomes] == [None, None]
    await deciding.settle()
    assert [await record(deciding, who) for who in ("ada", "bo")] == [(0, 1, 0), (1, 0, 0)]
    assert await marks(deciding) == {"attended": 1, "no_show": 1, "absent_seats": 1}
