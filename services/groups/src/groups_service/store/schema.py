"""The service's collections and indexes: made by one step, verified before readiness, never inside a transaction."""

from typing import Final

from chassis.finding import renew
from chassis.journal.numbers import NUMBERS
from chassis.mongo import Database
from chassis.prepared import has_all
from groups_service.domain.invitation import A_DAY
from groups_service.store.activity import ACTIVITY, ACTIVITY_ATTENDANCE, ACTIVITY_EVENTS, ACTIVITY_RSVPS
from groups_service.store.audit import AUDIT
from groups_service.store.block import BLOCKS
from groups_service.store.group import FOUND_BY, GROUPS, URLNAMES, found_by
from groups_service.store.growth import ACTIVITY_DAYS, ACTIVITY_PEOPLE, GROUP_DAYS
from groups_service.store.invitation import INVITATIONS
from groups_service.store.invited import INVITED
from groups_service.store.member import MEMBERS
from groups_service.store.membership import MEMBERSHIPS
from groups_service.store.network import NETWORKS, WELCOMES
from groups_service.store.post import POSTS, REACTIONS, REVISIONS
from groups_service.store.rating import ACTIVITY_EVENT_RATINGS, ACTIVITY_RATINGS
from groups_service.store.report import REPORTS
from groups_service.views.privacy import CHUNKS, REQUESTS

COLLECTIONS: Final = (
    *(GROUPS, URLNAMES, MEMBERSHIPS, INVITATIONS, INVITED, MEMBERS, BLOCKS, NUMBERS),
    *(NETWORKS, WELCOMES, ACTIVITY, ACTIVITY_EVENTS, ACTIVITY_RSVPS, ACTIVITY_ATTENDANCE),
    *(ACTIVITY_RATINGS, ACTIVITY_EVENT_RATINGS, GROUP_DAYS, ACTIVITY_PEOPLE, ACTIVITY_DAYS),
    *(POSTS, REVISIONS, REACTIONS, REPORTS, AUDIT),
    *(REQUESTS, CHUNKS),
)


async def prepare(database: Database) -> None:
    """Make what is missing; safe to run again. Each index serves one question of `views`, or of the worker."""
    for name in COLLECTIONS:
        await database.ensure_collection(name)
    groups = database[GROUPS]
    await groups.create_index([("urlname", 1)])
    await groups.create_index([("visibility", 1), ("urlname", 1)])
    await groups.create_index([("topic_keys", 1), ("urlname", 1)])
    await groups.create_index([("topic_keys", 1), ("member_count", -1)])
    await groups.create_index([("visibility", 1), ("member_count", -1)])
    await groups.create_index([("country", 1), ("urlname", 1)])
    await groups.create_index([("words", 1), ("urlname", 1)])
    await renew(groups, found_by, FOUND_BY)
    await groups.create_index([("point", "2dsphere")])
    await groups.create_index([("topic_keys", 1), ("point", "2dsphere")])
    await groups.create_index([("due_at", 1)], where={"due_at": {"$type": "date"}})
    await groups.create_index([("network_id", 1), ("_id", 1)], where={"network_id": {"$type": "string"}})
    await groups.create_index([("networks_asked", 1), ("_id", 1)])
    await database[WELCOMES].create_index([("network_id", 1), ("group_id", 1)])
    await database[NETWORKS].create_index([("admins", 1), ("_id", 1)])
    await database[ACTIVITY_PEOPLE].create_index([("member_id", 1), ("_id", 1)])
    await database[ACTIVITY_EVENTS].create_index([("group_id", 1)])
    await database[ACTIVITY_EVENT_RATINGS].create_index([("group_id", 1)])
    await database[GROUP_DAYS].create_index([("group_id", 1), ("day", 1)])
    await database[ACTIVITY_DAYS].create_index([("group_id", 1), ("day", 1)])
    await database[BLOCKS].create_index([("members", 1)])
    await database[REQUESTS].create_index([("member_id", 1), ("kind", 1), ("round", -1)])
    await database[REQUESTS].create_index([("due_at", 1)], where={"due_at": {"$type": "date"}})
    await database[CHUNKS].create_index([("at", 1)])
    await database[INVITATIONS].create_index([("group_id", 1), ("created_at", -1), ("_id", -1)])
    # not by the times in `given`: of several the index takes the earliest
    await database[INVITED].create_index([("last_at", 1)], expire=round(A_DAY.total_seconds()))
    for name in ("member_id", "used_by", "by"):
        await database[INVITATIONS].create_index([(name, 1), ("_id", 1)])
    # made when each of them was for one person
    await database[INVITATIONS].update_many(
        {"accepted": {"$exists": True}},
        [
            {"$set": {"uses": 1, "revoked": False, "used_by": {"$cond": ["$accepted", ["$member_id"], []]}}},
            {"$unset": "accepted"},
        ],
    )
    memberships = database[MEMBERSHIPS]
    await memberships.create_index([("group_id", 1), ("state", 1), ("member_id", 1)])
    await memberships.create_index([("group_id", 1), ("state", 1), ("role", 1), ("member_id", 1)])
    await memberships.create_index([("member_id", 1), ("state", 1), ("group_id", 1)])
    await _prepare_talk(database)


async def _prepare_talk(database: Database) -> None:
    """Also by whose they are, for whoever asks what is kept of a person."""
    posts = database[POSTS]
    await posts.create_index([("group_id", 1), ("thread_id", 1), ("created_at", -1), ("_id", -1)])
    await posts.create_index([("thread_id", 1), ("number", 1)], where={"thread_id": {"$type": "string"}})
    await posts.create_index([("group_id", 1), ("pinned_at", -1)], where={"pinned_at": {"$type": "date"}})
    await posts.create_index([("author_id", 1), ("_id", 1)])
    await database[REVISIONS].create_index([("post_id", 1), ("number", 1)])
    await database[REVISIONS].create_index([("author_id", 1), ("_id", 1)])
    await database[REACTIONS].create_index([("member_id", 1), ("post_id", 1)])
    await database[REACTIONS].create_index([("member_id", 1), ("_id", 1)])
    await database[REACTIONS].create_index([("post_id", 1)])
    reports = database[REPORTS]
    await reports.create_index([("group_id", 1), ("open", -1), ("filed_at", 1), ("_id", 1)])
    await reports.create_index([("filed_at", 1), ("_id", 1)], where={"open": True})
    await reports.create_index([("reporter_id", 1), ("_id", 1)])
    await reports.create_index([("resolved_by", 1), ("_id", 1)])
    await database[AUDIT].create_index([("group_id", 1), ("number", 1)])


async def verify(database: Database) -> None:
    """Raises NotPrepared when something `prepare` makes is missing."""
    await has_all(database, COLLECTIONS, "`python -m groups_service setup`")
