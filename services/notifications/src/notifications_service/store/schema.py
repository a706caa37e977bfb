"""This service's own collections and indexes; the chassis makes those of the journal and of the consumers."""

from chassis.mongo import Database

COLLECTIONS = (
    "accounts",
    "inbox",
    "inbox_reads",
    "mails",
    "spreads",
    "groups",
    "memberships",
    "members",
    "events",
    "rsvps",
)


async def prepare(database: Database) -> None:
    """Make what is missing; safe to run again and by several processes at once."""
    for name in COLLECTIONS:
        await database.ensure_collection(name)
    await database["mails"].create_index([("pace", 1), ("due_at", 1)], where={"due_at": {"$exists": True}})
    await database["spreads"].create_index([("due_at", 1)], where={"due_at": {"$exists": True}})
    await database["memberships"].create_index([("group_id", 1), ("sequence", 1)])
    await database["memberships"].create_index([("group_id", 1)], where={"leads": True})
    await database["rsvps"].create_index([("event_id", 1), ("sequence", 1)])
