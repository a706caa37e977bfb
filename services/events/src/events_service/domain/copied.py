"""An event as one chapter's copy of a network event: what the network event wants of it, and what it makes of that.

A copy looks at the network event as it is when it looks. Looking twice, late or in another order comes to the same.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from events_service.domain.acts import PAST, edited
from events_service.domain.chapter import State
from events_service.domain.details import Details, asked_otherwise, times
from events_service.domain.event import Cancelled, Changed, Created, Deleted, Event, Fact, Published
from events_service.domain.group import Group
from events_service.domain.network_event import Status
from events_service.domain.occurrence import TIMES, WINDOW
from events_service.domain.origin import Detached, Followed, Origin
from events_service.domain.place import ONLINE_SEATS, with_parts_of
from events_service.domain.refusal import Refused

TOGETHER: Final = (TIMES, WINDOW)
"""Fields of which a chapter has its own all, once it has changed one of them."""

FOLLOWS: Final = frozenset(Details.__slots__) - {"hosts", "timezone"}
"""What a copy takes over. Hosts are people of the chapter; its zone it has from there."""

_NONE: Final = frozenset[str]()

WITHOUT: Final[tuple[frozenset[str], ...]] = tuple(
    times | seats
    for times in (_NONE, TIMES | WINDOW)
    for seats in (_NONE, frozenset({"capacity"}), frozenset({"capacity", "place"}))
)
"""What a copy leaves as it is where it cannot take over all: the first of these that it can do with. `capacity` is also
that of a hybrid place's online side."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A network event as one of its copies sees it.

    chapter: its part in it; details: as the copy shall have them; thrown_away: there was a copy, and it was deleted.
    """

    network_event_id: str
    network_id: str
    version: int
    status: Status
    chapter: State
    details: Details
    thrown_away: bool


def conform(
    event_id: str,
    event: Event | None,
    by: str,
    wish: Wish,
    *,
    group: Group,
    now: datetime,
    without: Collection[str] = (),
) -> list[Fact] | Refused:
    """Be what the network event wants by now; what the chapter changed stays as it is.

    Whoever decided about the network event was asked for their right to it there. without: fields that are left as they
    are. What has begun is not touched, and neither is what was cancelled.
    """
    if event is None:
        return _made(event_id, by, wish, group)
    if event.origin is None or event.status == "cancelled" or now >= event.times.starts:
        return []
    if wish.chapter != "planned" or wish.status == "cancelled":
        return [_ended(event, by, wish)]
    if wish.version == event.origin.version:
        return []
    shut = group.status in ("frozen", "closed")
    return _followed(event, by, wish, shut=shut, now=now, without=without)


def _followed(
    event: Event, by: str, wish: Wish, *, shut: bool, now: datetime, without: Collection[str]
) -> list[Fact] | Refused:
    """shut: the group has no new events, which means no drafts are opened to people."""
    wanted, left = _wanted(event, wish, without)
    found = edited(event, wanted)
    if isinstance(found, Refused):
        return found
    new, told, starts = found or ({}, (), event.times.starts)
    if starts <= now:
        return PAST
    facts: list[Fact] = [Changed(event.id, by, new, told, follows=True)] if new else []
    facts.append(Followed(event.id, wish.version, left))
    if event.status == "draft" and wish.status == "published" and not shut:
        facts.append(Published(event.id, by))
    return facts


def _made(event_id: str, by: str, wish: Wish, group: Group) -> list[Fact]:
    """The copy of a chapter that shall have one. That it has a right to new events was asked when that was decided."""
    if wish.chapter != "planned" or wish.status == "cancelled" or wish.thrown_away:
        return []
    if isinstance(times(wish.details), Refused):
        return []
    origin = Origin(wish.network_event_id, wish.network_id, wish.version)
    created = Created(event_id, group.id, by, asdict(wish.details), origin=asdict(origin))
    return [created, Published(event_id, by)] if wish.status == "published" else [created]


def _ended(event: Event, by: str, wish: Wish) -> Fact:
    """What is published stays, as the chapter's own, where the chapter alone has no part in it any more."""
    draft = event.status == "draft"
    if wish.chapter == "left" or (wish.chapter == "opted-out" and not draft):
        return Detached(event.id, by)
    return Deleted(event.id, by) if draft else Cancelled(event.id, by)


def _wanted(event: Event, wish: Wish, without: Collection[str]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The values to take over; and the names of those that are left, and differ. Questions that people have answered
    are."""
    own = {*event.own}
    for fields in TOGETHER:
        own |= fields if fields & own else set()
    values, before = asdict(wish.details), asdict(event.details)
    values["place"] = with_parts_of(event.details.place, values["place"], own)
    theirs = sorted(FOLLOWS - own)
    wanted = {name: values[name] for name in theirs if name not in without}
    left = {name for name in theirs if name in without and values[name] != before[name]}
    if "capacity" in without and "place" in wanted:
        place = with_parts_of(event.details.place, wanted["place"], (ONLINE_SEATS,))
        left |= {"capacity"} if place != wanted["place"] else set()
        wanted["place"] = place
    if asked_otherwise(event.details, wanted, event.status):
        del wanted["questions"]
        left |= {"questions"}
    return wanted, tuple(sorted(left))
