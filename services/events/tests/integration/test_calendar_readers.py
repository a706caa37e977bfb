"""The same calendar read by icalendar and by npm's ical.js: both see every date where and when it is."""

import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from services.events.tests.unit.dates import occurred

from events_service.domain import event as events
from events_service.domain.details import Details
from events_service.domain.event import Cancelled, Changed, Event, Part, Restored
from events_service.domain.group import Group, Membership
from events_service.domain.occurrence import Order, fall
from events_service.domain.place import Place
from events_service.domain.plan import Plan
from events_service.domain.refusal import Refused
from events_service.domain.replanning import change
from events_service.domain.schedule import clock_changes
from events_service.domain.series import Occurrence, Series, create, evolve
from events_service.store.event import event_document
from events_service.views.calendar import Entry, written
from testkit.node import node_program

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
GROUP = Group("g", 1, "g", "G", (), "Berlin", "de", None, 52.5, 13.4, "public", "open", "active", "olga")
EDIT: dict[str, Any] = {"id": "x", "at": NOW.isoformat(), "kind": "changed", "changed": [], "fell": 0}
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "America/Nuuk", "UTC")


@pytest.fixture(scope="session")
def ical_js() -> list[str]:
    return node_program(Path(__file__).parent / "icaljs")


def by_ical_js(program: list[str], calendar: bytes) -> list[dict[str, Any]]:
    done = subprocess.run(program, input=calendar, capture_output=True, check=False, timeout=60)  # noqa: S603 - ours
    assert done.returncode == 0, done.stderr.decode()
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def by_icalendar(calendar: bytes) -> list[dict[str, Any]]:
    """As our program over ical.js says it."""

    def instant(time: datetime) -> str:
        return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    read: Any = Calendar.from_ical(calendar)
    return [
        {
            "uid": str(one["UID"]),
            "recurrence": instant(one["RECURRENCE-ID"].dt) if "RECURRENCE-ID" in one else None,
            "starts": instant(one.start),
            "ends": instant(one.end),
            "wall": one.start.strftime("%Y-%m-%dT%H:%M:%S") + ("Z" if one.start.tzinfo.key == "UTC" else ""),
            "zone": one.start.tzinfo.key,
            "title": str(one["SUMMARY"]),
            "location": str(one["LOCATION"]) if "LOCATION" in one else None,
            "sequence": int(one["SEQUENCE"]),
            "status": str(one["STATUS"]),
        }
        for one in read.events
    ]


LEADER = Membership("active", "organizer", 1)


def planned(plan: Plan, **details: Any) -> Series:
    described = Details("Tea, cake; more", plan.starts_at, plan.ends_at, plan.timezone, "everyone", **details)
    return decided(None, create("s", "olga", plan, described, id_of=id_of, group=GROUP, membership=LEADER, now=NOW))


def id_of(number: int) -> str:
    return f"e{number}"


def decided(series: Series | None, facts: Any) -> Series:
    assert not isinstance(facts, Refused), facts
    for fact in facts:
        series = evolve(series, fact, NOW)
    assert series is not None
    return series


def order(series: Series, one: Occurrence, *changed: str) -> Order:
    edit = EDIT if changed else None
    return Order("g", Part("s", one.first_at), series.details_at(one.at), changed, publish=True, edit=edit)


def dates(plan: Plan, **details: Any) -> list[Event]:
    """The published events of a series."""
    series = planned(plan, **details)
    return [
        after(None, *occurred(one.event_id, None, "olga", order(series, one), now=NOW)) for one in series.occurrences
    ]


def after(event: Event | None, *facts: events.Fact) -> Event:
    for n, fact in enumerate(facts, 1):
        event = events.evolve(event, fact, NOW + timedelta(hours=n))
    assert event is not None
    return event


