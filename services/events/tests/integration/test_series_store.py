"""A series and the events that are its dates, decided by the real table over every store: what each edit leaves."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.journal import Command
from contracts.events import EventState
from events_service.handlers import event, occurrence, passing, series

from .deciding import DETAILS, GROUP, Deciding, act, answer, change

PLAN = {
    "rule": "FREQ=WEEKLY;BYDAY=TU;COUNT=4",
    "starts_at": "2026-12-01T18:30:00",
    "ends_at": "2026-12-01T21:00:00",
    "timezone": "America/Sao_Paulo",
    "exdates": [],
    "rdates": [],
}


async def made(deciding: Deciding, *, publish: bool = True, **details: Any) -> list[str]:
    """A series "s" of the group's; its events in order."""
    await deciding.project("groups", GROUP)
    wanted = asdict(replace(DETAILS, hosts=(), **details))
    body = {"group_id": "g", "plan": PLAN, "details": wanted, "publish": publish}
    made = await deciding.one(Command("make", series.CREATE, "s", body, actor="olga"))
    assert made.created
    return [one["event_id"] for one in made.answer["occurrences"]]


async def edit(deciding: Deciding, version: int, since: str | None = None, *, plan: Any = None, **changes: Any) -> Any:
    body: Any = {"since": since, "version": version, "plan": plan or {}, "changes": changes}
    found = await deciding.one(act(series.CHANGE, "s", **body))
    assert found.refused is None, found.detail
    return found


async def shown(deciding: Deciding, ids: list[str]) -> list[tuple[str, str, str] | None]:
    found = [await deciding.document("events", id_) for id_ in ids]
    return [None if one is None else (one["starts_at"][5:16], one["title"], one["status"]) for one in found]


def told(deciding: Deciding, since: int = 0) -> list[EventState]:
    values = [message.value for message in deciding.said[since:] if message.topic == EventState.topic]
    return [EventState.model_validate_json(value) for value in values if value is not None]


async def test_each_date_is_an_event_of_its_own(deciding: Deciding) -> None:
    ids = await made(deciding)
    assert len(set(ids)) == 4
    assert await shown(deciding, ids) == [(f"12-{day}T18:30", "Bread", "published") for day in ("01", "08", "15", "22")]
    assert [(one.series_id, one.edit) for one in told(deciding)] == [("s", None)] * 4
    assert [one.recurrence_id for one in told(deciding)] == [one.starts_at_utc for one in told(deciding)]
    await deciding.one(answer(ids[1], "ada"))
    first, second = [await deciding.document("ledgers", id_) for id_ in ids[:2]]
    assert first is not None
    assert second is not None
    assert (first["seats"], second["seats"]) == (0, 1)


async def test_this_date_alone_and_then_this_and_following(deciding: Deciding) -> None:
    ids = await made(deciding)
    await deciding.one(change(ids[2], 2, title="Rye"))
    said = len(deciding.said)
    await edit(deciding, 2, ids[1], title="Buns", capacity=9)
    assert await shown(deciding, ids) == [
        ("12-01T18:30", "Bread", "published"),
        ("12-08T18:30", "Buns", "published"),
        ("12-15T18:30", "Rye", "published"),
        ("12-22T18:30", "Buns", "published"),
    ]
    messages = told(deciding, said)
    assert [one.changed for one in messages] == [["title", "capacity"], ["capacity"], ["title", "capacity"]]
    assert len({one.edit.id for one in messages if one.edit}) == 1, "one edit, of which each tells its part"
    again = await edit(deciding, 3, ids[1], title="Buns")
    assert again.facts == ()


async def test_dates_move_with_their_rsvps_fall_off_and_come_back(deciding: Deciding) -> None:
    ids = await made(deciding)
    for id_ in ids:
        await deciding.one(answer(id_, "ada"))
    wednesdays = {"rule": "FREQ=WEEKLY;BYDAY=WE;COUNT=2", "starts_at": "2026-12-09T19:00:00"}
    said = len(deciding.said)
    await edit(deciding, 2, ids[1], plan=wednesdays)
    assert await shown(deciding, ids) == [
        ("12-01T18:30", "Bread", "published"),
        ("12-09T19:00", "Bread", "published"),
        ("12-16T19:00", "Bread", "published"),
        ("12-22T18:30", "Bread", "cancelled"),
    ]
    [moved, _, fell] = sorted(told(deciding, said), key=lambda one: one.starts_at)
    assert (moved.changed, moved.status, fell.status) == (["starts_at", "ends_at"], "published", "cancelled")
    assert moved.edit == fell.edit
    assert moved.edit is not None
    assert (moved.edit.kind, moved.edit.fell) == ("changed", 1)
    rsvp = await deciding.document("rsvps", f"{ids[1]}:ada")
    assert rsvp is not None
    assert rsvp["status"] == "yes"
    await edit(deciding, 3, plan={"rdates": ["2026-12-22"]})
    assert (await shown(deciding, ids))[3] == ("12-22T19:00", "Bread", "published")
    back = told(deciding)[-1]
    assert (back.event_id, back.changed) == (ids[3], ["status", "starts_at", "ends_at"])
    assert back.recurrence_id == datetime(2026, 12, 22, 21, 30, tzinfo=UTC)


