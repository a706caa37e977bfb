"""Events as iCalendar (RFC 5545): one, a group's, or a member's own.

A date of a series has the series' UID and its own RECURRENCE-ID, the instant it was first planned for: that is how a
program knows it again when it has moved, is cancelled or takes place after all. There is no master event beside the
dates: series are edited in ways that no one rule tells.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard

from chassis.mongo import Database, Document
from events_service.domain.place import Side
from events_service.domain.schedule import ClockChange, clock_changes

MOST: Final = 300
"""Events in one calendar."""

KEPT: Final = timedelta(days=90)
"""For how long a calendar shows what is over."""

_REFRESH: Final = timedelta(hours=1)
_STATUS: Final = {"yes": "CONFIRMED", "waitlist": "TENTATIVE", "offered": "TENTATIVE", "requested": "TENTATIVE"}
_NO_TEXT: Final = dict.fromkeys((*range(9), *range(11, 32), 127))
"""Control characters, which RFC 5545 has no place for; tabs and line feeds stay."""
_FORMAT: Final = "2"
"""Of what is written for the same events; another one makes every ETag a new one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as one reader may see it.

    full: else only its title and times; link: also where to meet online; rsvp: the reader's own status, where it is
    their calendar; side: theirs, of an event that has two.
    """

    event: Document
    full: bool = True
    link: bool = False
    rsvp: str = "yes"
    side: Side | None = None


def etag(name: str, entries: Iterable[Entry]) -> str:
    """The same as long as the calendar says the same; it is found without writing the calendar."""
    said = ((one.event["_id"], one.event["version"], one.full, one.link, one.rsvp, one.side) for one in entries)
    return sha256(repr((_FORMAT, name, tuple(said))).encode()).hexdigest()[:32]


def written(name: str, entries: Sequence[Entry], *, site: str) -> bytes:
    """The calendar's bytes. site: where people find events, without a slash at the end."""
    calendar = Calendar()
    calendar.add("prodid", "-//Convene//Events//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", _text(name))
    calendar.add("x-wr-calname", _text(name))
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    for timezone, events in _by_zone(entries).items():
        calendar.add_component(_timezone(timezone, events))
    for entry in entries:
        calendar.add_component(_event(entry, site))
    return bytes(calendar.to_ical())


def _event(entry: Entry, site: str) -> Event:
    found, held = Event(), entry.event
    part = held.get("series")
    found.add("uid", f"{held['_id'] if part is None else part['series_id']}@convene")
    if part is not None:
        found.add("recurrence-id", part["first_at"].astimezone(UTC))
    found.add("sequence", held["version"] - 1)
    found.add("dtstamp", held["updated_at"])
    found.add("last-modified", held["updated_at"])
    found.add("created", held["created_at"])
    found.add("dtstart", _local(held["starts"], held["timezone"]))
    found.add("dtend", _local(held["ends"], held["timezone"]))
    found.add("summary", _text(held["title"]))
    found.add("status", "CANCELLED" if held["status"] == "cancelled" else _STATUS[entry.rsvp])
    found.add("url", f"{site}/v1/events/{held['_id']}")
    if entry.full:
        _described(found, held, entry)
    return found


def _described(found: Event, held: Mapping[str, Any], entry: Entry) -> None:
    """What people inside see; of where it is held their own side, if they have one."""
    if held["description"]:
        found.add("description", _text(held["description"]))
    if held["topics"]:
        found.add("categories", [_text(topic) for topic in held["topics"]])
    place = held["place"]
    if place is None:
        return
    away = entry.side == "online"
    where = [part for part in (place["name"], place["address"]) if part and not away]
    if entry.link and place["url"] and entry.side != "physical":
        where.append(place["url"])
        found.add("conference", place["url"], parameters={"VALUE": "URI", "FEATURE": "VIDEO"})
    if where:
        found.add("location", _text(", ".join(where)))
    if place["lat"] is not None and place["lon"] is not None and not away:
        found.add("geo", (place["lat"], place["lon"]))


def _text(text: str) -> str:
    return text.translate(_NO_TEXT)


def _local(time: datetime, timezone: str) -> datetime:
    """A wall time that is there, also where the one that was wished for fell into a gap; the instant itself where the
    wall time comes twice, because readers differ about which of the two is meant."""
    local = time.astimezone(ZoneInfo(timezone))
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return time.astimezone(UTC) if twice else local


def _by_zone(entries: Iterable[Entry]) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = {}
    for entry in entries:
        if entry.event["timezone"] != "UTC":
            found.setdefault(entry.event["timezone"], []).append(entry.event)
    return found


def _timezone(name: str, events: Sequence[Document]) -> Timezone:
    """The zone's clocks around the starts and ends of its events, however far apart these are. Written here, because
    icalendar 7.3 says of clocks that go forward when they have done so by the new time; RFC 5545 wants it by the old
    one."""
    instants = [event[which] for event in events for which in ("starts", "ends")]
    found = Timezone()
    found.add("tzid", name)
    for change in _changes(name, sorted({at.year + beside for at in instants for beside in (-1, 0, 1)})):
        observance = TimezoneDaylight() if change.summer else TimezoneStandard()
        observance.add("dtstart", (change.at + change.before).replace(tzinfo=None))
        observance.add("tzoffsetfrom", change.before)
        observance.add("tzoffsetto", change.after)
        observance.add("tzname", change.name)
        found.add_component(observance)
    return found


def _changes(timezone: str, years: Iterable[int]) -> Iterator[ClockChange]:
    """How the clocks change in these years, and how they stand by then where years were left out."""
    offset: timedelta | None = None
    for before, year in pairwise((0, *years)):
        if year != before + 1:
            begins = datetime(year, 1, 1, tzinfo=UTC)
            local = begins.astimezone(ZoneInfo(timezone))
            stands = local.utcoffset() or timedelta()
            stood = stands if offset is None else offset
            yield ClockChange(begins, stood, stands, local.tzname() or timezone, bool(local.dst()))
            offset = stands
        for change in clock_changes(timezone, year):
            yield change
            offset = change.after


async def of_group(database: Database, group_id: str, since: datetime) -> list[Document]:
    """What a group has published, cancelled ones with it, from `since` on: the first so many."""
    shown: Document = {"status": {"$in": ["published", "cancelled"]}, "published": {"$ne": False}}
    where = {"group_id": group_id, **shown, "ends": {"$gt": since}}
    return await database["events"].find(where, sort=[("starts", 1), ("_id", 1)], limit=MOST)


async def of_member(database: Database, member_id: str, since: datetime) -> list[tuple[Document, Document]]:
    """Events in which the member has a place or a turn, from `since` on, each with their RSVP."""
    rsvps = await database["rsvps"].find(
        {"member_id": member_id, "status": {"$in": list(_STATUS)}, "erased": {"$ne": True}},
        sort=[("starts", -1), ("_id", 1)],
        limit=MOST,
        fields={"event_id": 1, "status": 1, "room": 1},
    )
    answered = {rsvp["event_id"]: rsvp for rsvp in rsvps}
    where = {"_id": {"$in": list(answered)}, "ends": {"$gt": since}}
    events = await database["events"].find(where, sort=[("starts", 1), ("_id", 1)])
    return [(event, answered[event["_id"]]) for event in events]


async def member_of(database: Database, digest: str) -> str | None:
    """Whose calendar's address has this digest."""
    found = await database["calendars"].find_one({"digest": digest})
    return None if found is None else found["member_id"]