def test_a_moved_a_cancelled_and_a_restored_date_are_right_in_both(ical_js: list[str]) -> None:
    plan = Plan("FREQ=WEEKLY;COUNT=6", "2027-03-17T18:30:00", "2027-03-17T21:00:00", "Europe/Berlin")
    first, second, third, fourth, fifth, sixth = dates(plan, place=Place("physical", "Teahouse", "Torstr. 1"))
    moved = Changed("e2", "o", {"starts_at": "2027-03-28T03:30:00", "ends_at": "2027-03-28T05:00:00"}, ("starts_at",))
    off, on = Cancelled("e", "o", EDIT), Restored("e", "o", {"title": "Cha"}, ("status",), EDIT)
    shown = [first, after(second, moved), after(third, off), after(fourth, off, on), fifth, sixth]
    text = written("Moms", [Entry(event_document(one)) for one in shown], site="https://convene.test")
    found = by_ical_js(ical_js, text)
    assert found == by_icalendar(text)
    assert {one["uid"] for one in found} == {"s@convene"}
    assert [one["recurrence"][5:16] for one in found] == [
        "03-17T17:30",
        "03-24T17:30",
        "03-31T16:30",
        "04-07T16:30",
        "04-14T16:30",
        "04-21T16:30",
    ]
    assert [one["starts"][5:16] for one in found[:3]] == ["03-17T17:30", "03-28T01:30", "03-31T16:30"]
    assert [one["status"] for one in found[:4]] == ["CONFIRMED", "CONFIRMED", "CANCELLED", "CONFIRMED"]
    assert [one["sequence"] for one in found] == [1, 2, 2, 3, 1, 1]
    assert found[3]["title"] == "Cha"


def test_a_series_edited_across_daylight_saving_is_right_in_both(ical_js: list[str]) -> None:
    """Wednesdays become Thursdays at another time from the third date on; the last falls off, and comes back."""
    plan = Plan("FREQ=WEEKLY;COUNT=6", "2027-03-10T18:30:00", "2027-03-10T21:00:00", "Europe/Berlin")
    series, shown = planned(plan), {one.id: one for one in dates(plan)}
    thursdays = {"rule": "FREQ=WEEKLY;BYDAY=TH;COUNT=3", "starts_at": "2027-03-25T19:15:00"}
    for since, wanted in (("e3", thursdays), (None, {"rdates": ("2027-04-14",)})):
        facts = change(
            series,
            "olga",
            since=since,
            version=series.version,
            plan=wanted,
            changes={},
            edit_id="x",
            id_of=id_of,
            group=GROUP,
            membership=LEADER,
            now=NOW,
        )
        series = decided(series, facts)
        for one in series.occurrences:
            event = shown[one.event_id]
            wish = occurred(one.event_id, event, "olga", order(series, one, "title"), now=NOW)
            shown[one.event_id] = after(event, *(wish if one.live else fall(event, "olga", EDIT, NOW)))
    text = written("Moms", [Entry(event_document(one)) for one in shown.values()], site="https://convene.test")
    found = by_ical_js(ical_js, text)
    assert found == by_icalendar(text)
    assert [(one["wall"][5:16], one["starts"][5:16], one["status"]) for one in found] == [
        ("03-10T18:30", "03-10T17:30", "CONFIRMED"),
        ("03-17T18:30", "03-17T17:30", "CONFIRMED"),
        ("03-25T19:15", "03-25T18:15", "CONFIRMED"),
        ("04-01T19:15", "04-01T17:15", "CONFIRMED"),
        ("04-08T19:15", "04-08T17:15", "CONFIRMED"),
        ("04-14T19:15", "04-14T17:15", "CONFIRMED"),
    ]
    assert [one["recurrence"][5:16] for one in found] == [
        "03-10T17:30",
        "03-17T17:30",
        "03-24T17:30",
        "03-31T16:30",
        "04-07T16:30",
        "04-14T16:30",
    ]
    assert [one["sequence"] for one in found] == [1, 1, 2, 2, 2, 3], "each date counts its own changes"


@pytest.mark.parametrize("zone", ZONES)
def test_days_on_which_clocks_change_are_right_in_both(zone: str, ical_js: list[str]) -> None:
    """Every hour around each change of two years, where a reader that takes a zone's word wrongly is an hour off."""
    changes = [*clock_changes(zone, 2027), *clock_changes(zone, 2028)]
    around = [one.at for one in changes] or [datetime(2027, 3, 28, 1, tzinfo=UTC)]
    [model] = dates(Plan("FREQ=DAILY;COUNT=1", "2027-01-01T18:00:00", "2027-01-01T19:00:00", zone))
    shown = []
    for n, at in enumerate(at + timedelta(minutes=30 * half) for at in around for half in range(-6, 7)):
        times = replace(model.times, starts=at, ends=at + timedelta(hours=1))
        shown.append(Entry(event_document(replace(model, id=f"e{n}", times=times, series=None))))
    text = written("Moms", shown, site="https://convene.test")
    found = by_ical_js(ical_js, text)
    assert found == by_icalendar(text)
    assert [one["starts"][:19] for one in found] == [one.event["starts"].isoformat()[:19] for one in shown]
