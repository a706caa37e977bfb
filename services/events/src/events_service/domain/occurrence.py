"""An event as a date of a series: what the series wants of it, and what it makes of that."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from events_service.domain.acts import edited
from events_service.domain.details import Details, asked_otherwise
from events_service.domain.event import Cancelled, Changed, Created, Deleted, Event, Fact, Part, Published, Restored
from events_service.domain.place import ONLINE_SEATS, with_parts_of
from events_service.domain.refusal import Refused

TIMES: Final = frozenset({"starts_at", "ends_at", "timezone"})
"""Changed together: who moves the start of one date has said when it ends."""

WINDOW: Final = frozenset({"rsvp_opens_at", "rsvp_closes_at"})

_NONE: Final = frozenset[str]()

WITHOUT: Final[tuple[frozenset[str], ...]] = tuple(
    times | seats
    for times in (_NONE, WINDOW, TIMES | WINDOW)
    for seats in (_NONE, frozenset({"capacity", "hosts"}), frozenset({"capacity", "hosts", "place"}))
)
"""What a date keeps as it is where its own window for RSVPs, or those that it has, leave no room for the new: the first
of these that it can do with."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a series wants of one of its dates.

    details: all of them; changed: the names of those that the edit is about; publish: new dates are open to people at
    once; edit: None when the series is new.
    """

    group_id: str
    part: Part
    details: Details
    changed: tuple[str, ...] = ()
    publish: bool = False
    edit: dict[str, Any] | None = None


def occur(
    event_id: str, event: Event | None, by: str, order: Order, *, now: datetime, without: Collection[str] = ()
) -> list[Fact] | Refused:
    """Be a date of the series as it is by now; what was changed for this date alone stays, and so do questions that
    people have answered.

    Whoever edits the series was asked for their right to it there. without: fields that are left as they are.
    """
    if event is None:
        part = {"series_id": order.part.series_id, "first_at": order.part.first_at}
        created = Created(event_id, order.group_id, by, asdict(order.details), part)
        return [created, Published(event_id, by)] if order.publish else [created]
    back = event.status == "cancelled" and event.off
    if (event.status == "cancelled" and not back) or now >= (event.times.ends if back else event.times.starts):
        return []
    kept = {*event.own, *without} | (TIMES if TIMES & {*event.own} else set())
    values, place = asdict(order.details), event.details.place
    seats = {ONLINE_SEATS} if "capacity" in without else set[str]()
    values["place"] = with_parts_of(place, values["place"], {*event.own, *seats})
    wanted = {name: values[name] for name in (*order.changed, *sorted(TIMES)) if name not in kept}
    if asked_otherwise(event.details, wanted, event.status):
        del wanted["questions"]
    found = edited(event, wanted)
    if isinstance(found, Refused):
        return found
    new, told, starts = found or ({}, (), event.times.starts)
    if starts <= now:
        return []
    if back and order.edit is not None:
        return [Restored(event_id, by, new, ("status", *told), order.edit)]
    return [Changed(event_id, by, new, told, order.edit)] if new else []


def fall(event: Event, by: str, edit: dict[str, Any], now: datetime) -> list[Fact]:
    """Be no date of the series any more, unless it has begun: a draft is gone, a published event is called off."""
    if event.status == "cancelled" or now >= event.times.starts:
        return []
    return [Deleted(event.id, by)] if event.status == "draft" else [Cancelled(event.id, by, edit)]
