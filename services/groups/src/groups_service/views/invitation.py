"""Invitations as those who hold them name them, and as a group's leaders see them."""

from datetime import datetime
from typing import Any

from chassis.mongo import Database, Document
from chassis.times import when
from groups_service.domain.invitation import State, standing
from groups_service.handlers.answer import Answer
from groups_service.handlers.invitation import kept_as


async def held(database: Database, token: str) -> Document | None:
    """The invitation that the token opens. An open one's id, which leaders see, opens nothing.

    A secret is never part of what is asked, which slow queries write into the server's log.
    """
    invitations = database["invitations"]
    secret = await invitations.find_one({"_id": kept_as(token)})
    return secret or await invitations.find_one({"_id": token, "member_id": {"$type": "string"}})


async def of_group(
    database: Database, group_id: str, *, after: tuple[datetime, str] | None, limit: int
) -> list[Document]:
    """All that the group ever gave, the newest first, each with its `state` by the database's clock."""
    now = await _now(database)
    where: dict[str, Any] = {"group_id": group_id}
    if after is not None:
        at, id_ = after
        where["$or"] = [{"created_at": {"$lt": at}}, {"created_at": at, "_id": {"$lt": id_}}]
    found = await database["invitations"].find(where, sort=[("created_at", -1), ("_id", -1)], limit=limit)
    return [{**one, "state": _state(one, now)} for one in found]


async def one(database: Database, group_id: str, invitation_id: str) -> Document | None:
    """One that the group gave, as `of_group` has it."""
    found = await database["invitations"].find_one({"_id": invitation_id, "group_id": group_id})
    return None if found is None else {**found, "state": _state(found, await _now(database))}


async def _now(database: Database) -> datetime:
    """By the database's clock, which invitations expire by."""
    found: datetime = (await database.command({"hello": 1}))["localTime"]
    return found


def _state(one: Document, now: datetime) -> State:
    return standing(one["revoked"], one["uses"] - len(one["used_by"]), one["expires_at"], now)


def full(document: Document) -> Answer:
    """What the leaders may see of one: nobody is shown a token again. Earlier releases did not count changes."""
    return {
        "invitation_id": document["_id"],
        "group_id": document["group_id"],
        "member_id": document["member_id"],
        "invited_by": document["by"],
        "uses": document["uses"],
        "used": len(document["used_by"]),
        "state": document["state"],
        "version": document.get("version", 1),
        "created_at": when(document["created_at"]),
        "updated_at": when(document.get("updated_at") or document["created_at"]),
        "expires_at": when(document["expires_at"]),
    }
