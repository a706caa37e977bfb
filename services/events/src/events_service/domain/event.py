"""An event: what it says of itself, and what becomes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from events_service.domain.place import Place, venue
from events_service.domain.promotion import AT_ONCE, Promotion
from events_service.domain.refusal import Refused
from events_service.domain.rsvp import Terms
from events_service.domain.schedule import instant, known_zone, moment
from events_service.domain.window import ByHand, RsvpsClosed, RsvpsOpened, Window, in_force

Status = Literal["draft", "published", "cancelled"]
AttendeeList = Literal["hidden", "members", "everyone"]


@dataclass(frozen=True, slots=True)
class Details:
    """What the leaders decide about an event.

    starts_at, ends_at: local wall time, ISO 8601 without offset; timezone: an IANA name; capacity: None = no limit;
    rsvp_opens_at, rsvp_closes_at: an instant, a wall time or an ISO 8601 duration before the start; hosts:
    at most 5 members, who take no seat; questions: at most 6, for who RSVPs.
    """

    title: str
    starts_at: str
    ends_at: str
    timezone: str
    attendee_list: AttendeeList
    description: str = ""
    place: Place | None = None
    capacity: int | None = None
    guest_limit: int = 2
    rsvp_opens_at: str | None = None
    rsvp_closes_at: str | None = None
    promotion: Promotion = AT_ONCE
    hosts: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Times:
    """The instants that the details come to. opens: None = as soon as the event is published."""

    starts: datetime
    ends: datetime
    opens: datetime | None
    closes: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """`version` counts edits; RSVPs do not move it."""

    id: str
    group_id: str
    details: Details
    times: Times
    created_by: str
    created_at: datetime
    updated_at: datetime
    status: Status = "draft"
    announced_at: datetime | None = None
    version: int = 1
    by_hand: ByHand | None = None

    @property
    def window(self) -> Window:
        """When RSVPs are taken."""
        return in_force(Window(self.times.opens, self.times.closes), self.by_hand, self.times.ends)

    def terms(self) -> Terms:
        """What RSVPs need to know of the event."""
        window = self.window
        return Terms(
            event_id=self.id,
            group_id=self.group_id,
            status=self.status,
            title=self.details.title,
            starts=self.times.starts,
            ends=self.times.ends,
            opens=window.opens,
            closes=window.closes,
            guest_limit=self.details.guest_limit,
            promotion=self.details.promotion,
            hosts=self.details.hosts,
            attendee_list=self.details.attendee_list,
            venue=venue(self.details.place),
            questions=len(self.details.questions),
        )


@dataclass(frozen=True, slots=True)
class Created:
    """details: all the fields of a `Details`, the place as plain values."""

    event_id: str
    group_id: str
    by: str
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Published:
    event_id: str
    by: str


@dataclass(frozen=True, slots=True)
class Announced:
    event_id: str
    by: str


@dataclass(frozen=True, slots=True)
class Changed:
    """changes: the new values of the fields of `Details` that changed; told: those people are told about."""

    event_id: str
    by: str
    changes: dict[str, Any]
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cancelled:
    event_id: str
    by: str


Fact = Created | Published | Announced | Changed | Cancelled | RsvpsOpened | RsvpsClosed


def times(details: Details) -> Times | Refused:
    """The instants of the details, or what is wrong with them."""
    if not known_zone(details.timezone):
        return Refused("unknown-timezone", f"{details.timezone} is no IANA time zone.")
    starts, ends = (
        instant(datetime.fromisoformat(wall), details.timezone) for wall in (details.starts_at, details.ends_at)
    )
    if ends <= starts:
        return Refused("ends-before-start", "An event ends after it starts.")
    opens = moment(details.rsvp_opens_at, starts, details.timezone) if details.rsvp_opens_at else None
    closes = moment(details.rsvp_closes_at, starts, details.timezone) if details.rsvp_closes_at else starts
    if closes is None or (details.rsvp_opens_at and opens is None):
        return Refused(
            "bad-rsvp-window", "RSVPs open and close at a time, or at an ISO 8601 duration before the start."
        )
    if closes > ends or (opens is not None and opens >= closes):
        return Refused("bad-rsvp-window", "RSVPs open before they close, and close before the event is over.")
    return Times(starts, ends, opens, closes)


def with_changes(details: Details, changes: Mapping[str, Any]) -> Details:
    """The details after an edit."""
    values = dict(changes)
    if values.get("place") is not None:
        values["place"] = Place(**values["place"])
    if "promotion" in values:
        values["promotion"] = Promotion(**values["promotion"])
    for name in ("hosts", "topics", "questions"):
        if name in values:
            values[name] = tuple(values[name])
    return replace(details, **values)


def details_of(values: Mapping[str, Any]) -> Details:
    """Details from plain values: all of the fields."""
    return with_changes(Details("", "", "", "", "everyone"), values)


def evolve(event: Event | None, fact: Fact, now: datetime) -> Event:
    """The event after the fact."""
    if isinstance(fact, Created):
        details = details_of(fact.details)
        return Event(fact.event_id, fact.group_id, details, _valid(details), fact.by, created_at=now, updated_at=now)
    if event is None:
        raise ValueError("an event's first fact is its creation")
    edited = replace(event, version=event.version + 1, updated_at=now)
    match fact:
        case Published():
            return replace(edited, status="published")
        case Announced():
            return replace(edited, announced_at=now)
        case Changed(_, _, changes):
            details = with_changes(event.details, changes)
            by_hand = None if changes.keys() & {"rsvp_opens_at", "rsvp_closes_at"} else event.by_hand
            return replace(edited, details=details, times=_valid(details), by_hand=by_hand)
        case RsvpsOpened() | RsvpsClosed():
            return replace(edited, by_hand=ByHand(isinstance(fact, RsvpsOpened), now))
        case Cancelled():
            return replace(edited, status="cancelled")


def _valid(details: Details) -> Times:
    found = times(details)
    if isinstance(found, Refused):
        raise ValueError(found.detail)  # noqa: TRY004 - the value is wrong, not its type
    return found
