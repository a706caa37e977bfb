"""Who is told what."""

from datetime import UTC, datetime
from typing import Any

import pytest

from notifications_service.domain.notice import (
    Cause,
    Edit,
    EventBefore,
    Kind,
    Notice,
    Spread,
    of_edit,
    of_event,
    of_export,
    of_membership,
    of_rsvp,
    to,
)

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def cause(actor: str | None = None) -> Cause:
    return Cause("topic", "subject", 4, AT, actor)


def rsvp(status: str, was: str | None = None, **changes: Any) -> Notice | None:
    values = {
        "expired": False,
        "guests": 0,
        "position": None,
        "until": None,
        "member": "ada",
        "group": "g",
        "event": "e",
        **changes,
    }
    return of_rsvp(status=status, was=was, cause=cause("ada"), **values)


def membership(state: str, was: str | None = None, *, actor: str = "ada", **changes: Any) -> list[Notice]:
    values = {"approved": False, "member": "ada", "group": "g", "leaders": {"olga", "coco"}, **changes}
    return of_membership(state=state, was=was, cause=cause(actor), **values)


def event(said: str, before: EventBefore | None = None, **changes: Any) -> Spread | None:
    values = {"announced": False, "cancelled": False, "changed": [], "group": "g", "event": "e", **changes}
    return of_event(said=said, before=before, cause=cause("olga"), **values)


def test_a_confirmation_goes_to_who_acted() -> None:
    notice = rsvp("yes", guests=2)
    assert notice is not None
    assert (notice.kind, notice.recipient, notice.details) == (Kind.RSVP_CONFIRMED, "ada", {"guests": 2})


@pytest.mark.parametrize(
    ("status", "was", "expired", "kind"),
    [
        ("waitlist", None, False, Kind.RSVP_WAITLISTED),
        ("yes", "waitlist", False, Kind.RSVP_PROMOTED),
        ("yes", "offered", False, Kind.RSVP_CONFIRMED),
        ("yes", None, False, Kind.RSVP_CONFIRMED),
        ("offered", "waitlist", False, Kind.RSVP_OFFERED),
        ("no", "offered", True, Kind.RSVP_OFFER_EXPIRED),
        ("no", "offered", False, None),
        ("yes", "no", False, Kind.RSVP_CONFIRMED),
        ("yes", "yes", False, None),
        ("waitlist", "waitlist", False, None),
        ("no", "yes", False, None),
        ("requested", None, False, None),
    ],
)
def test_an_rsvp_tells_when_its_status_changes(status: str, was: str | None, expired: bool, kind: Kind | None) -> None:
    notice = rsvp(status, was, expired=expired, position=3, until=AT)
    assert (None if notice is None else notice.kind) == kind
    if kind is Kind.RSVP_WAITLISTED and notice is not None:
        assert notice.details["position"] == 3
    if kind is Kind.RSVP_OFFERED and notice is not None:
        assert notice.details["until"] == "2026-05-01T12:00:00+00:00"


def test_a_request_tells_each_leader_but_never_the_one_who_asks() -> None:
    assert [notice.recipient for notice in membership("pending")] == ["coco", "olga"]
    assert [notice.recipient for notice in membership("pending", leaders={"ada", "olga"})] == ["olga"]
    assert {notice.about for notice in membership("pending")} == {"ada"}


def test_editing_a_request_tells_nobody_again() -> None:
    assert membership("pending", "pending") == []


def test_only_a_leaders_yes_is_told() -> None:
    [notice] = membership("active", "pending", actor="olga", approved=True)
    assert (notice.kind, notice.recipient) == (Kind.JOIN_APPROVED, "ada")
    assert membership("active") == []
    assert membership("active", "pending", actor="ada", approved=True) == []
    assert membership("left", "active") == []


def test_an_announcement_counts_even_when_its_own_message_is_gone() -> None:
    before = EventBefore(announced=False, cancelled=False)
    for said in ("announced", "changed"):
        spread = event(said, before, announced=True)
        assert spread is not None
        assert (spread.kind, spread.audience) == (Kind.EVENT_ANNOUNCED, "members")


def test_a_first_reading_of_old_states_tells_nobody() -> None:
    assert event("changed", announced=True) is None
    assert event("published") is None
    assert event("changed", cancelled=True) is None


def test_only_what_people_are_told_about_makes_a_change() -> None:
    before = EventBefore(announced=True, cancelled=False)
    assert event("changed", before, announced=True) is None
    spread = event("changed", before, announced=True, changed=["title", "place"])
    assert spread is not None
    assert (spread.kind, spread.audience, spread.details) == (
        Kind.EVENT_CHANGED,
        "attendees",
        {"changed": ["place", "title"]},
    )


def test_a_cancellation_is_told_once() -> None:
    spread = event("cancelled", EventBefore(announced=True, cancelled=False), cancelled=True, announced=True)
    assert spread is not None
    assert (spread.kind, spread.audience) == (Kind.EVENT_CANCELLED, "attendees")
    assert event("cancelled", EventBefore(announced=True, cancelled=True), cancelled=True) is None


def test_a_spread_leaves_out_who_caused_it() -> None:
    spread = Spread(Kind.EVENT_ANNOUNCED, "members", cause("olga"), "g", "e")
    assert to(spread, "olga") is None
    notice = to(spread, "ada")
    assert notice is not None
    assert (notice.recipient, notice.event_id, notice.cause) == ("ada", "e", spread.cause)


def test_all_dates_of_a_series_tell_of_an_edit_as_one_cause() -> None:
    before = EventBefore(announced=True, cancelled=False)
    moved = event("changed", before, announced=True, changed=["starts_at"])
    fallen = event("cancelled", before, announced=True, cancelled=True, event="f")
    edit = Edit("x", AT, "changed", ("starts_at",), 1)
    assert moved is not None
    assert fallen is not None
    one, other = of_edit(moved, edit), of_edit(fallen, edit)
    assert one.cause == other.cause == Cause("topic", "x", 0, AT, "olga")
    assert (one.kind, other.kind) == (Kind.SERIES_CHANGED, Kind.SERIES_CHANGED)
    assert one.details == other.details == {"changed": ["starts_at"], "fell": 1}
    assert (one.event_id, other.event_id) == ("e", "f")


def test_a_cancelled_series_is_another_kind() -> None:
    fallen = event("cancelled", EventBefore(announced=False, cancelled=False), cancelled=True)
    assert fallen is not None
    assert of_edit(fallen, Edit("x", AT, "cancelled", (), 4)).kind is Kind.SERIES_CANCELLED


def test_an_archive_is_told_of_to_who_asked_for_it() -> None:
    told = of_export("ada", "request", cause("ada"))
    assert (told.kind, told.recipient, told.group_id) == (Kind.EXPORT_READY, "ada", None)
    assert told.details == {"export_id": "request"}
