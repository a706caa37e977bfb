"""Who was there, as leaders and hosts see it; what the group remembers of them; and its past events for advice."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Final

from chassis.mongo import Database, Document
from chassis.times import when
from events_service.domain.overbooking import LOOKED_AT, Turnout
from events_service.handlers.answer import Answer
from events_service.views import rsvp as rsvps

_ANY_STATUS: Final = ["yes", "no", "waitlist", "offered", "requested"]
_PAST: Final = 3 * LOOKED_AT
_PORTION: Final = 500


async def door_key(database: Database) -> Document | None:
    """What codes are signed with."""
    return await database["door_keys"].find_one({"_id": "codes"})


async def now_of(database: Database) -> datetime:
    """The database's time, by which codes are judged."""
    now: datetime = (await database.command({"hello": 1}))["localTime"]
    return now


async def of_event(
    database: Database, event_id: str, status: str | None, *, after: int | None, limit: int
) -> list[Document]:
    """Whoever has a place, or of whom something is noted, in order of acceptance, each with their `member` and the
    group's `record` of them where there are such.

    status: only those noted so; `yes`: only those with a place of whom nothing is.
    """
    where: Document = {"event_id": event_id, "status": {"$in": _ANY_STATUS}, **_wanted(status)}
    if after is not None:
        where["order"] = {"$gt": after}
    steps: list[Document] = [
        {"$match": where},
        {"$sort": {"order": 1}},
        {"$limit": limit},
        {"$lookup": {"from": "members", "localField": "member_id", "foreignField": "_id", "as": "member"}},
        {"$unwind": {"path": "$member", "preserveNullAndEmptyArrays": True}},
        {"$set": {"memory": {"$concat": ["record:", "$group_id", ":", "$member_id"]}}},
        {"$lookup": {"from": "records", "localField": "memory", "foreignField": "_id", "as": "record"}},
        {"$set": {"record": {"$first": "$record"}}},
    ]
    return [rsvps.without_deleted(rsvp) for rsvp in await database["rsvps"].aggregate(steps)]


def _wanted(status: str | None) -> Document:
    if status is None:
        return {"$or": [{"status": "yes"}, {"attendance": {"$exists": True}}]}
    if status == "yes":
        return {"status": "yes", "attendance": {"$exists": False}}
    return {"attendance.mark": status}


async def all_of(database: Database, event_id: str, status: str | None) -> AsyncIterator[list[Document]]:
    """The same, in portions, however many there are."""
    after: int | None = None
    while found := await of_event(database, event_id, status, after=after, limit=_PORTION):
        yield found
        after = found[-1]["order"]


def shown(rsvp: Document, event: Document) -> Answer:
    """An RSVP to the event with what is noted of it, and with the group's memory of its member."""
    answer = {**rsvps.shown(rsvp, None, event=event, inside=True), **noted(rsvp)}
    record = rsvp.get("record")
    if record is not None and not record["forgotten"]:
        answer["record"] = {name: record[name] for name in ("attended", "no_show", "excused")}
    return answer


def noted(rsvp: Document) -> Answer:
    """What is noted, if anything."""
    held = rsvp.get("attendance")
    if held is None:
        return {}
    return {
        "means": held["means"],
        "walk_in": held["walk_in"],
        "noted_at": when(held["at"]),
        "noted_by": held["by"],
    }


def summary(ledger: Document) -> Answer:
    """What an event's notes come to."""
    marks: dict[str, Any] = ledger.get("marks", {})
    return {name: marks.get(name, 0) for name in ("attended", "no_show", "excused", "walk_ins")}


async def turnouts(database: Database, group_id: str, now: datetime) -> list[Turnout]:
    """The group's last events that are over and whose attendance was taken; of its last 30 past ones at most."""
    held = {"group_id": group_id, "status": "published", "ends": {"$lte": now}}
    found = await database["events"].find(held, sort=[("starts", -1), ("_id", -1)], limit=_PAST, fields={"_id": 1})
    ids = [event["_id"] for event in found]
    counted = await database["ledgers"].find(
        {"_id": {"$in": ids}, "marks": {"$exists": True}}, fields={"seats": 1, "online.seats": 1, "marks": 1}
    )
    by_id = {ledger["_id"]: ledger for ledger in counted if _taken(ledger["marks"])}
    return [_turnout(by_id[id_]) for id_ in ids if id_ in by_id][:LOOKED_AT]


def _taken(marks: Document) -> bool:
    return bool(marks["attended"] or marks["no_show"] or marks["excused"])


def _turnout(ledger: Document) -> Turnout:
    marks, online = ledger["marks"], ledger.get("online")
    given = ledger["seats"] + (0 if online is None else online["seats"])
    seats = max(0, given - marks["walk_in_seats"])
    return Turnout(seats, min(seats, marks["absent_seats"]))
