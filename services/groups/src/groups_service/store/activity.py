"""What goes on in groups, as the events service tells it, counted so that nobody has to scan it.

`activity_events`, by event id: the little that is kept of each event; it comes from `events.event.v1` alone.
`activity`, by group id: what these come to, counted anew with every message about one of the group's events.
`activity_rsvps`, by group id: how many RSVPs stand at yes; it moves with every message of `events.rsvp.v1`.
`activity_attendance`, by group id: how often somebody was noted as having come to an event; it moves with every message
of `events.attendance.v1`, back too, where a note is corrected.
"""

from collections.abc import Iterable
from typing import Final

from chassis.mongo import Document, UpdateOne
from contracts.events import AttendanceChanged, EventState, RsvpChanged

ACTIVITY: Final = "activity"
ACTIVITY_EVENTS: Final = "activity_events"
ACTIVITY_RSVPS: Final = "activity_rsvps"
ACTIVITY_ATTENDANCE: Final = "activity_attendance"

HELD: Final = ("published", "past")
"""An event in one of these states is counted; a cancelled one is not."""

EVENT_FIELDS: Final[Document] = {"group_id": 1, "status": 1, "announced_at": 1, "ends_at": 1}


def event_row(event: EventState, sequence: int) -> Document:
    return {
        "_id": event.event_id,
        "v": 1,
        "group_id": event.group_id,
        "status": event.status,
        "announced_at": event.announced_at,
        "ends_at": event.ends_at_utc,
        "sequence": sequence,
    }


def gone_row(event_id: str, sequence: int) -> Document:
    return {"_id": event_id, "v": 1, "sequence": sequence, "deleted": True}


def counted(group_id: str, rows: Iterable[Document]) -> Document:
    """What the group's events come to. Announced is announced, whatever became of the event."""
    mine = [row for row in rows if row["group_id"] == group_id]
    held = [row for row in mine if row["status"] in HELD]
    announced = [row["announced_at"] for row in mine if row["announced_at"] is not None]
    return {
        "_id": group_id,
        "v": 1,
        "events": len(held),
        "announced_at": max(announced, default=None),
        "scheduled_until": max((row["ends_at"] for row in held), default=None),
    }


def yes_change(rsvp: RsvpChanged) -> int:
    """By how much this decision changes the number of RSVPs that stand at yes."""
    return int(rsvp.status == "yes") - int(rsvp.was == "yes")


def rsvps_write(group_id: str, change: int) -> UpdateOne:
    return UpdateOne({"_id": group_id}, {"$inc": {"yes": change}, "$setOnInsert": {"v": 1}}, upsert=True)


def came_change(noted: AttendanceChanged) -> int:
    """By how much this note changes how often people came."""
    return int(noted.mark == "attended") - int(noted.was == "attended")


def attendance_write(group_id: str, change: int) -> UpdateOne:
    return UpdateOne({"_id": group_id}, {"$inc": {"attended": change}, "$setOnInsert": {"v": 1}}, upsert=True)
