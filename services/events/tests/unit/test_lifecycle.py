"""What becomes of events by themselves, of drafts that are thrown away, of hosts, and of dates whose series changes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from events_service.domain.acts import MAX_HOSTS, change, delete, host
from events_service.domain.details import Details, times
from events_service.domain.event import (
    Cancelled,
    Changed,
    Created,
    Deleted,
    Ended,
    Event,
    Fact,
    Part,
    Published,
    Restored,
    Rezoned,
    evolve,
)
from events_service.domain.group import OUTSIDER, Group, Membership
from events_service.domain.occurrence import Order, fall
from events_service.domain.passing import end, rezone
from events_service.domain.place import Place
from events_service.domain.refusal import Refused

from .dates import occurred

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
GROUP = Group("g", 1, "g", "G", (), "Kyoto", "jp", None, 35.0, 135.8, "public", "open", "active", "olga")
LEADER = Membership("active", "event_organizer", 1)
BY_LEADER: dict[str, Any] = {"group": GROUP, "membership": LEADER, "now": NOW}
ONLINE, TEAHOUSE = Place("online", url="https://meet.test/1"), Place("physical", "Teahouse", "1st street", 35.0, 135.8)
DETAILS = Details("Tea", "2026-06-01T18:30:00", "2026-06-01T21:00:00", "Asia/Tokyo", "everyone", place=ONLINE)
PART = Part("s", datetime(2026, 6, 1, 9, 30, tzinfo=UTC))
EDIT = {"id": "x", "at": NOW.isoformat(), "kind": "changed", "changed": ["title"], "fell": 0}


def event(details: Details = DETAILS, **changes: Any) -> Event:
    found = times(details)
    assert not isinstance(found, Refused)
    made = Event("e", "g", details, found, "olga", created_at=NOW, updated_at=NOW, status="published")
    return replace(made, **changes)


def after(event: Event | None, facts: list[Fact]) -> Event:
    for fact in facts:
        event = evolve(event, fact, NOW)
    assert event is not None
    return event


def test_an_event_ends_once() -> None:
    over = event().times.ends
    assert end(event(), over - timedelta(seconds=1)) == []
    assert end(event(), over) == [Ended("e")]
    assert end(after(event(), [Ended("e")]), over) == []
    assert end(event(status="cancelled"), over) == []
    assert end(event(status="draft"), over) == []


def stale(details: Details, hours: int = 1) -> Event:
    """As it was computed before its zone's rules changed by so much."""
    found, by = event(details), timedelta(hours=hours)
    t = found.times
    return replace(found, times=replace(t, starts=t.starts + by, ends=t.ends + by, closes=t.closes + by))


@pytest.mark.parametrize(("place", "told"), [(ONLINE, ("starts_at", "ends_at")), (TEAHOUSE, ()), (None, ())])
def test_new_zone_rules_move_the_instant_and_leave_the_wall_time(place: Place | None, told: tuple[str, ...]) -> None:
    old = stale(replace(DETAILS, place=place))
    [fact] = rezone(old, NOW)
    assert isinstance(fact, Rezoned)
    assert fact.told == told
    new = after(old, [fact])
    assert (new.times, new.details, new.version) == (event().times, old.details, old.version + 1)
    assert rezone(new, NOW) == []


def test_what_has_begun_or_is_off_keeps_its_instants() -> None:
    assert rezone(stale(DETAILS), stale(DETAILS).times.starts) == []
    assert rezone(replace(stale(DETAILS), status="cancelled"), NOW) == []
    assert rezone(replace(stale(DETAILS), status="draft"), NOW) != []


def test_only_drafts_are_deleted() -> None:
    assert delete(event(status="draft"), "olga", **BY_LEADER) == [Deleted("e", "olga")]
    for status in ("published", "cancelled"):
        kept = delete(event(status=status), "olga", **BY_LEADER)
        assert isinstance(kept, Refused)
        assert kept.reason == "not-a-draft"
    unseen = delete(event(status="draft"), "mia", group=GROUP, membership=OUTSIDER, now=NOW)
    assert isinstance(unseen, Refused)
    assert unseen.reason == "unknown-event"


def test_hosts_come_and_go_one_at_a_time_up_to_five() -> None:
    facts = host(event(), "olga", member_id="hana", hosting=True, **BY_LEADER)
    assert facts == [Changed("e", "olga", {"hosts": ("hana",)}, ())]
    hosted = after(event(), facts)
    assert host(hosted, "olga", member_id="hana", hosting=True, **BY_LEADER) == []
    assert host(hosted, "hana", member_id="hana", hosting=False, group=GROUP, membership=OUTSIDER, now=NOW) == [
        Changed("e", "hana", {"hosts": ()}, ())
    ]
    assert host(event(), "olga", member_id="hana", hosting=False, **BY_LEADER) == []
    full = event(replace(DETAILS, hosts=tuple(f"h{n}" for n in range(MAX_HOSTS))))
    refused = host(full, "olga", member_id="one-more", hosting=True, **BY_LEADER)
    assert isinstance(refused, Refused)
    assert refused.reason == "too-many-hosts"


