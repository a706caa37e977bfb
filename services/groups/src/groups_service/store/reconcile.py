"""What must be 0 in this service's documents, each step of it in one snapshot."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from chassis.mongo import Database, Document, Session
from chassis.reconcile import Check, Documents, Once, Walk, Wrong
from groups_service.store.audit import broken_chains
from groups_service.store.group import GROUPS, URLNAMES
from groups_service.store.member import MEMBERS
from groups_service.store.membership import MEMBERSHIPS
from groups_service.store.network_reconcile import NETWORK_CHECKS
from groups_service.store.post import POSTS, REACTIONS


async def people(database: Database, session: Session, found: Documents) -> Wrong:
    """Groups that count their active members wrongly, or the leaders or votes among them, and groups without exactly
    the organizer they name."""
    organizes = {"$cond": [{"$eq": ["$role", "organizer"]}, "$member_id", "$$REMOVE"]}
    votes = {"$ifNull": ["$vote", "$$REMOVE"]}
    per_group: Document = {
        "_id": "$group_id",
        "active": {"$sum": 1},
        "leaders": {"$sum": {"$cond": [{"$eq": ["$role", "member"]}, 0, 1]}},
        "organizers": {"$push": organizes},
        "votes": {"$push": votes},
    }
    ids = [group["_id"] for group in found]
    steps: list[Document] = [{"$match": {"group_id": {"$in": ids}, "state": "active"}}, {"$group": per_group}]
    rows = {row["_id"]: row for row in await database[MEMBERSHIPS].aggregate(steps, session=session)}
    none: dict[str, Any] = {"active": 0, "leaders": 0, "organizers": [], "votes": []}
    seen = [(group, rows.get(group["_id"], none)) for group in found]
    return {
        "member_counts_wrong": [group["_id"] for group, row in seen if group["member_count"] != row["active"]],
        "leader_counts_wrong": [group["_id"] for group, row in seen if group.get("leaders") != row["leaders"]],
        "organizers_wrong": [group["_id"] for group, row in seen if row["organizers"] != _organizers(group)],
        "votes_wrong": [group["_id"] for group, row in seen if not _counted(group, Counter(row["votes"]))],
    }


def _organizers(group: Document) -> list[str]:
    return [] if group["organizer_id"] is None else [group["organizer_id"]]


def _counted(group: Document, votes: Mapping[int, int]) -> bool:
    """Votes for those who do not stand any more are left where they are, and do not count."""
    candidates = (group.get("vacancy") or {}).get("candidates", ())
    return all(one["votes"] == votes.get(one["number"], 0) for one in candidates)


async def unclaimed(database: Database, session: Session, found: Documents) -> Wrong:
    """Groups without the claim of their urlname."""
    names = [group["urlname"] for group in found]
    claims = await database[URLNAMES].find({"_id": {"$in": names}}, session=session)
    claimed = {(claim["_id"], claim["group_id"]) for claim in claims}
    return {"urlnames_unclaimed": [g["_id"] for g in found if (g["urlname"], g["_id"]) not in claimed]}


async def unused(database: Database, session: Session, found: Documents) -> Wrong:
    """Claims of no group."""
    ids = sorted({claim["group_id"] for claim in found})
    groups = await database[GROUPS].find({"_id": {"$in": ids}}, fields={"urlname": 1}, session=session)
    has = {(group["urlname"], group["_id"]) for group in groups}
    return {"claims_of_no_group": [claim["_id"] for claim in found if (claim["_id"], claim["group_id"]) not in has]}


async def strays(database: Database, session: Session, found: Documents) -> Wrong:
    """Memberships in a group nobody knows."""
    ids = sorted({membership["group_id"] for membership in found})
    groups = await database[GROUPS].find({"_id": {"$in": ids}}, fields={"_id": 1}, session=session)
    known = {group["_id"] for group in groups}
    return {"memberships_of_no_group": [m["_id"] for m in found if m["group_id"] not in known]}


async def told(database: Database, session: Session, found: Documents) -> Wrong:
    """Posts that count their reactions or the replies that are left wrongly."""
    ids = [post["_id"] for post in found]
    names: list[Document] = [
        {"$match": {"post_id": {"$in": ids}}},
        {"$group": {"_id": {"post": "$post_id", "name": "$name"}, "many": {"$sum": 1}}},
    ]
    counts: dict[str, dict[str, int]] = {}
    for row in await database[REACTIONS].aggregate(names, session=session):
        counts.setdefault(row["_id"]["post"], {})[row["_id"]["name"]] = row["many"]
    there: list[Document] = [
        {"$match": {"thread_id": {"$in": ids}, "state": {"$ne": "deleted"}}},
        {"$group": {"_id": "$thread_id", "many": {"$sum": 1}}},
    ]
    replies = {row["_id"]: row["many"] for row in await database[POSTS].aggregate(there, session=session)}
    return {
        "reactions_wrong": [post["_id"] for post in found if post["reactions"] != counts.get(post["_id"], {})],
        "replies_wrong": [post["_id"] for post in found if post["replies"] != replies.get(post["_id"], 0)],
    }


CHECKS: Final[tuple[Check, ...]] = (
    Walk(
        GROUPS,
        ("member_counts_wrong", "leader_counts_wrong", "organizers_wrong", "votes_wrong"),
        people,
        fields={"member_count": 1, "leaders": 1, "organizer_id": 1, "vacancy": 1},
        step=20,
    ),
    Walk(GROUPS, ("urlnames_unclaimed",), unclaimed, fields={"urlname": 1}),
    Walk(URLNAMES, ("claims_of_no_group",), unused),
    Walk(MEMBERSHIPS, ("memberships_of_no_group",), strays, fields={"group_id": 1}, step=500),
    *NETWORK_CHECKS,
    Walk(GROUPS, ("audit_chains_broken",), broken_chains, fields={"_id": 1}, step=20),
    Walk(POSTS, ("reactions_wrong", "replies_wrong"), told, fields={"reactions": 1, "replies": 1}),
    Once(GROUPS, "number", "numbers_given_twice"),
    Once(MEMBERS, "number", "numbers_given_twice"),
)
