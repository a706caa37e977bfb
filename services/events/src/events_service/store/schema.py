"""The service's collections and indexes: made by one step, verified before readiness, never inside a transaction."""

import re
from base64 import urlsafe_b64encode
from secrets import token_bytes
from typing import Final

from chassis.consumers.readings import READINGS
from chassis.finding import renew
from chassis.journal.numbers import NUMBERS
from chassis.mongo import Database, Document
from chassis.prepared import has_all
from contracts.groups import GroupState
from events_service.store.attendance import DOOR_KEY_ID, DOOR_KEYS
from events_service.store.calendar import CALENDARS
from events_service.store.event import EVENTS, FOUND_BY, found_by
from events_service.store.fairness import count_earlier
from events_service.store.feedback import FEEDBACK, TOTALS
from events_service.store.kept import KEPT
from events_service.store.ledger import LEDGERS
from events_service.store.membership import SWEEPS
from events_service.store.move import MOVES
from events_service.store.network import NETWORKS
from events_service.store.network_event import CHAPTERS, NETWORK_EVENTS
from events_service.store.person import VISITORS
from events_service.store.projection import BLOCKS, GROUPS, MEMBERS, MEMBERSHIPS
from events_service.store.record import RECORDS
from events_service.store.rolling import ROLLINGS
from events_service.store.rsvp import RSVPS
from events_service.store.series import SERIES
from events_service.store.talk import COMMENTS, LETTERS, REVISIONS, TALKS

COLLECTIONS: Final = (
    *(EVENTS, SERIES, NETWORK_EVENTS, CHAPTERS, LEDGERS, RSVPS, MOVES, KEPT, NUMBERS, VISITORS, CALENDARS, SWEEPS),
    *(TALKS, COMMENTS, REVISIONS, LETTERS, TOTALS, FEEDBACK, RECORDS, DOOR_KEYS, ROLLINGS),
    *(GROUPS, MEMBERSHIPS, MEMBERS, BLOCKS, NETWORKS),
)


async def prepare(database: Database) -> None:
    """Make what is missing; safe to run again."""
    for name in COLLECTIONS:
        await database.ensure_collection(name)
    # first of all: services that are running already ask for it, whatever comes of the rest
    await database[DOOR_KEYS].update_one({"_id": DOOR_KEY_ID}, {"$setOnInsert": {"v": 1, "key": _key()}}, upsert=True)
    events = database[EVENTS]
    await events.create_index([("group_id", 1), ("starts", 1), ("_id", 1)])
    await events.create_index([("status", 1), ("starts", 1), ("_id", 1)])
    await events.create_index([("topic_keys", 1), ("starts", 1), ("_id", 1)])
    await events.create_index([("words", 1), ("starts", 1), ("_id", 1)])
    await events.create_index([("point", "2dsphere")])
    await events.create_index([("due_at", 1)])
    await events.create_index([("hosts", 1), ("_id", 1)])
    await database[SERIES].create_index([("details.hosts", 1)])
    for made in (events, database[SERIES], database[NETWORK_EVENTS]):
        await made.create_index([("created_by", 1)])
    # published before events ended by themselves
    await events.update_many({"status": "published", "due_at": {"$exists": False}}, [{"$set": {"due_at": "$ends"}}])
    await renew(events, found_by, FOUND_BY)
    await _tell_cancelled_drafts(database)
    await _prepare_networks(database)
    await database[CALENDARS].create_index([("digest", 1)])
    await database[BLOCKS].create_index([("members", 1)])
    await database[LEDGERS].create_index([("lapses", 1)], where={"lapses": {"$type": "date"}})
    # an event's log in order, and that of one person in it
    await database[MOVES].create_index([("event_id", 1), ("seq", 1)])
    await database[MOVES].create_index([("event_id", 1), ("member_id", 1), ("seq", 1)])
    await database[RECORDS].create_index([("member_id", 1)])
    comments = database[COMMENTS]
    await comments.create_index([("event_id", 1), ("to", 1), ("number", 1)])
    await comments.create_index([("author_id", 1), ("_id", 1)])
    await database[REVISIONS].create_index([("comment_id", 1), ("number", 1)])
    await database[REVISIONS].create_index([("author_id", 1), ("_id", 1)])
    await database[LETTERS].create_index([("event_id", 1), ("number", 1)])
    await database[LETTERS].create_index([("author_id", 1), ("_id", 1)])
    await database[FEEDBACK].create_index([("event_id", 1), ("created_at", 1), ("_id", 1)])
    await database[FEEDBACK].create_index([("member_id", 1), ("_id", 1)])
    rsvps = database[RSVPS]
    # the line of a long waitlist, and the list of attendees
    await rsvps.create_index([("event_id", 1), ("status", 1), ("order", 1)])
    # a person's RSVPs, also those in one group: each index more is paid for at every RSVP
    await rsvps.create_index([("member_id", 1), ("starts", -1), ("_id", 1)])
    # last: it takes its time in a database of before
    await count_earlier(database)


async def _tell_cancelled_drafts(database: Database) -> None:
    """Drafts could be cancelled in the first release, which did not write down what had been published before: whatever
    was neither announced nor ever answered counts as a draft."""
    events, rsvps = database[EVENTS], database[RSVPS]
    where: Document = {"status": "cancelled", "published": {"$exists": False}}
    for event in await events.find(where, fields={"announced_at": 1}):
        published = event.get("announced_at") is not None or bool(await rsvps.count({"event_id": event["_id"]}))
        await events.update_one({"_id": event["_id"], **where}, {"$set": {"published": published}})


def _key() -> str:
    return urlsafe_b64encode(token_bytes(32)).decode()


async def _prepare_networks(database: Database) -> None:
    groups = database[GROUPS]
    await groups.create_index([("network_id", 1), ("_id", 1)], where={"network_id": {"$type": "string"}})
    await database[NETWORK_EVENTS].create_index([("network_id", 1), ("_id", 1)])
    await database[CHAPTERS].create_index([("group_id", 1)])
    # kept before anybody asked which network a group is in: the topic that says it is read anew
    if await groups.find_one({"network_id": {"$exists": False}, "deleted": {"$ne": True}}, fields={"_id": 1}):
        theirs = {"_id": {"$regex": f"/{re.escape(GroupState.topic)}$"}}
        await database[READINGS].update_many(theirs, {"$set": {"rebuilding": True}})


async def verify(database: Database) -> None:
    """Raises NotPrepared when something `prepare` makes is missing."""
    await has_all(database, COLLECTIONS, "`python -m events_service setup`")
