"""Groups as callers see them. Outsiders of a private group see its name and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from chassis import finding
from chassis.mongo import Database, Document
from chassis.times import when
from groups_service.handlers.answer import Answer

_PLAIN: Final = (
    "number",
    "urlname",
    "name",
    "description",
    "topics",
    "city",
    "country",
    "state",
    "timezone",
    "visibility",
    "join_mode",
    "join_questions",
    "photo_required",
    "members_are_called",
    "status",
    "organizer_id",
    "member_count",
    "version",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What groups are looked for; everything given must fit. `q`: each word begins some word of the group."""

    near: finding.Near | None = None
    topic: str | None = None
    country: str | None = None
    q: str | None = None


async def find_document(database: Database, name: str) -> Document | None:
    """The group with this id or urlname."""
    return await database["groups"].find_one({"$or": [{"_id": name}, {"urlname": name}]})


def full(document: Document) -> Answer:
    """All that insiders, and of public groups everybody, may see."""
    lon, lat = document["point"]["coordinates"]
    return {
        "group_id": document["_id"],
        **{name: document[name] for name in _PLAIN},
        "lat": lat,
        "lon": lon,
        "digest_above": document.get("digest_above"),
        "network_id": document.get("network_id"),
        "succession": _succession(document.get("vacancy")),
        "created_at": when(document["created_at"]),
        "updated_at": when(document["updated_at"]),
    }


def _succession(vacancy: Document | None) -> Answer | None:
    if vacancy is None:
        return None
    times = {name: when(vacancy[name]) for name in ("freezes_at", "closes_at", "decides_at")}
    candidates = [
        {"member_id": one["member_id"], "since": when(one["since"]), "votes": one["votes"]}
        for one in vacancy["candidates"]
    ]
    return {**times, "candidates": candidates}


def outside(document: Document) -> Answer:
    """What an outsider of a private group may see."""
    return {"group_id": document["_id"], "name": document["name"], "visibility": document["visibility"]}


async def find(database: Database, wanted: Wanted, *, after: Sequence[Any] | None, limit: int) -> list[Document]:
    """Public groups that are not closed, nearest first if a point is given, else by urlname.

    after: the key beyond which they begin; at most `limit` of them.
    """
    where = _where(wanted)
    if wanted.near is not None:
        return await _nearest(database, wanted.near, where, after, limit)
    if after is not None:
        where["urlname"] = {"$gt": after[0]}
    return await database["groups"].find(where, sort=[("urlname", 1)], limit=limit)


def key_of(document: Document) -> list[Any]:
    """Where a found group stands in the order of `find`."""
    return [document["distance"], document["_id"]] if "distance" in document else [document["urlname"]]


def _where(wanted: Wanted) -> dict[str, Any]:
    where: dict[str, Any] = {"visibility": "public", "status": {"$ne": "closed"}}
    if wanted.topic is not None:
        where["topic_keys"] = finding.key_of(wanted.topic)
    if wanted.country is not None:
        where["country"] = wanted.country
    if wanted.q is not None:
        where |= finding.begin(wanted.q)
    return where


async def _nearest(
    database: Database, near: finding.Near, where: dict[str, Any], after: Sequence[Any] | None, limit: int
) -> list[Document]:
    """Groups at the same distance follow in the order of their ids."""
    nearest: dict[str, Any] = {
        "near": {"type": "Point", "coordinates": [near.lon, near.lat]},
        "distanceField": "distance",
        "maxDistance": near.radius_km * 1000,
        "spherical": True,
        "key": "point",
        "query": where,
    }
    steps: list[dict[str, Any]] = [{"$geoNear": nearest}]
    if after is not None:
        distance, group_id = after
        nearest["minDistance"] = max(0.0, distance - 1.0)
        beyond = [{"distance": {"$gt": distance}}, {"distance": distance, "_id": {"$gt": group_id}}]
        steps.append({"$match": {"$or": beyond}})
    return await database["groups"].aggregate([*steps, {"$sort": {"distance": 1, "_id": 1}}, {"$limit": limit}])