def order(*changed: str, **details: Any) -> Order:
    return Order("g", PART, replace(DETAILS, **details), changed, edit=EDIT)


def date_(**changes: Any) -> Event:
    return event(series=PART, **changes)


def test_a_date_is_made_as_its_series_says() -> None:
    made = occurred("e", None, "olga", Order("g", PART, DETAILS), now=NOW)
    [created] = made
    assert isinstance(created, Created)
    assert after(None, made).series == PART
    assert after(None, made).status == "draft"
    public = occurred("e", None, "olga", Order("g", PART, DETAILS, publish=True), now=NOW)
    assert public[1] == Published("e", "olga")


def test_a_date_follows_its_series_but_in_what_was_changed_for_it_alone() -> None:
    alone = change(
        date_(), "olga", version=1, changes={"title": "Cha", "starts_at": "2026-06-01T18:00:00"}, **BY_LEADER
    )
    assert isinstance(alone, list)
    own = after(date_(), alone)
    assert own.own == ("title", "starts_at")
    [fact] = occurred(
        "e", own, "olga", order("title", "capacity", title="Tee", capacity=7, ends_at="2026-06-01T22:00:00"), now=NOW
    )
    assert fact == Changed("e", "olga", {"capacity": 7}, ("capacity",), EDIT)
    assert after(own, [fact]).own == own.own
    moved = occurred("e", date_(), "olga", order(starts_at="2026-06-01T18:00:00"), now=NOW)
    assert moved == [Changed("e", "olga", {"starts_at": "2026-06-01T18:00:00"}, ("starts_at",), EDIT)]
    assert occurred("e", after(date_(), moved), "olga", order(starts_at="2026-06-01T18:00:00"), now=NOW) == []


def test_an_edit_of_a_plain_event_is_nobodys_own() -> None:
    facts = change(event(), "olga", version=1, changes={"title": "Cha"}, **BY_LEADER)
    assert isinstance(facts, list)
    assert after(event(), facts).own == ()


def test_a_date_leaves_out_what_does_not_fit_it() -> None:
    facts = occurred(
        "e", date_(), "olga", order("title", "capacity", title="Cha", capacity=1), now=NOW, without=("capacity",)
    )
    assert facts == [Changed("e", "olga", {"title": "Cha"}, ("title",), EDIT)]


def test_dates_that_have_begun_or_were_called_off_alone_follow_no_more() -> None:
    wish = order("title", title="Cha")
    assert occurred("e", date_(), "olga", wish, now=date_().times.starts) == []
    assert occurred("e", date_(status="cancelled"), "olga", wish, now=NOW) == []
    assert fall(date_(), "olga", EDIT, date_().times.starts) == []
    assert fall(date_(status="cancelled"), "olga", EDIT, NOW) == []


def test_a_date_that_has_begun_goes_with_no_edit_to_later() -> None:
    """Its series hands every edit to all of its dates that may have been moved alone."""
    elsewhere = order("timezone", timezone="Europe/Lisbon")
    begun = date_().times.starts
    assert occurred("e", date_(), "olga", elsewhere, now=begun - timedelta(seconds=1)) != []
    assert occurred("e", date_(), "olga", elsewhere, now=begun) == []
    assert fall(date_(status="draft"), "olga", EDIT, begun) == []


def test_a_date_moved_alone_to_later_goes_by_its_own_start() -> None:
    thursday = {"starts_at": "2026-06-03T18:30:00", "ends_at": "2026-06-03T21:00:00"}
    facts = change(date_(), "olga", version=1, changes=thursday, **BY_LEADER)
    assert isinstance(facts, list)
    moved, wednesday = after(date_(), facts), date_().times.ends
    assert occurred("e", moved, "olga", order("title", title="Cha"), now=wednesday) == [
        Changed("e", "olga", {"title": "Cha"}, ("title",), EDIT)
    ]
    assert fall(moved, "olga", EDIT, wednesday) == [Cancelled("e", "olga", EDIT)]


def test_a_date_that_falls_off_is_cancelled_if_published_and_gone_if_not_and_comes_back_as_itself() -> None:
    assert fall(date_(status="draft"), "olga", EDIT, NOW) == [Deleted("e", "olga")]
    fallen = fall(date_(), "olga", EDIT, NOW)
    assert fallen == [Cancelled("e", "olga", EDIT)]
    off = after(date_(), fallen)
    assert (off.status, off.off, off.cancelled_at) == ("cancelled", True, NOW)
    back = occurred("e", off, "olga", order("title", title="Cha"), now=NOW)
    assert back == [Restored("e", "olga", {"title": "Cha"}, ("status", "title"), EDIT)]
    on = after(off, back)
    assert (on.status, on.off, on.cancelled_at, on.details.title) == ("published", False, None, "Cha")
