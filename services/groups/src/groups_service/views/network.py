"""Networks as callers see them, their chapters, and what these come to together.

Every figure is a counter that somebody keeps where it is decided: of a group its members, in `activity` its events, in
`activity_rsvps` its RSVPs, in `activity_attendance` who came. Nothing here reads memberships, events or RSVPs.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from chassis.mongo import Database, Document
from chassis.times import when
from groups_service.domain.dormancy import Liveliness, dormant
from groups_service.domain.network import MOST_CHAPTERS
from groups_service.handlers.answer import Answer

SHOWN_CHAPTERS: Final = 200
"""So many at most are listed beside what all of them come to."""
_CHAPTER: Final[Document] = dict.fromkeys(
    ("name", "urlname", "city", "country", "visibility", "member_count", "network_since", "created_at"), 1
)


async def one(database: Database, network_id: str) -> Document | None:
    return await database["networks"].find_one({"_id": network_id})


def full(document: Document) -> Answer:
    return {
        "network_id": document["_id"],
        **{name: document[name] for name in ("name", "reason", "admins", "dormant_after", "version")},
        "created_at": when(document["created_at"]),
        "updated_at": when(document["updated_at"]),
    }


async def chapters(
    database: Database, network: Document, *, inside: bool, member_id: str, after: str | None, limit: int
) -> list[Answer]:
    """The network's chapters with their figures, in the order of their ids.

    inside: also private ones; else of these only the ones that this member is in.
    """
    where: Document = {"network_id": network["_id"]}
    if not inside:
        where["$or"] = [{"visibility": "public"}, {"_id": {"$in": await _private(database, network["_id"], member_id)}}]
    if after is not None:
        where["_id"] = {"$gt": after}
    found = await database["groups"].find(where, sort=[("_id", 1)], limit=limit, fields=_CHAPTER)
    return await _with_figures(database, network, found)


async def _private(database: Database, network_id: str, member_id: str) -> list[str]:
    """The private chapters that this member is in."""
    fields = {"_id": 1}
    private = {"network_id": network_id, "visibility": "private"}
    found = await database["groups"].find(private, fields=fields, limit=MOST_CHAPTERS)
    ids = [f"{group['_id']}:{member_id}" for group in found]
    mine = {"_id": {"$in": ids}, "state": "active"}
    memberships = await database["memberships"].find(mine, fields={"group_id": 1}) if ids else []
    return [membership["group_id"] for membership in memberships]


async def asking(database: Database, network_id: str, *, after: str | None, limit: int) -> list[Answer]:
    """Groups that ask to be chapters."""
    where: Document = {"networks_asked": network_id}
    if after is not None:
        where["_id"] = {"$gt": after}
    found = await database["groups"].find(where, sort=[("_id", 1)], limit=limit, fields=_CHAPTER)
    return [_candidate(group, "asked") for group in found]


async def invited(database: Database, network_id: str, *, after: str | None, limit: int) -> list[Answer]:
    """Groups that the network welcomes and that have not answered, closed ones too: their place is taken until the
    invitation is taken back."""
    beyond = {} if after is None else {"group_id": {"$gt": after}}
    steps: list[dict[str, Any]] = [
        {"$match": {"network_id": network_id, **beyond}},
        {"$sort": {"network_id": 1, "group_id": 1}},
        {"$lookup": {"from": "groups", "localField": "group_id", "foreignField": "_id", "as": "group"}},
        {"$replaceWith": {"$first": "$group"}},
        {"$match": {"network_id": {"$ne": network_id}, "networks_asked": {"$ne": network_id}}},
        {"$limit": limit},
        {"$project": _CHAPTER},
    ]
    return [_candidate(group, "invited") for group in await database["welcomes"].aggregate(steps)]


def _candidate(group: Document, state: str) -> Answer:
    """Whoever has not joined shows what it shows to outsiders."""
    shown = {"group_id": group["_id"], "name": group["name"], "visibility": group["visibility"], "state": state}
    return shown if group["visibility"] == "private" else {**shown, "urlname": group["urlname"]}


async def pulse(database: Database, network: Document, *, inside: bool, member_id: str) -> Answer:
    """What the chapters come to together, and the first of them by their ids; of those that `chapters` would show.
    after: the last one that is listed, where there are more."""
    found = await chapters(database, network, inside=inside, member_id=member_id, after=None, limit=MOST_CHAPTERS)
    sums = {name: sum(chapter[name] for chapter in found) for name in ("members", "events", "rsvps", "attendance")}
    total = {"chapters": len(found), "dormant": sum(chapter["dormant"] for chapter in found), **sums}
    listed = found[:SHOWN_CHAPTERS]
    after = listed[-1]["group_id"] if len(found) > SHOWN_CHAPTERS else None
    return {"network_id": network["_id"], "total": total, "chapters": listed, "after": after}


async def _with_figures(database: Database, network: Document, found: Sequence[Document]) -> list[Answer]:
    ids = [group["_id"] for group in found]
    if not ids:
        return []
    kept: dict[str, Document] = {id_: {} for id_ in ids}
    for counted in ("activity", "activity_rsvps", "activity_attendance"):
        for figures in await database[counted].find({"_id": {"$in": ids}}):
            kept[figures["_id"]].update(figures)
    now: datetime = (await database.command({"hello": 1}))["localTime"]
    return [_chapter(group, kept[group["_id"]], network, now) for group in found]


def _chapter(group: Document, kept: Document, network: Document, now: datetime) -> Answer:
    """kept: what is counted of it, wherever."""
    announced_at, scheduled_until = kept.get("announced_at"), kept.get("scheduled_until")
    lively = Liveliness(group["created_at"], announced_at, scheduled_until)
    return {
        "group_id": group["_id"],
        **{name: group[name] for name in ("name", "urlname", "city", "country", "visibility")},
        "state": "chapter",
        "since": when(group["network_since"]),
        "members": group["member_count"],
        "events": kept.get("events", 0),
        "rsvps": kept.get("yes", 0),
        "attendance": kept.get("attended", 0),
        "announced_at": when(announced_at),
        "scheduled_until": when(scheduled_until),
        "dormant": dormant(lively, dormant_after=network["dormant_after"], now=now),
    }
