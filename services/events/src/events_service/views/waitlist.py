"""The log of an event's waitlist, and who stands in it."""

from chassis.mongo import Database, Document


async def moves(database: Database, event_id: str, member_id: str | None = None) -> list[Document]:
    """The event's, or one person's in it, in order."""
    where = {"event_id": event_id} if member_id is None else {"event_id": event_id, "member_id": member_id}
    return await database["moves"].find(where, sort=[("seq", 1)])


async def waiting(database: Database, event_id: str) -> list[Document]:
    """Everybody in line, without their names."""
    fields = {"order": 1, "seats": 1, "lined": 1, "seq": 1, "asked_at": 1}
    return await database["rsvps"].find({"event_id": event_id, "status": "waitlist"}, fields=fields)


async def member(database: Database, member_id: str) -> Document | None:
    """A profile, unless it was taken back."""
    found = await database["members"].find_one({"_id": member_id})
    return None if found is None or found.get("deleted") else found
