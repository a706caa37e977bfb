"""Network events, their chapters and their copies, decided by the real table over every store."""

from collections import Counter
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from chassis.journal import Command
from chassis.mongo import Document
from contracts.events import EventState, NetworkEventMade
from events_service.domain.chapter import STEPS
from events_service.domain.network_event import LAST_ZONE
from events_service.handlers import event, network_event
from events_service.handlers.copied import CONFORM, copy_id

from .deciding import DETAILS, GROUP, Deciding, act, answer, change

ZONES = ("Europe/Berlin", "America/Los_Angeles", "Pacific/Auckland", "Asia/Kolkata", "America/St_Johns", "Africa/Lagos")
TEMPLATE = replace(DETAILS, hosts=(), timezone=LAST_ZONE, capacity=2)


def name(n: int) -> str:
    return f"g{n:03}"


async def founded(deciding: Deciding, chapters: int, **changes: Any) -> list[str]:
    """A network "n" that ada runs, with this many chapters in as many zones as there are."""
    await deciding.project("networks", {"_id": "n", "v": 1, "name": "N", "admins": ["ada"]})
    for n in range(chapters):
        theirs = {"_id": name(n), "number": n + 1, "timezone": ZONES[n % len(ZONES)], "network_id": "n"}
        await deciding.project("groups", {**GROUP, **theirs, **changes})
    return [name(n) for n in range(chapters)]


async def made(deciding: Deciding, *, publish: bool = True, **details: Any) -> Any:
    """A network event "x" with all its copies."""
    wanted = asdict(replace(TEMPLATE, **details))
    body = {"network_id": "n", "details": wanted, "listed": None, "publish": publish}
    found = await deciding.one(Command("make", network_event.CREATE, "x", body, actor="ada"))
    assert found.created, found.detail
    return found


async def edit(deciding: Deciding, version: int, **changes: Any) -> None:
    found = await deciding.one(act(network_event.CHANGE, "x", "ada", version=version, changes=changes))
    assert found.refused is None, found.detail


async def copies(deciding: Deciding, groups: list[str]) -> list[Document | None]:
    return [await deciding.document("events", copy_id("x", one)) for one in groups]


async def shown(deciding: Deciding, groups: list[str]) -> list[tuple[str, str] | None]:
    return [None if one is None else (one["title"], one["status"]) for one in await copies(deciding, groups)]


async def parts(deciding: Deciding, groups: list[str]) -> list[str | None]:
    found = [await deciding.document("chapters", f"x:{one}") for one in groups]
    return [None if one is None else one["reason"] or one["state"] for one in found]


def told(deciding: Deciding, since: int = 0) -> list[EventState]:
    values = [message.value for message in deciding.said[since:] if message.topic == EventState.topic]
    return [EventState.model_validate_json(value) for value in values if value is not None]


async def test_130_chapters_have_one_copy_each_in_their_own_zone(deciding: Deciding) -> None:
    groups = await founded(deciding, 130)
    await made(deciding)
    found = await copies(deciding, groups)
    for group_id, one, zone in zip(groups, found, ZONES * 22, strict=False):
        assert one is not None, group_id
        local = one["starts"].astimezone(ZoneInfo(zone))
        assert (local.strftime("%Y-%m-%dT%H:%M:%S"), one["timezone"]) == (TEMPLATE.starts_at, zone)
        assert one["origin"] == {"network_event_id": "x", "network_id": "n", "version": 1, "left": []}
    assert await parts(deciding, groups) == ["planned"] * 130
    said = Counter(message.topic for message in deciding.said)
    assert said == {EventState.topic: 130, NetworkEventMade.topic: 130}
    assert {one.network_id for one in told(deciding)} == {"n"}
    held = await deciding.document("network_events", "x")
    assert held is not None
    assert not held["going_round"]


