"""An event: what it says of itself, and the acts of its leaders: create, publish, announce, change, cancel."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from events_service.domain.group import Group, Membership, may
from events_service.domain.permission import Action
from events_service.domain.place import Place, venue
from events_service.domain.refusal import Refused
from events_service.domain.rsvp import Terms
from events_service.domain.schedule import instant, known_zone, moment
from events_service.domain.waitlist import MAX_SKIPS

Status = Literal["draft", "published", "cancelled"]
AttendeeList = Literal["hidden", "members", "everyone"]

TOLD: Final = ("title", "starts_at", "ends_at", "place", "capacity", "attendee_list")
"""The fields whose change people are told about; a new zone shows as `starts_at` and `ends_at`."""


@dataclass(frozen=True, slots=True)
class Details:
    """What the leaders decide about an event.

    starts_at, ends_at: local wall time, ISO 8601 without offset; timezone: an IANA name; capacity: None = no limit;
    rsvp_opens_at, rsvp_closes_at: an instant, a wall time or an ISO 8601 duration before the start; max_skips: how
    often a waiting party may be passed; hosts: at most 5 members, who take no seat.
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
    max_skips: int = MAX_SKIPS
    hosts: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


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

    def terms(self) -> Terms:
        """What RSVPs need to know of the event."""
        return Terms(
            event_id=self.id,
            group_id=self.group_id,
            status=self.status,
            title=self.details.title,
            starts=self.times.starts,
            ends=self.times.ends,
            opens=self.times.opens,
            closes=self.times.closes,
            guest_limit=self.details.guest_limit,
            max_skips=self.details.max_skips,
            hosts=self.details.hosts,
            attendee_list=self.details.attendee_list,
            venue=venue(self.details.place),
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


Fact = Created | Published | Announced | Changed | Cancelled

UNKNOWN = Refused("unknown-event", "There is no such event.")
NOT_ALLOWED = Refused("not-allowed", "Your role in this group does not allow this.")
CANCELLED = Refused("event-cancelled", "This event was cancelled.")
PAST = Refused("event-past", "This event is over.")
NO_NEW_EVENTS = Refused("group-not-active", "This group cannot have new events.")
GROUP_CLOSED = Refused("group-closed", "This group is closed; its events can only be cancelled.")


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


def create(
    event_id: str, by: str, details: Details, *, group: Group, membership: Membership, now: datetime
) -> list[Fact] | Refused:
    """A draft, for leaders only until it is published."""
    if not membership.may(Action.CREATE_EVENTS):
        return NOT_ALLOWED
    if group.status in ("frozen", "closed"):
        return NO_NEW_EVENTS
    found = times(details)
    if isinstance(found, Refused):
        return found
    if found.starts <= now:
        return Refused("starts-in-the-past", "An event starts in the future.")
    return [Created(event_id, group.id, by, asdict(details))]


def publish(event: Event, by: str, *, group: Group, membership: Membership, now: datetime) -> list[Fact] | Refused:
    """Open it to people. Publishing twice changes nothing."""
    refused = _unfit(event, by, membership, now)
    if refused is not None:
        return refused
    if event.status == "published":
        return []
    return NO_NEW_EVENTS if group.status in ("frozen", "closed") else [Published(event.id, by)]


def announce(event: Event, by: str, *, group: Group, membership: Membership, now: datetime) -> list[Fact] | Refused:
    """Tell the group about it, once."""
    refused = _unfit(event, by, membership, now) or _shut(group)
    if refused is not None:
        return refused
    if event.status == "draft":
        return Refused("not-published", "Publish the event before you announce it.")
    return [] if event.announced_at is not None else [Announced(event.id, by)]


def change(
    event: Event,
    by: str,
    *,
    group: Group,
    membership: Membership,
    version: int,
    changes: Mapping[str, Any],
    now: datetime,
) -> list[Fact] | Refused:
    """Edit the event as it was at `version`. Values that are already so change nothing.

    changes: fields of `Details`, the place as plain values.
    """
    refused = _unfit(event, by, membership, now) or _shut(group)
    if refused is not None:
        return refused
    if version != event.version:
        return Refused("stale-version", f"The event is at version {event.version} by now.")
    before = asdict(event.details)
    new = {name: value for name, value in changes.items() if before[name] != value}
    if not new:
        return []
    found = times(with_changes(event.details, new))
    if isinstance(found, Refused):
        return found
    if found.starts != event.times.starts and found.starts <= now:
        return Refused("starts-in-the-past", "An event starts in the future.")
    moved = {"starts_at"} if found.starts != event.times.starts else set()
    moved |= {"ends_at"} if found.ends != event.times.ends else set()
    told = tuple(name for name in TOLD if name in (new.keys() - {"starts_at", "ends_at"}) | moved)
    return [Changed(event.id, by, new, told)]


def cancel(event: Event, by: str, *, group: Group, membership: Membership, now: datetime) -> list[Fact] | Refused:
    """Call it off, also in a closed group; the record stays. Cancelling twice changes nothing."""
    refused = _unfit(event, by, membership, now)
    if refused is CANCELLED:
        return []
    return refused or [Cancelled(event.id, by)]


def _unfit(event: Event, by: str, membership: Membership, now: datetime) -> Refused | None:
    """Why this person cannot change this event now, if so."""
    if not may(membership, by in event.details.hosts, Action.EDIT_EVENTS):
        return UNKNOWN if event.status == "draft" else NOT_ALLOWED
    if event.status == "cancelled":
        return CANCELLED
    return PAST if now >= event.times.ends else None


def _shut(group: Group) -> Refused | None:
    return GROUP_CLOSED if group.status == "closed" else None


def with_changes(details: Details, changes: Mapping[str, Any]) -> Details:
    """The details after an edit."""
    values = dict(changes)
    if values.get("place") is not None:
        values["place"] = Place(**values["place"])
    for name in ("hosts", "topics"):
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
            return replace(edited, details=details, times=_valid(details))
        case Cancelled():
            return replace(edited, status="cancelled")


def _valid(details: Details) -> Times:
    found = times(details)
    if isinstance(found, Refused):
        raise ValueError(found.detail)  # noqa: TRY004 - the value is wrong, not its type
    return found
