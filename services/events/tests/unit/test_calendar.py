"""Calendars as icalendar reads them: which event is which, when it is, whether it takes place, who sees the link."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from events_service.domain.calendar import CalendarLink, LinkGiven, LinkRevoked, evolve, give, revoke
from events_service.domain.details import Details, times
from events_service.domain.event import Cancelled, Changed, Event, Fact, Part, Restored
from events_service.domain.event import evolve as evolved
from events_service.domain.place import Place
from events_service.domain.refusal import Refused
from events_service.domain.schedule import clock_changes
from events_service.store.event import event_document
from events_service.views.calendar import Entry, etag, written

from .wall import wall

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SITE = "https://convene.test"
DETAILS = Details(
    title="Tea, cake; and more\nsecond line",
    starts_at="2027-03-28T03:30:00",
    ends_at="2027-03-28T05:00:00",
    timezone="Europe/Berlin",
    attendee_list="everyone",
    description="Bring “cups”: äöü 茶\n\nBEGIN:VEVENT",
    place=Place("hybrid", "Teahouse", "Torstr. 1", 52.53, 13.4, "https://meet.test/1"),
    topics=("Tea", "Open Source"),
)
PART = Part("series", datetime(2027, 3, 21, 2, 30, tzinfo=UTC))
EDIT: dict[str, Any] = {"id": "x", "at": NOW.isoformat(), "kind": "changed", "changed": [], "fell": 0}


def event(details: Details = DETAILS, *facts: Fact, **changes: Any) -> Event:
    found = times(details)
    assert not isinstance(found, Refused)
    made = replace(Event("e", "g", details, found, "olga", NOW, NOW, status="published", version=2), **changes)
    for fact in facts:
        made = evolved(made, fact, NOW + timedelta(hours=1))
    return made


def read(*entries: Entry) -> list[Any]:
    """Its events; what is in them has too many types to name."""
    calendar: Any = Calendar.from_ical(written("Moms", entries, site=SITE))
    assert str(calendar["X-WR-CALNAME"]) == "Moms"
    assert calendar["VERSION"] == "2.0"
    assert not calendar.errors
    assert all(not one.errors for one in calendar.walk())
    return list(calendar.events)


def entry(event: Event, **seen: Any) -> Entry:
    return Entry(event_document(event), **seen)


def test_an_event_says_what_it_is() -> None:
    [found] = read(entry(event(), link=True))
    assert found["UID"] == "e@convene"
    assert "RECURRENCE-ID" not in found
    assert (found["SEQUENCE"], found["STATUS"]) == (1, "CONFIRMED")
    assert found["SUMMARY"] == DETAILS.title
    assert found["DESCRIPTION"] == DETAILS.description
    assert found["LOCATION"] == "Teahouse, Torstr. 1, https://meet.test/1"
    assert found["GEO"].to_ical() == "52.53;13.4"
    assert found["URL"] == f"{SITE}/v1/events/e"
    assert found.categories == ["Tea", "Open Source"]
    assert found.DTSTAMP == NOW
    assert found.start == datetime(2027, 3, 28, 3, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert found.start.astimezone(UTC).hour == 1


def test_the_link_is_for_people_with_a_place_and_the_rest_for_people_inside() -> None:
    assert "meet.test" not in written("Moms", [entry(event())], site=SITE).decode()
    outside = written("Moms", [entry(event(), full=False)], site=SITE).decode()
    for hidden in ("Teahouse", "Bring", "Open Source", "GEO"):
        assert hidden not in outside
    assert "SUMMARY:Tea" in outside


@pytest.mark.parametrize(
    ("side", "location", "geo"),
    [
        ("physical", "Teahouse, Torstr. 1", True),
        ("online", "https://meet.test/1", False),
        (None, "Teahouse, Torstr. 1, https://meet.test/1", True),
    ],
)
def test_a_calendar_shows_the_side_that_its_reader_is_at(side: Any, location: str, geo: bool) -> None:
    [found] = read(entry(event(), link=True, side=side))
    assert (found["LOCATION"], "GEO" in found, "CONFERENCE" in found) == (location, geo, side != "physical")
    assert len({etag("Moms", [entry(event(), side=one)]) for one in (side, "another")}) == 2


def test_a_place_in_line_is_tentative() -> None:
    assert [one["STATUS"] for one in read(entry(event(), rsvp="waitlist"), entry(event(), rsvp="yes"))] == [
        "TENTATIVE",
        "CONFIRMED",
    ]


def test_what_icalendar_has_no_place_for_is_left_out() -> None:
    [found] = read(entry(event(replace(DETAILS, title="Te\x00a\x0b \x1bcake\x7f"))))
    assert found["SUMMARY"] == "Tea cake"


def test_a_date_that_moves_is_called_off_and_comes_back_keeps_its_name() -> None:
    moved = Changed("e", "o", {"starts_at": "2027-03-28T02:30:00", "ends_at": "2027-03-28T06:00:00"}, ("starts_at",))
    states = [
        event(series=PART),
        event(DETAILS, moved, series=PART),
        event(DETAILS, moved, Cancelled("e", "o", EDIT), series=PART),
        event(DETAILS, moved, Cancelled("e", "o", EDIT), Restored("e", "o", {}, (), EDIT), series=PART),
    ]
    found = [read(entry(state))[0] for state in states]
    assert {one["UID"] for one in found} == {"series@convene"}
    assert {one["RECURRENCE-ID"].dt for one in found} == {PART.first_at}
    assert [one["STATUS"] for one in found] == ["CONFIRMED", "CONFIRMED", "CANCELLED", "CONFIRMED"]
    assert all(before["SEQUENCE"] < after["SEQUENCE"] for before, after in pairwise(found))
    assert found[1].start.isoformat() == "2027-03-28T03:00:00+02:00", "a wish within a gap is the instant where it ends"


def test_only_what_a_calendar_says_makes_another_etag() -> None:
    same = etag("Moms", [entry(event())])
    assert same == etag("Moms", [entry(event())])
    others = [
        etag("Dads", [entry(event())]),
        etag("Moms", [entry(event(), link=True)]),
        etag("Moms", [entry(event(version=3))]),
        etag("Moms", [entry(event(id="f"))]),
        etag("Moms", []),
    ]
    assert len({same, *others}) == 6
    assert written("Moms", [entry(event())], site=SITE) == written("Moms", [entry(event())], site=SITE)


def test_utc_needs_no_zone() -> None:
    text = written("Moms", [entry(event(replace(DETAILS, timezone="UTC")))], site=SITE).decode()
    assert "VTIMEZONE" not in text
    assert "DTSTART:20270328T033000Z" in text


ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "America/Nuuk",
]


@pytest.mark.parametrize("zone", ZONES)
def test_a_zone_says_by_the_old_clock_when_it_changes(zone: str) -> None:
    text = written("Moms", [entry(event(replace(DETAILS, timezone=zone)))], site=SITE)
    calendar: Any = Calendar.from_ical(text)
    [found] = calendar.timezones
    observances = {(one["DTSTART"].dt - one["TZOFFSETFROM"].td, one["TZOFFSETTO"].td) for one in found.subcomponents}
    for change in (change for year in (2026, 2027, 2028) for change in clock_changes(zone, year)):
        assert (change.at.replace(tzinfo=None), change.after) in observances


def test_a_zones_clocks_are_told_around_what_happens_and_not_for_ages() -> None:
    ages = event(replace(DETAILS, ends_at="2199-12-30T18:30:00"))
    calendar: Any = Calendar.from_ical(written("Moms", [entry(ages)], site=SITE))
    [zone] = calendar.timezones
    assert len(zone.subcomponents) < 20
    [found] = read(entry(ages))
    assert (found.start, found.end) == (ages.times.starts, ages.times.ends)


def test_clocks_that_changed_for_good_in_years_that_are_left_out_are_right_after_them() -> None:
    """Istanbul has been three hours ahead since 2016."""
    long = event(replace(DETAILS, timezone="Europe/Istanbul", starts_at="2010-01-10T12:00:00"))
    calendar: Any = Calendar.from_ical(written("Moms", [entry(long)], site=SITE))
    [zone] = calendar.timezones
    last = max(zone.subcomponents, key=lambda one: one["DTSTART"].dt)
    assert (last["TZOFFSETFROM"].td, last["TZOFFSETTO"].td) == (timedelta(hours=2), timedelta(hours=3))
    assert last["DTSTART"].dt < datetime.fromisoformat(DETAILS.ends_at)


walls = st.datetimes(wall(2027, 1, 1), wall(2028, 12, 30)).map(lambda at: at.replace(second=0, microsecond=0))


@settings(max_examples=60, deadline=None)
@given(walls, st.sampled_from(ZONES), st.text(max_size=80), st.text(max_size=200))
def test_any_event_is_read_back_as_it_was(at: datetime, zone: str, title: str, description: str) -> None:
    title = title.strip() or "Tea"
    ends = at + timedelta(hours=30)
    details = replace(
        DETAILS, starts_at=at.isoformat(), ends_at=ends.isoformat(), timezone=zone, title=title, description=description
    )
    [found] = read(entry(event(details)))
    assert found.start == event(details).times.starts
    assert found.end == event(details).times.ends
    shown = "".join(one for one in title if one in "\n\t" or (one >= " " and one != "\x7f"))
    assert str(found["SUMMARY"]).split() == shown.split(), "all but what RFC 5545 has no place for"


def test_a_members_link_is_given_anew_and_taken_back() -> None:
    link = CalendarLink("ada")
    assert revoke(link) == []
    [given_] = give(link, "a")
    assert given_ == LinkGiven("ada", "a")
    given_once = evolve(link, given_)
    again = evolve(given_once, give(given_once, "b")[0])
    assert again.digest == "b"
    assert revoke(again) == [LinkRevoked("ada")]
    assert evolve(again, LinkRevoked("ada")) == link
