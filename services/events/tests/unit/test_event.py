"""Events: their acts, who may do them, and which edits people hear about."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from events_service.domain.acts import announce, cancel, change, create, publish
from events_service.domain.button import rsvp_state
from events_service.domain.details import Details
from events_service.domain.door import close_rsvps, open_rsvps
from events_service.domain.event import Announced, Cancelled, Changed, Created, Event, Published, evolve
from events_service.domain.group import OUTSIDER, Group, Membership
from events_service.domain.ledger import Ledger
from events_service.domain.permission import PERMISSIONS, ROLES, Action
from events_service.domain.place import Place
from events_service.domain.refusal import Refused
from events_service.domain.rsvp import Rsvp

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
GROUP = Group("g", 1, "g", "G", (), "Kyoto", "jp", None, 35.0, 135.8, "public", "open", "active", "olga")
LEADER = Membership("active", "event_organizer", 1)
MEMBER = Membership("active", "member", 1)
BY_LEADER: dict[str, Any] = {"group": GROUP, "membership": LEADER, "now": NOW}
DETAILS = Details(
    title="Tea",
    starts_at="2026-06-01T18:30:00",
    ends_at="2026-06-01T21:00:00",
    timezone="Asia/Tokyo",
    attendee_list="everyone",
    place=Place("online", url="https://meet.test/1"),
    capacity=5,
    hosts=("hana",),
)


def event(**changes: Any) -> Event:
    facts = create("e", "olga", DETAILS, group=GROUP, membership=LEADER, now=NOW)
    assert not isinstance(facts, Refused)
    return replace(evolve(None, facts[0], NOW), **{"status": "published", **changes})


def refused(decided: object) -> str:
    assert isinstance(decided, Refused)
    return decided.reason


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", list(Action))
def test_leaders_do_all_and_members_look(role: Any, action: Action) -> None:
    assert (action in PERMISSIONS[role]) == (role != "member" or action is Action.SEE_INSIDE)
    assert not OUTSIDER.may(action)


def test_only_leaders_create_events() -> None:
    assert refused(create("e", "m", DETAILS, group=GROUP, membership=MEMBER, now=NOW)) == "not-allowed"
    facts = create("e", "olga", DETAILS, group=GROUP, membership=LEADER, now=NOW)
    assert isinstance(facts, list)
    assert isinstance(facts[0], Created)
    assert evolve(None, facts[0], NOW).details == DETAILS


def test_a_frozen_group_has_no_new_events_but_those_it_has() -> None:
    frozen: dict[str, Any] = {**BY_LEADER, "group": replace(GROUP, status="frozen")}
    assert refused(create("e", "o", DETAILS, **frozen)) == "group-not-active"
    assert refused(publish(event(status="draft"), "olga", **frozen)) == "group-not-active"
    assert publish(event(), "olga", **frozen) == []
    assert announce(event(), "olga", **frozen) == [Announced("e", "olga")]
    assert change(event(), "olga", version=1, changes={"title": "Cha"}, **frozen)
    assert cancel(event(), "olga", **frozen) == [Cancelled("e", "olga")]


def test_a_group_in_grace_goes_on_as_before() -> None:
    grace: dict[str, Any] = {**BY_LEADER, "group": replace(GROUP, status="grace", organizer_id=None)}
    assert create("e", "o", DETAILS, **grace)
    assert publish(event(status="draft"), "olga", **grace) == [Published("e", "olga")]


def test_the_events_of_a_closed_group_can_only_be_cancelled() -> None:
    closed: dict[str, Any] = {**BY_LEADER, "group": replace(GROUP, status="closed")}
    assert refused(create("e", "o", DETAILS, **closed)) == "group-not-active"
    assert refused(publish(event(status="draft"), "olga", **closed)) == "group-not-active"
    assert refused(announce(event(), "olga", **closed)) == "group-closed"
    assert refused(change(event(), "olga", version=1, changes={"title": "Cha"}, **closed)) == "group-closed"
    assert cancel(event(), "olga", **closed) == [Cancelled("e", "olga")]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ends_at": "2026-06-01T18:30:00"}, "ends-before-start"),
        ({"timezone": "Mars/Olympus"}, "unknown-timezone"),
        ({"starts_at": "2026-04-01T18:30:00"}, "starts-in-the-past"),
        ({"rsvp_closes_at": "tomorrow"}, "bad-rsvp-window"),
        ({"rsvp_opens_at": "PT1H", "rsvp_closes_at": "PT2H"}, "bad-rsvp-window"),
    ],
)
def test_times_that_cannot_be_are_refused(changes: dict[str, str], reason: str) -> None:
    details = replace(DETAILS, **changes)  # type: ignore[arg-type]  # names and values come from the table above
    assert refused(create("e", "olga", details, group=GROUP, membership=LEADER, now=NOW)) == reason


def test_acts_done_twice_change_nothing() -> None:
    assert publish(event(), "olga", **BY_LEADER) == []
    assert announce(event(), "olga", **BY_LEADER) == [Announced("e", "olga")]
    assert announce(event(announced_at=NOW), "olga", **BY_LEADER) == []
    assert refused(announce(event(status="draft"), "olga", **BY_LEADER)) == "not-published"
    assert cancel(event(status="cancelled"), "olga", **BY_LEADER) == []
    assert refused(publish(event(status="cancelled"), "olga", **BY_LEADER)) == "event-cancelled"


@pytest.mark.parametrize("status", ["active", "closed"])
def test_a_draft_is_deleted_and_never_cancelled(status: Any) -> None:
    """Nobody was told of it, and what is cancelled is shown to everybody."""
    acting: dict[str, Any] = {**BY_LEADER, "group": replace(GROUP, status=status)}
    assert refused(cancel(event(status="draft"), "olga", **acting)) == "not-published"
    assert refused(cancel(event(status="draft"), "m", **{**acting, "membership": MEMBER})) == "unknown-event"


def test_hosts_edit_their_event_and_members_do_not() -> None:
    assert change(event(), "hana", group=GROUP, membership=MEMBER, version=1, changes={"title": "Cha"}, now=NOW)
    assert (
        refused(change(event(), "mia", group=GROUP, membership=MEMBER, version=1, changes={"title": "Cha"}, now=NOW))
        == "not-allowed"
    )
    draft = event(status="draft")
    assert (
        refused(change(draft, "mia", group=GROUP, membership=MEMBER, version=1, changes={"title": "Cha"}, now=NOW))
        == "unknown-event"
    )


@pytest.mark.parametrize("act", [publish, announce, cancel, open_rsvps, close_rsvps])
def test_a_host_acts_for_their_event_and_for_no_other(act: Any) -> None:
    acting: dict[str, Any] = {"group": GROUP, "membership": MEMBER, "now": NOW}
    assert not isinstance(act(event(), "hana", **acting), Refused)
    other = event(details=replace(DETAILS, hosts=("ingo",)))
    assert refused(act(other, "hana", **acting)) == "not-allowed"


def test_an_edit_of_an_old_version_is_refused() -> None:
    assert refused(
        change(event(version=3), "olga", group=GROUP, membership=LEADER, version=2, changes={"title": "C"}, now=NOW)
    ) == ("stale-version")


@pytest.mark.parametrize(
    ("wanted", "moved"),
    [
        (("Allergies?", "Size?", "Lift?"), False),
        (("Allergies or diets?", "Size?"), False),
        (("Allergies?",), False),
        ((), False),
        (("Size?",), True),
        (("Size?", "Allergies?"), True),
        (("Badge?", "Allergies?", "Size?"), True),
    ],
)
def test_answers_stay_with_their_questions(wanted: tuple[str, ...], moved: bool) -> None:
    asking = event(details=replace(DETAILS, questions=("Allergies?", "Size?")))
    for there in (asking, replace(asking, status="draft")):
        found = change(there, "olga", group=GROUP, membership=LEADER, version=1, changes={"questions": wanted}, now=NOW)
        assert isinstance(found, Refused) == (moved and there.status != "draft")
        assert not isinstance(found, Refused) or found.reason == "questions-moved"


def test_an_event_that_asks_the_same_twice_is_still_edited() -> None:
    asking = event(details=replace(DETAILS, questions=("Name of guest?", "Name of guest?")))
    for changes in ({"title": "Cha"}, {"questions": ("Name of guest?", "Name of guest?", "Size?")}):
        assert isinstance(
            change(asking, "olga", group=GROUP, membership=LEADER, version=1, changes=changes, now=NOW), list
        )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"title": "Cha"}, ("title",)),
        ({"title": "Tea"}, None),
        ({"description": "Bring cups", "topics": ("Tea",)}, ()),
        ({"timezone": "Europe/Berlin"}, ("starts_at", "ends_at")),
        ({"ends_at": "2026-06-01T22:00:00", "capacity": None}, ("ends_at", "capacity")),
        (
            {"place": {"kind": "online", "name": None, "address": None, "lat": None, "lon": None, "url": "x"}},
            ("place",),
        ),
        ({"attendee_list": "hidden", "guest_limit": 0}, ("attendee_list",)),
    ],
)
def test_people_hear_about_meaningful_edits(changes: dict[str, Any], told: tuple[str, ...] | None) -> None:
    facts = change(event(), "olga", group=GROUP, membership=LEADER, version=1, changes=changes, now=NOW)
    assert isinstance(facts, list)
    if told is None:
        assert facts == []
        return
    [fact] = facts
    assert isinstance(fact, Changed)
    assert fact.told == told
    assert evolve(event(), fact, NOW).version == 2


FULL = Ledger(capacity=5, seats=5)
STATES: list[tuple[dict[str, Any], str]] = [
    ({"now": NOW, "event": {"status": "cancelled"}}, "cancelled"),
    ({"now": datetime(2026, 6, 2, tzinfo=UTC)}, "past"),
    ({"event": {"status": "draft"}}, "not_open_yet"),
    ({"now": datetime(2026, 6, 1, 10, tzinfo=UTC)}, "closed"),
    ({"membership": Membership("banned", "member", 2)}, "not_allowed"),
    ({"membership": OUTSIDER, "group": {"join_mode": "closed"}}, "not_allowed"),
    ({"rsvp": "requested", "membership": OUTSIDER}, "requested"),
    ({"membership": OUTSIDER}, "open_joins"),
    ({"membership": OUTSIDER, "group": {"join_mode": "approval"}}, "open_requests"),
    ({"ledger": FULL}, "full"),
    ({"ledger": replace(FULL, seats=4, waiting=1)}, "full"),
    ({"rsvp": "waitlist", "ledger": FULL}, "waitlist"),
    ({"rsvp": "yes", "membership": OUTSIDER, "ledger": FULL}, "yes"),
    ({"rsvp": "no"}, "no"),
    ({}, "open"),
]


@pytest.mark.parametrize(("given", "state"), STATES)
def test_the_button(given: dict[str, Any], state: str) -> None:
    rsvp = None if "rsvp" not in given else Rsvp("m", 1, 1, given["rsvp"], 0, 1, 0, 1, 1)
    assert state == rsvp_state(
        event(**given.get("event", {})).terms(),
        given.get("ledger", Ledger(capacity=5)),
        replace(GROUP, **given.get("group", {})),
        given.get("membership", MEMBER),
        rsvp=rsvp,
        now=given.get("now", NOW),
    )
