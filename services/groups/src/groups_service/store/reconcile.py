"""What must be 0 in this service's documents, counted in one snapshot."""

from collections.abc import Mapping
from typing import Any

from chassis.mongo import Database, Document, Session
from groups_service.store.group import GROUPS, URLNAMES
from groups_service.store.member import MEMBERS
from groups_service.store.membership import MEMBERSHIPS


async def people(database: Database, session: Session) -> Mapping[str, int]:
    """Groups that count their active members wrongly, and groups without exactly the organizer they name."""
    organizes = {"$cond": [{"$eq": ["$role", "organizer"]}, "$member_id", "$$REMOVE"]}
    per_group: Document = {"_id": "$group_id", "active": {"$sum": 1}, "organizers": {"$push": organizes}}
    steps: list[Document] = [{"$match": {"state": "active"}}, {"$group": per_group}]
    found = {row["_id"]: row for row in await database[MEMBERSHIPS].aggregate(steps, session=session)}
    groups = await database[GROUPS].find({}, fields={"member_count": 1, "organizer_id": 1}, session=session)
    none: dict[str, Any] = {"active": 0, "organizers": []}
    seen = [(group, found.get(group["_id"], none)) for group in groups]
    return {
        "member_counts_wrong": sum(group["member_count"] != row["active"] for group, row in seen),
        "organizers_wrong": sum(row["organizers"] != [group["organizer_id"]] for group, row in seen),
    }


async def names(database: Database, session: Session) -> Mapping[str, int]:
    """Groups without the claim of their urlname, claims of no group, and numbers given twice."""
    groups = await database[GROUPS].find({}, fields={"urlname": 1}, session=session)
    claims = await database[URLNAMES].find({}, session=session)
    has = {(group["urlname"], group["_id"]) for group in groups}
    claimed = {(claim["_id"], claim["group_id"]) for claim in claims}
    return {
        "urlnames_unclaimed": len(has - claimed),
        "claims_of_no_group": len(claimed - has),
        "numbers_given_twice": await _twice(database, GROUPS, session) + await _twice(database, MEMBERS, session),
    }


async def _twice(database: Database, collection: str, session: Session) -> int:
    steps: list[Document] = [
        {"$group": {"_id": "$number", "count": {"$sum": 1}}},
        {"$match": {"count": {"$gt": 1}}},
        {"$count": "twice"},
    ]
    found = await database[collection].aggregate(steps, session=session)
    return int(found[0]["twice"]) if found else 0
