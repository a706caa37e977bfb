"""Network events as the network's admins see them: how far they have come, and what became of each chapter's copy."""

from datetime import datetime
from typing import Any, Final

from chassis.mongo import Database, Document
from chassis.times import when
from events_service.domain.copied import FOLLOWS
from events_service.domain.occurrence import TIMES
from events_service.domain.place import PARTS
from events_service.handlers.answer import Answer, status_at

_COPY: Final = dict.fromkeys(("status", "title", "starts_at", "starts", "ends", "timezone", "own", "origin"), 1)


async def one(database: Database, network_event_id: str) -> Document | None:
    return await database["network_events"].find_one({"_id": network_event_id})


async def of_network(database: Database, network_id: str, *, after: str | None, limit: int) -> list[Document]:
    """The network's, in the order of their ids."""
    where: Document = {"network_id": network_id}
    if after is not None:
        where["_id"] = {"$gt": after}
    return await database["network_events"].find(where, sort=[("_id", 1)], limit=limit)


async def progress(database: Database, found: Document) -> Answer:
    """What of it is done. Two reads: of a network event that is under way the second may be ahead of the first."""
    steps: list[Document] = [
        {"$match": _chapters(found["_id"])},
        {"$lookup": {**_EVENT, "pipeline": [{"$project": {"_id": 1}}]}},
        {"$group": {"_id": "$state", "count": {"$sum": 1}, "made": {"$sum": {"$size": "$event"}}}},
    ]
    rows: dict[str, Document] = {row["_id"]: row for row in await database["chapters"].aggregate(steps)}

    def count(state: str, what: str = "count") -> int:
        return int(rows.get(state, {}).get(what, 0))

    return {
        "total": sum(count(state) for state in rows),
        "made": count("planned", "made"),
        "waiting": 0 if found["status"] == "cancelled" else count("planned") - count("planned", "made"),
        "skipped": count("skipped"),
        "opted_out": count("opted-out"),
        "left": count("left"),
        "under_way": found["going_round"],
    }


async def chapters(
    database: Database, network_event_id: str, now: datetime, *, after: str | None, limit: int
) -> list[Answer]:
    """Its chapters in the order of their groups' ids, each with its copy for as long as it is one: what became a
    chapter's own is nobody's business here."""
    still = {"origin.network_event_id": network_event_id}
    steps: list[Document] = [
        {"$match": _chapters(network_event_id, after)},
        {"$sort": {"_id": 1}},
        {"$limit": limit},
        {"$lookup": {**_EVENT, "pipeline": [{"$match": still}, {"$project": _COPY}]}},
    ]
    return [_chapter(row, now) for row in await database["chapters"].aggregate(steps)]


_EVENT: Final = {"from": "events", "localField": "event_id", "foreignField": "_id", "as": "event"}


def _chapters(network_event_id: str, after: str | None = None) -> Document:
    """One range of ids."""
    return {"_id": {"$gt": f"{network_event_id}:{after or ''}", "$lt": f"{network_event_id};"}}


def _chapter(row: Document, now: datetime) -> Answer:
    shown: Answer = {"group_id": row["group_id"], "state": row["state"], "timezone": row["timezone"]}
    if row["reason"] is not None and row["state"] == "skipped":
        shown["reason"] = row["reason"]
    for event in row["event"]:
        origin: dict[str, Any] = event.get("origin") or {}
        shown |= {
            "event_id": event["_id"],
            "status": status_at(event["status"], event["ends"], now),
            "title": event["title"],
            "starts_at": event["starts_at"],
            "timezone": event["timezone"],
            "starts_at_utc": when(event["starts"]),
            "changed": sorted({*event["own"]} & {*FOLLOWS, *TIMES, *PARTS}),
            "left_out": list(origin.get("left", ())),
            "version": origin.get("version"),
        }
    if row["state"] == "planned" and row["event"]:
        shown["state"] = "made"
    return shown