async def test_no_decision_looks_at_more_chapters_than_a_step(deciding: Deciding) -> None:
    await founded(deciding, STEPS + 1)
    body = {"network_id": "n", "details": asdict(TEMPLATE), "listed": None, "publish": True}
    await deciding.batch(Command("make", network_event.CREATE, "x", body, actor="ada"))
    [plan], deciding.waiting = deciding.waiting, []
    assert (plan.name, plan.first) == (network_event.PLAN, True)
    await deciding.batch(plan)
    further = [one for one in deciding.waiting if one.name == network_event.PLAN]
    assert [one.name for one in deciding.waiting].count(CONFORM) == STEPS
    assert [(one.body["after"], one.first) for one in further] == [(name(STEPS - 1), True)]
    held = await deciding.document("network_events", "x")
    assert held is not None
    assert held["going_round"]
    waiting, deciding.waiting = deciding.waiting, []
    # whoever dies here finds the same commands again; that some of them were decided already changes nothing
    await deciding.batch(*(one for one in waiting if one.name == CONFORM))
    deciding.waiting += waiting
    await deciding.settle()
    assert Counter(message.topic for message in deciding.said)[NetworkEventMade.topic] == STEPS + 1


async def test_what_a_chapter_changed_survives_edits_and_the_rest_follows(deciding: Deciding) -> None:
    groups = await founded(deciding, 3)
    await made(deciding)
    own = copy_id("x", groups[1])
    done = await deciding.one(change(own, 2, title="Rye", capacity=9))
    assert done.refused is None
    said = len(deciding.said)
    later = {"starts_at": "2026-12-08T19:00:00", "ends_at": "2026-12-08T21:00:00"}
    await edit(deciding, 1, title="Buns", description="Bring butter", **later)
    assert await shown(deciding, groups) == [("Buns", "published"), ("Rye", "published"), ("Buns", "published")]
    found = [one for one in await copies(deciding, groups) if one is not None]
    assert [(one["description"], one["capacity"]) for one in found] == [("Bring butter", n) for n in (2, 9, 2)]
    assert [one["starts"].hour for one in found] == [18, 3, 6]
    messages = {one.group_id: one for one in told(deciding, said)}
    assert [messages[one].changed for one in groups] == [
        ["title", "starts_at", "ends_at"],
        ["starts_at", "ends_at"],
        ["title", "starts_at", "ends_at"],
    ]
    assert all(one.edit is None for one in messages.values()), "each copy tells its own people, as any edit does"


async def test_cancelling_and_opting_out(deciding: Deciding) -> None:
    groups = await founded(deciding, 3)
    await made(deciding)
    refused = await deciding.one(act(network_event.OPT_OUT, "x", "mia", group_id=groups[0]))
    assert refused.refused == "not-allowed"
    by_leader = await deciding.one(act(network_event.OPT_OUT, "x", "olga", group_id=groups[0]))
    assert by_leader.answer == {"network_event_id": "x", "group_id": groups[0], "state": "opted-out"}
    assert (await deciding.one(act(network_event.OPT_OUT, "x", "ada", group_id=groups[0]))).facts == ()
    apart = told(deciding)[-1]
    assert (apart.status, apart.network_event_id, apart.changed) == ("published", None, [])
    await deciding.one(act(network_event.CANCEL, "x", "ada"))
    assert [one and one[1] for one in await shown(deciding, groups)] == ["published", "cancelled", "cancelled"]
    again = await deciding.one(act(network_event.OPT_OUT, "x", "ada", group_id="nothing"))
    assert again.refused == "unknown-chapter"


async def test_a_draft_that_its_leader_deletes_has_opted_out_and_is_not_made_again(deciding: Deciding) -> None:
    groups = await founded(deciding, 2)
    await made(deciding, publish=False)
    assert [message.topic for message in deciding.said] == [NetworkEventMade.topic] * 2
    assert (await deciding.one(act(event.DELETE, copy_id("x", groups[0])))).refused is None
    assert await parts(deciding, groups) == ["opted-out", "planned"]
    await deciding.one(act(network_event.PUBLISH, "x", "ada"))
    assert await shown(deciding, groups) == [None, ("Bread", "published")]
    await deciding.one(Command("late", CONFORM, copy_id("x", groups[0]), _of(groups[0]), actor="ada"))
    assert await shown(deciding, groups) == [None, ("Bread", "published")]


def _of(group_id: str) -> dict[str, Any]:
    return {"network_event_id": "x", "group_id": group_id}


