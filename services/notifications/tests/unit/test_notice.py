"""Who is told what."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
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
    of_offer,
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


def event(said: str, before: EventBefore | None = None, **changes: Any) -> Spread | None:
    values = {"announced": False, "cancelled": False, "changed": [], "group": "g", "event": "e", **changes}
    return of_event(said=said, before=before, cause=cause("olga"), **values)


def test_a_confirmation_goes_to_who_acted() -> None:
    notice = rsvp("yes", guests=2)
    assert notice is not None
    assert (notice.kind, notice.recipient, notice.details) == (Kind.RSVP_CONFIRMED, "ada", {"guests": 2})


def test_an_rsvp_to_one_of_two_sides_says_which() -> None:
    notice = rsvp("waitlist", position=1, place="online")
    assert notice is not None
    assert notice.details == {"guests": 0, "place": "online", "position": 1}
    lost = rsvp("no", "offered", expired=True, place="online")
    assert lost is not None
    assert lost.details == {"place": "online"}


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


def test_a_spread_leaves_out_who_caused_it_and_who_hears_of_it_otherwise() -> None:
    spread = Spread(Kind.EVENT_ANNOUNCED, "members", cause("olga"), "g", "e")
    assert to(spread, "olga") is None
    assert to(replace(spread, besides=("ada",)), "ada") is None
    notice = to(spread, "ada")
    assert notice is not None
    assert (notice.recipient, notice.event_id, notice.cause) == ("ada", "e", spread.cause)


def test_all_dates_of_a_series_tell_of_an_edit_as_one_cause() -> None:
    before = EventBefore(announced=True, cancelled=False)
    moved = event("changed", before, announced=True, changed=["starts_at"])
    fallen = event("cancelled", before, announced=True, cancelled=True, event="f")
    edit = Edit("x", AT, "changed", ("starts_at",), 1, back=2)
    assert moved is not None
    assert fallen is not None
    one, other = of_edit(moved, edit), of_edit(fallen, edit)
    assert one.cause == other.cause == Cause("topic", "x", 0, AT, "olga")
    assert (one.kind, other.kind) == (Kind.SERIES_CHANGED, Kind.SERIES_CHANGED)
    assert one.details == other.details == {"changed": ["starts_at"], "fell": 1, "back": 2}
    assert (one.event_id, other.event_id) == ("e", "f")


def test_a_cancelled_series_is_another_kind() -> None:
    fallen = event("cancelled", EventBefore(announced=False, cancelled=False), cancelled=True)
    assert fallen is not None
    assert of_edit(fallen, Edit("x", AT, "cancelled", (), 4)).kind is Kind.SERIES_CANCELLED


def test_an_archive_is_told_of_to_who_asked_for_it() -> None:
    told = of_export("ada", "request", cause("ada"))
    assert (told.kind, told.recipient, told.group_id) == (Kind.EXPORT_READY, "ada", None)
    assert told.details == {"export_id": "request"}


def recalled(holds: timedelta | None, place: str | None = None) -> Spread | None:
    until = None if holds is None else AT + holds
    return of_offer(until=until, guests=1, place=place, group="g", event="e", cause=cause("olga"))


@pytest.mark.parametrize(
    ("holds", "before"),
    [
        (timedelta(hours=12), timedelta(hours=1)),
        (timedelta(hours=4), timedelta(hours=1)),
        (timedelta(hours=2), timedelta(minutes=30)),
        (timedelta(minutes=21), timedelta(minutes=5, seconds=15)),
    ],
)
def test_an_offer_is_recalled_a_quarter_of_its_time_and_at_most_an_hour_before_it_expires(
    holds: timedelta, before: timedelta
) -> None:
    found = recalled(holds)
    assert found is not None
    assert (found.kind, found.audience, found.cause.at) == (Kind.RSVP_OFFER_EXPIRING, "offered", AT + holds - before)
    assert found.details == {"guests": 1, "until": (AT + holds).isoformat()}


def test_an_offer_of_one_of_two_sides_is_recalled_with_its_side() -> None:
    found = recalled(timedelta(hours=12), "online")
    assert found is not None
    assert found.details["place"] == "online"


@pytest.mark.parametrize("holds", [None, timedelta(minutes=1), timedelta(minutes=20)])
def test_what_is_no_offer_or_a_short_one_is_not_recalled(holds: timedelta | None) -> None:
    assert recalled(holds) is None


def test_an_offer_is_recalled_also_where_who_has_it_caused_it() -> None:
    """They gave up guests, and the seats came back to them as an offer."""
    found = recalled(timedelta(hours=12))
    assert found is not None
    assert to(found, "olga") is not None
