"""What becomes of an event by itself: it ends, and its wall times are other instants when zone rules change."""

from datetime import datetime

from events_service.domain.details import times
from events_service.domain.event import Ended, Event, Fact, Rezoned
from events_service.domain.refusal import Refused


def end(event: Event, now: datetime) -> list[Fact]:
    """A published event that is over. Once."""
    over = event.status == "published" and event.ended_at is None and now >= event.times.ends
    return [Ended(event.id)] if over else []


def rezone(event: Event, now: datetime) -> list[Fact]:
    """The wall times stay as they are; the instants follow the zone's rules of today.

    Only what has not begun, and only where the event is still one that can be held. People hear of it where some of
    them are elsewhere: whoever comes to the place meets at the same time on its clocks as before.
    """
    if event.status == "cancelled" or now >= event.times.starts:
        return []
    found = times(event.details)
    if isinstance(found, Refused) or found == event.times:
        return []
    place = event.details.place
    elsewhere = place is not None and place.kind != "physical"
    moved = {"starts_at": found.starts != event.times.starts, "ends_at": found.ends != event.times.ends}
    told = tuple(name for name, differs in moved.items() if differs and elsewhere)
    return [Rezoned(event.id, found.starts, found.ends, found.opens, found.closes, told)]
