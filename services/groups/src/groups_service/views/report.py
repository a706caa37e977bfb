"""Reports as those who judge them see them, and as those who filed them do."""

from datetime import datetime
from typing import Any

from chassis.mongo import Database, Document
from chassis.times import when
from groups_service.domain.report import PATIENCE
from groups_service.handlers.answer import Answer
from groups_service.handlers.report import counted

Key = tuple[bool, datetime, str]


async def one(database: Database, report_id: str) -> Document | None:
    return await database["reports"].find_one({"_id": report_id})


async def queue(
    database: Database, group_id: str, *, judge: str | None, but: str | None, after: Key | None, limit: int
) -> list[Document]:
    """A group's reports, those that wait first, and of them the oldest.

    judge: only those that are theirs to judge; but: none about this member.
    """
    where: dict[str, Any] = {"group_id": group_id}
    if judge is not None:
        where["judge"] = judge
    if but is not None:
        where["target.member_id"] = {"$ne": but}
    if after is not None:
        is_open, at, id_ = after
        same: dict[str, Any] = {"open": is_open}
        where["$or"] = [
            {"open": {"$lt": is_open}},
            {**same, "filed_at": {"$gt": at}},
            {**same, "filed_at": at, "_id": {"$gt": id_}},
        ]
    return await database["reports"].find(where, sort=[("open", -1), ("filed_at", 1), ("_id", 1)], limit=limit)


async def for_platform(
    database: Database, now: datetime, *, after: tuple[datetime, str] | None, limit: int
) -> list[Document]:
    """What waits for the platform's admins, the oldest first: what leaders may not judge, or have not in time."""
    late = {"filed_at": {"$lte": now - PATIENCE}}
    where: dict[str, Any] = {"open": True, "$or": [{"judge": "platform"}, late]}
    if after is not None:
        at, id_ = after
        where["$and"] = [{"$or": [{"filed_at": {"$gt": at}}, {"filed_at": at, "_id": {"$gt": id_}}]}]
    return await database["reports"].find(where, sort=[("filed_at", 1), ("_id", 1)], limit=limit)


async def now(database: Database) -> datetime:
    """By the database's clock, which reports are dated by."""
    found: datetime = (await database.command({"hello": 1}))["localTime"]
    return found


async def common_group(database: Database, one: str, other: str) -> str | None:
    """The first by id of the groups that both are in."""
    where = {"member_id": one, "state": "active"}
    mine = await database["memberships"].find(where, fields={"group_id": 1})
    ids = [f"{membership['group_id']}:{other}" for membership in mine]
    both = {"_id": {"$in": ids}, "state": "active"}
    found = await database["memberships"].find_one(both, sort=[("_id", 1)], fields={"group_id": 1})
    return None if found is None else str(found["group_id"])


def own(document: Document) -> Answer:
    """What who filed it sees: not who judged it, nor what they noted."""
    return {
        "report_id": document["_id"],
        "group_id": document["group_id"],
        "what": document["target"]["what"],
        "id": document["target"]["id"],
        "reason": document["reason"],
        "text": document["text"],
        "state": "open" if document["open"] else "resolved",
        **counted(document["filed_at"], document["resolved_at"]),
    }


def noted(document: Document) -> Answer:
    """What who resolved it has of it for their own."""
    return {
        "report_id": document["_id"],
        "group_id": document["group_id"],
        "action": document["action"],
        "note": document["note"],
        "resolved_at": when(document["resolved_at"]),
    }


def full(document: Document) -> Answer:
    """What those who judge see."""
    return {
        **own(document),
        "member_id": document["target"]["member_id"],
        "thread_id": document["target"]["thread_id"],
        "reporter_id": document["reporter_id"],
        "judge": document["judge"],
        "action": document["action"],
        "note": document["note"],
        "resolved_by": document["resolved_by"],
        "resolved_at": when(document["resolved_at"]),
    }