async def test_a_series_is_cancelled_as_a_whole(deciding: Deciding) -> None:
    ids = await made(deciding)
    deciding.now = datetime(2026, 12, 10, tzinfo=UTC)
    said = len(deciding.said)
    await deciding.one(act(series.CANCEL, "s"))
    assert [one and one[2] for one in await shown(deciding, ids)] == ["published"] * 2 + ["cancelled"] * 2
    assert [one.edit.kind for one in told(deciding, said) if one.edit] == ["cancelled", "cancelled"]


async def test_a_date_moved_alone_that_is_called_off_with_the_rest_leaves_the_series_too(deciding: Deciding) -> None:
    ids = await made(deciding)
    await deciding.one(change(ids[0], 2, starts_at="2026-12-28T18:30:00", ends_at="2026-12-28T21:00:00"))
    deciding.now = datetime(2026, 12, 10, tzinfo=UTC)
    await deciding.one(act(series.CANCEL, "s"))
    assert [one and one[2] for one in await shown(deciding, ids)] == [
        "cancelled",
        "published",
        "cancelled",
        "cancelled",
    ]
    held = await deciding.document("series", "s")
    assert held is not None
    assert [one["live"] for one in held["occurrences"]] == [False, True, False, False]
    assert (list(held["plan"]["exdates"]), held["version"]) == ([], 4)


async def test_an_edit_says_how_many_dates_take_place_after_all(deciding: Deciding) -> None:
    ids = await made(deciding)
    await edit(deciding, 2, plan={"exdates": ["2026-12-08", "2026-12-15"]})
    await edit(deciding, 3, plan={"exdates": ["2026-12-08"]})
    [back] = [one for one in told(deciding)[-3:] if one.event_id == ids[2] and one.status == "published"]
    assert back.edit is not None
    assert (back.edit.back, back.edit.fell, back.edit.changed) == (1, 0, [])


async def test_drafts_are_published_together_and_deleted_one_by_one(deciding: Deciding) -> None:
    ids = await made(deciding, publish=False)
    assert told(deciding) == []
    deleted = await deciding.one(act(event.DELETE, ids[1]))
    assert deleted.refused is None
    assert (await shown(deciding, ids))[1] is None
    held = await deciding.document("series", "s")
    assert held is not None
    assert (list(held["plan"]["exdates"]), held["occurrences"][1]["live"]) == (["2026-12-08"], False)
    assert (await deciding.one(answer(ids[1], "ada"))).refused == "unknown-event"
    await deciding.one(act(series.PUBLISH, "s"))
    assert sorted(one.event_id for one in told(deciding)) == sorted([ids[0], ids[2], ids[3]])
    await edit(deciding, 3, plan={"exdates": []})
    assert (await shown(deciding, ids))[1] == ("12-08T18:30", "Bread", "published")


async def test_a_date_keeps_the_seats_it_has_when_the_series_shrinks(deciding: Deciding) -> None:
    ids = await made(deciding)
    for name in ("ada", "bo"):
        await deciding.one(answer(ids[0], name))
    await edit(deciding, 2, capacity=1, title="Buns")
    documents = [await deciding.document("events", id_) for id_ in ids]
    assert [one and (one["capacity"], one["title"]) for one in documents] == [(2, "Buns")] + [(1, "Buns")] * 3


async def test_a_raised_capacity_of_the_series_drains_each_line(deciding: Deciding) -> None:
    ids = await made(deciding)
    for name in ("ada", "bo", "cy"):
        await deciding.one(answer(ids[3], name))
    await edit(deciding, 2, capacity=5)
    rsvp = await deciding.document("rsvps", f"{ids[3]}:cy")
    assert rsvp is not None
    assert rsvp["status"] == "yes"


async def test_an_event_that_is_over_says_so_once(deciding: Deciding) -> None:
    event_id = await deciding.event()
    held = await deciding.document("events", event_id)
    assert held is not None
    due = held["due_at"]
    assert due == held["ends"]
    command = passing.end(event_id, held["version"], due, due)
    await deciding.one(command)
    ended = await deciding.document("events", event_id)
    assert ended is not None
    assert (ended["due_at"], ended["ended_at"], ended["status"]) == (None, deciding.now, "published")
    [said] = [one for one in told(deciding) if one.status == "past"]
    assert said.event_id == event_id
    assert (await deciding.one(replace(command, id="again"))).facts == ()


async def test_new_zone_rules_move_the_instants_of_what_is_to_come(deciding: Deciding) -> None:
    event_id = await deciding.event()
    held = await deciding.document("events", event_id)
    assert held is not None
    stale = {name: held[name] + timedelta(hours=1) for name in ("starts", "ends", "closes")}
    await deciding.project("events", {**held, **stale})
    await deciding.one(passing.rezone(event_id, "run"))
    again, ledger = await deciding.document("events", event_id), await deciding.document("ledgers", event_id)
    assert again is not None
    assert ledger is not None
    assert {name: again[name] for name in stale} == {name: held[name] for name in stale}
    assert ledger["starts"] == held["starts"]
    assert told(deciding)[-1].changed == ["starts_at", "ends_at"]


@pytest.mark.parametrize("decide", [occurrence.FALL, passing.END, passing.REZONE, series.LEAVE_OUT])
async def test_what_is_not_there_is_left_alone(deciding: Deciding, decide: str) -> None:
    body = {"edit": {}, "at": deciding.now.isoformat(), "event_id": "nothing"}
    found = await deciding.one(Command(f"odd-{decide}", decide, "nothing", body, actor="olga"))
    assert (found.facts, found.refused) == ((), None)
