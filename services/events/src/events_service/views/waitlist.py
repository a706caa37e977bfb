"""The log of an event's waitlist, and who stands in it."""

from chassis.mongo import Database, Document


async def moves(database: Database, event_id: str, member_id: str | None = None) -> list[Document]:
    """The event's, or one person's in it, in order."""
    where = {"event_id": event_id} if member_id is None else {"event_id": event_id, "member_id": member_id}
    return await database["moves"].find(where, sort=[("seq", 1)])


async def waiting(database: Database, event_id: str) -> list[Document]:
    """Everybody in line, without their names."""
    fields = {"order": 1, "seats": 1, "lined": 1, "seq": 1, "asked_at": 1, "room": 1}
    return await database["rsvps"].find({"event_id": event_id, "status": "waitlist"}, fields=fields)


async def known_to(database: Database, event_id: str, member_id: str) -> Document | None:
    """Somebody's profile, or their RSVP to the event where no profile has come yet; None once they are forgotten."""
    profile = await database["members"].find_one({"_id": member_id})
    if profile is not None:
        return None if profile.get("deleted") else profile
    return await database["rsvps"].find_one({"_id": f"{event_id}:{member_id}"})
