"""An event: what it says of itself, and what becomes of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from events_service.domain.details import Details, Times, details_of, times, with_changes
from events_service.domain.origin import Detached, Followed, Origin
from events_service.domain.place import (
    FIRST_ROOMS,
    PARTS,
    Rooms,
    only_side,
    parts_changed,
    rooms_after,
    rooms_of,
    venue,
)
from events_service.domain.refusal import Refused
from events_service.domain.rsvp import Terms
from events_service.domain.window import ByHand, RsvpsClosed, RsvpsOpened, Window, carried, in_force

Status = Literal["draft", "published", "cancelled"]


@dataclass(frozen=True, slots=True)
class Part:
    """An event's place in a series. first_at: the instant it was first planned for; it names the date for ever."""

    series_id: str
    first_at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """`version` counts edits; RSVPs do not move it.

    created_by: None once they are forgotten. cancelled_at: None while it is not. ended_at: when it was found to be
    over. own: the fields that were changed for this date of a series, or for this copy of a network event, alone, and
    of a hybrid place the parts; off: the date fell off its series. concealed: a draft that the first release let be
    cancelled: for leaders and hosts alone. rooms: the sides that they are.
    """

    id: str
    group_id: str
    details: Details
    times: Times
    created_by: str | None
    created_at: datetime
    updated_at: datetime
    status: Status = "draft"
    announced_at: datetime | None = None
    cancelled_at: datetime | None = None
    ended_at: datetime | None = None
    series: Part | None = None
    origin: Origin | None = None
    own: tuple[str, ...] = ()
    off: bool = False
    concealed: bool = False
    version: int = 1
    by_hand: ByHand | None = None
    rooms: Rooms = FIRST_ROOMS

    @property
    def window(self) -> Window:
        """When RSVPs are taken."""
        return in_force(Window(self.times.opens, self.times.closes), self.by_hand, self.times.ends)

    def terms(self) -> Terms:
        """What RSVPs need to know of the event."""
        window, place = self.window, self.details.place
        side = only_side(place)
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
            venue=venue(place),
            questions=len(self.details.questions),
            sides=self.rooms if side is None else (side,),
            online_guest_limit=place.guest_limit if side is None and place is not None else None,
        )


@dataclass(frozen=True, slots=True)
class Created:
    """details: all the fields of a `Details`, the place as plain values; series, origin: those of `Part`, `Origin`."""

    event_id: str
    group_id: str
    by: str
    details: dict[str, Any]
    series: dict[str, Any] | None = None
    origin: dict[str, Any] | None = None


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
    """changes: the new values of the fields of `Details` that changed; told: those people are told about.

    edit: of the series, where it is a part of one: `{id, at, ...}`; follows: it is what the network event wants.
    """

    event_id: str
    by: str
    changes: dict[str, Any]
    told: tuple[str, ...]
    edit: dict[str, Any] | None = None
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Cancelled:
    """edit: of the series that the date fell off, if it did."""

    event_id: str
    by: str
    edit: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """A date that fell off its series is one of it again, with what changed meanwhile."""

    event_id: str
    by: str
    changes: dict[str, Any]
    told: tuple[str, ...]
    edit: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Deleted:
    """A draft is gone."""

    event_id: str
    by: str


@dataclass(frozen=True, slots=True)
class Rezoned:
    """Zone rules changed: the wall times stay and are other instants. told: as in `Changed`."""

    event_id: str
    starts: datetime
    ends: datetime
    opens: datetime | None
    closes: datetime
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    event_id: str


@dataclass(frozen=True, slots=True)
class MemberForgotten:
    """Who hosts or made it is forgotten. It is no change that a date of a series, or a copy, has of its own."""

    event_id: str
    member_id: str


_Ordered = Created | Published | Announced | Changed | Cancelled | Restored | Deleted | RsvpsOpened | RsvpsClosed
Fact = _Ordered | Rezoned | Ended | Followed | Detached | MemberForgotten


def evolve(event: Event | None, fact: Fact, now: datetime) -> Event:
    """The event after the fact; a deleted one as it was last."""
    if isinstance(fact, Created):
        details = details_of(fact.details)
        made = Event(fact.event_id, fact.group_id, details, _valid(details), fact.by, now, now)
        part = None if fact.series is None else Part(**fact.series)
        origin = None if fact.origin is None else Origin(**fact.origin)
        return replace(made, series=part, origin=origin, rooms=rooms_of(details.place))
    if event is None:
        raise ValueError("an event's first fact is its creation")
    if isinstance(fact, Followed):
        return replace(event, origin=event.origin and replace(event.origin, version=fact.version, left=fact.left))
    edited = replace(event, version=event.version + 1, updated_at=now)
    return _without(edited, fact.member_id) if isinstance(fact, MemberForgotten) else _evolved(edited, fact, now)


def _evolved(edited: Event, fact: Fact, now: datetime) -> Event:  # noqa: PLR0911 - a case for each fact
    match fact:
        case Published():
            return replace(edited, status="published")
        case Announced():
            return replace(edited, announced_at=now)
        case Changed(edit=edit, follows=follows, changes=changes):
            alone = (edited.series or edited.origin) is not None and edit is None and not follows
            return _with_own(edited, _with(edited, changes), changes if alone else ())
        case Cancelled(edit=edit):
            return replace(edited, status="cancelled", cancelled_at=now, off=edit is not None)
        case Restored(changes=changes):
            back = _with_own(edited, _with(edited, changes), ())
            return replace(back, status="published", cancelled_at=None, off=False)
        case RsvpsOpened() | RsvpsClosed():
            return replace(edited, by_hand=ByHand(isinstance(fact, RsvpsOpened), now))
        case Rezoned(starts=starts, ends=ends, opens=opens, closes=closes):
            return _at(edited, Times(starts, ends, opens, closes))
        case Ended():
            return replace(edited, ended_at=now)
        case Detached():
            return replace(edited, origin=None, own=())
    return edited


def _without(event: Event, member_id: str) -> Event:
    hosts = tuple(one for one in event.details.hosts if one != member_id)
    maker = None if event.created_by == member_id else event.created_by
    return replace(event, details=replace(event.details, hosts=hosts), created_by=maker)


def _with_own(before: Event, after: Event, changed: Collection[str]) -> Event:
    """changed: for this event alone. What is own of a hybrid place goes with its sides."""
    one, other = before.details.place, after.details.place
    names = (part for name in changed for part in (parts_changed(one, other) if name == "place" else (name,)))
    sided = other is not None and other.sided
    own = dict.fromkeys(name for name in (*before.own, *names) if sided or name not in PARTS)
    return replace(after, own=tuple(own))


def _with(event: Event, changes: Mapping[str, Any]) -> Event:
    details = with_changes(event.details, changes)
    by_hand = None if changes.keys() & {"rsvp_opens_at", "rsvp_closes_at"} else event.by_hand
    rooms = rooms_after(event.rooms, event.details.place, details.place)
    return _at(replace(event, details=details, by_hand=by_hand, rooms=rooms), _valid(details))


def _at(event: Event, times: Times) -> Event:
    """The event at other times. RSVPs that were opened by hand within the window are not taken beyond its end because
    that comes to lie before."""
    return replace(event, times=times, by_hand=carried(event.by_hand, event.times.closes, times.closes))


def _valid(details: Details) -> Times:
    found = times(details)
    if isinstance(found, Refused):
        raise ValueError(found.detail)  # noqa: TRY004 - the value is wrong, not its type
    return found