async def test_drafts_go_with_the_network_event(deciding: Deciding) -> None:
    groups = await founded(deciding, 2)
    await made(deciding, publish=False)
    await deciding.one(act(event.PUBLISH, copy_id("x", groups[1])))
    await deciding.one(act(network_event.CANCEL, "x", "ada"))
    assert await shown(deciding, groups) == [None, ("Bread", "cancelled")]
    assert await parts(deciding, groups) == ["planned", "planned"]


async def test_a_frozen_chapter_is_skipped_until_the_network_event_is_changed_again(deciding: Deciding) -> None:
    groups = await founded(deciding, 2)
    held = await deciding.document("groups", groups[0])
    assert held is not None
    await deciding.project("groups", {**held, "status": "frozen"})
    await made(deciding)
    assert await parts(deciding, groups) == ["group-frozen", "planned"]
    await deciding.project("groups", held)
    await edit(deciding, 1, title="Buns")
    assert await parts(deciding, groups) == ["planned", "planned"]
    assert await shown(deciding, groups) == [("Buns", "published")] * 2


async def test_a_group_that_leaves_keeps_its_event_and_one_that_comes_later_has_none_until_it_is_asked_for(
    deciding: Deciding,
) -> None:
    groups = await founded(deciding, 2)
    await made(deciding)
    held = await deciding.document("groups", groups[0])
    assert held is not None
    await deciding.project("groups", {**held, "network_id": None})
    await deciding.project("groups", {**GROUP, "_id": "late", "network_id": "n"})
    await deciding.one(act(network_event.LEAVE, "x", "olga", group_id=groups[0]))
    assert await parts(deciding, [*groups, "late"]) == ["left", "planned", None]
    await edit(deciding, 1, title="Buns")
    assert await shown(deciding, [*groups, "late"]) == [("Bread", "published"), ("Buns", "published"), None]
    since = len(deciding.said)
    refused = await deciding.one(act(network_event.EXTEND, "x", "olga"))
    assert refused.refused == "not-an-admin"
    for nth in range(2):
        extended = await deciding.one(Command(f"extend-{nth}", network_event.EXTEND, "x", {}, actor="ada"))
        assert (extended.refused, extended.answer["version"]) == (None, 2)
    assert await parts(deciding, [*groups, "late"]) == ["left", "planned", "planned"]
    assert await shown(deciding, ["late"]) == [("Buns", "published")]
    assert [state.group_id for state in told(deciding, since)] == ["late"], "nobody else hears of it"
    [found] = await deciding.store.find("network_events", ["x"])
    assert not found["going_round"]
    own = (await copies(deciding, groups))[0]
    assert own is not None
    assert own["origin"] is None


async def test_a_copy_keeps_the_seats_it_has_and_a_raised_capacity_drains_its_line(deciding: Deciding) -> None:
    groups = await founded(deciding, 2)
    await made(deciding)
    ids = [copy_id("x", one) for one in groups]
    for who in ("ada", "bo", "cy"):
        await deciding.one(answer(ids[0], who))
    await edit(deciding, 1, capacity=1, title="Buns")
    assert [one and (one["capacity"], one["origin"]["left"]) for one in await copies(deciding, groups)] == [
        (2, ["capacity"]),
        (1, []),
    ]
    await edit(deciding, 2, capacity=5)
    rsvp = await deciding.document("rsvps", f"{ids[0]}:cy")
    assert rsvp is not None
    assert rsvp["status"] == "yes"


async def test_what_has_begun_somewhere_goes_on_elsewhere(deciding: Deciding) -> None:
    groups = await founded(deciding, 3)
    await made(deciding)
    deciding.now = datetime(2026, 12, 1, 12, tzinfo=UTC)
    await edit(deciding, 1, title="Buns")
    assert await shown(deciding, groups) == [("Buns", "published")] * 2 + [("Bread", "published")]


async def test_what_is_not_there_is_left_alone(deciding: Deciding) -> None:
    for decide in (network_event.PLAN, network_event.REACH, network_event.LEAVE, network_event.THROWN_AWAY, CONFORM):
        body = {"after": "", "anew": True, "group_id": "g", "network_event_id": "nothing"}
        found = await deciding.one(Command(f"odd-{decide}", decide, "nothing", body, actor="olga", first=True))
        assert (found.facts, found.refused) == ((), None)
