"""The log of an event's waitlist, and who stands in it."""

from datetime import datetime

from chassis.mongo import Database, Document
from events_service.domain.event import Event
from events_service.domain.place import FIRST_ROOM


async def moves(database: Database, event_id: str, member_id: str) -> list[Document]:
    """One person's, in order."""
    return await database["moves"].find({"event_id": event_id, "member_id": member_id}, sort=[("seq", 1)])


async def first_asked(database: Database, event_id: str, room: int | None = None) -> datetime | None:
    """When the first in line got their place there, and nobody waits for longer; None while nobody waits. room: of an
    event with two, the one that is asked about."""
    where: Document = {"event_id": event_id, "status": "waitlist"}
    if room is not None:
        where["room"] = None if room == FIRST_ROOM else room
    found = await database["rsvps"].find(where, sort=[("order", 1)], limit=1, fields={"asked_at": 1})
    return found[0]["asked_at"] if found else None


def waited_until(event: Event, now: datetime) -> datetime:
    """Now, or when waiting came to an end for whoever stands in line: the event was over, or was called off."""
    return min(now, event.times.ends, event.cancelled_at or now)


async def known_to(database: Database, event_id: str, member_id: str) -> Document | None:
    """Somebody's profile, or their RSVP to the event where no profile has come yet; None once they are forgotten."""
    profile = await database["members"].find_one({"_id": member_id})
    if profile is not None:
        return None if profile.get("deleted") else profile
    return await database["rsvps"].find_one({"_id": f"{event_id}:{member_id}"})
