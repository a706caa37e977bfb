"""This service's own collections and indexes; the chassis makes those of the journal and of the consumers."""

from typing import Final

from chassis.mongo import Database
from chassis.prepared import has_all
from notifications_service.store.account import READS
from notifications_service.store.notice import INBOX, MAILS
from notifications_service.store.people import ACCOUNTS
from notifications_service.store.projection import (
    ATTENDANCE,
    EVENTS,
    FEEDBACK,
    FEEDBACK_KEPT,
    GROUPS,
    MEMBERS,
    MEMBERSHIPS,
    POSTS,
    POSTS_KEPT,
    RSVPS,
)
from notifications_service.store.spread import SPREADS

COLLECTIONS: Final = (
    *(ACCOUNTS, INBOX, READS, MAILS, SPREADS),
    *(GROUPS, MEMBERSHIPS, MEMBERS, EVENTS, RSVPS, POSTS, FEEDBACK, ATTENDANCE),
)


async def prepare(database: Database) -> None:
    """Make what is missing; safe to run again and by several processes at once."""
    for name in COLLECTIONS:
        await database.ensure_collection(name)
    await database[MAILS].create_index([("pace", 1), ("due_at", 1)], where={"due_at": {"$exists": True}})
    await database[SPREADS].create_index([("due_at", 1)], where={"due_at": {"$exists": True}})
    await database[MEMBERSHIPS].create_index([("group_id", 1), ("sequence", 1)])
    await database[MEMBERSHIPS].create_index([("group_id", 1)], where={"leads": True})
    await database[MEMBERSHIPS].create_index([("group_id", 1), ("role", 1)], where={"role": "event_organizer"})
    await database[RSVPS].create_index([("event_id", 1), ("sequence", 1)])
    await database[RSVPS].create_index([("member_id", 1)])
    await database[MAILS].create_index([("member_id", 1)])
    await database[POSTS].create_index([("at", 1)], expire=round(POSTS_KEPT.total_seconds()))
    await database[POSTS].create_index([("author_id", 1)])
    for name in (FEEDBACK, ATTENDANCE):
        await database[name].create_index([("at", 1)], expire=round(FEEDBACK_KEPT.total_seconds()))
        await database[name].create_index([("member_id", 1)])


async def verify(database: Database) -> None:
    """Raises NotPrepared when something `prepare` makes is missing."""
    await has_all(database, COLLECTIONS, "`python -m notifications_service setup`")
