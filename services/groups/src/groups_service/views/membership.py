"""Memberships as callers see them."""

from collections.abc import Collection
from typing import Any

from chassis.mongo import Database, Document
from chassis.times import when
from groups_service.handlers.answer import Answer
from groups_service.views import group as groups


async def one(database: Database, group_id: str, member_id: str) -> Document | None:
    """None for who was only named, and never in the group."""
    return await database["memberships"].find_one({"_id": f"{group_id}:{member_id}", "state": {"$ne": "none"}})


def full(document: Document) -> Answer:
    """What the member and the group's leaders may see."""
    return {**_seen(document), "answers": document["answers"]}


async def members(
    database: Database,
    group_id: str,
    *,
    state: str,
    role: str | None,
    answers: bool,
    hidden: Collection[str],
    after: str | None,
    limit: int,
) -> list[Answer]:
    """A group's people in one state but those `hidden`, in the order of their ids, with name and photo; `answers`: with
    those too.
    """
    where: dict[str, Any] = {"group_id": group_id, "state": state}
    if role is not None:
        where["role"] = role
    beyond: dict[str, Any] = {} if after is None else {"$gt": after}
    if hidden:
        beyond["$nin"] = list(hidden)
    if beyond:
        where["member_id"] = beyond
    found = await database["memberships"].find(where, sort=[("member_id", 1)], limit=limit)
    ids = [document["member_id"] for document in found]
    profiles = await database["members"].find({"_id": {"$in": ids}}, fields={"name": 1, "photo": 1, "number": 1})
    by_id = {profile["_id"]: profile for profile in profiles}
    return [_person(document, by_id.get(document["member_id"]), answers=answers) for document in found]


async def groups_of(database: Database, member_id: str, *, after: str | None, limit: int) -> list[Answer]:
    """The groups a member is in or asks to join, each membership with its group."""
    where: dict[str, Any] = {"member_id": member_id, "state": {"$in": ["active", "pending"]}}
    if after is not None:
        where["group_id"] = {"$gt": after}
    found = await database["memberships"].find(where, sort=[("group_id", 1)], limit=limit)
    there = await database["groups"].find({"_id": {"$in": [document["group_id"] for document in found]}})
    by_id = {group["_id"]: group for group in there}
    return [{**full(document), "group": _group(by_id[document["group_id"]], document)} for document in found]


def _group(group: Document, membership: Document) -> Answer:
    inside = group["visibility"] == "public" or membership["state"] == "active"
    return groups.full(group) if inside else groups.outside(group)


def _person(document: Document, profile: Document | None, *, answers: bool) -> Answer:
    who = profile or {"name": "", "photo": None, "number": None}
    person = {**_seen(document), "name": who["name"], "photo": who["photo"], "number": who["number"]}
    return {**person, "answers": document["answers"]} if answers else person


def _seen(document: Document) -> Answer:
    return {
        "group_id": document["group_id"],
        "member_id": document["member_id"],
        "state": document["state"],
        "role": document["role"],
        "version": document["version"],
        "created_at": when(document["created_at"]),
        "updated_at": when(document["updated_at"]),
    }
