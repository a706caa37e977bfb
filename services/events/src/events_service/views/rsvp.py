"""RSVPs as callers see them: one's own, an event's, the line."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from chassis.mongo import Database, Document
from chassis.times import when
from events_service.handlers.answer import Answer, offer_id, rsvp_id
from events_service.views import event as events
from events_service.views.block import hidden_from

When = Literal["upcoming", "past"]

LISTED: Final = ("yes", "waitlist", "offered")
"""The statuses whose lists are for more people than leaders and hosts."""


async def one(database: Database, event_id: str, member_id: str) -> Document | None:
    return await database["rsvps"].find_one({"_id": f"{event_id}:{member_id}"})


async def position(database: Database, event: Document, rsvp: Document) -> int | None:
    """Place in line, counted from 1; None for who does not wait. event: the one it is to."""
    if rsvp["status"] != "waitlist":
        return None
    [place] = await places(database, event, [rsvp])
    return place


async def places(database: Database, event: Document, waiting: Sequence[Document]) -> list[int]:
    """Places in line of some who wait, in order of acceptance. However many they are, the line is counted once."""
    last: dict[int | None, int] = {}
    rooms = [rsvp.get("room") if events.sided(event) else None for rsvp in waiting]
    between: list[Document] = []
    for rsvp, room in zip(waiting, rooms, strict=True):
        order = {"$lt": rsvp["order"], **({"$gte": last[room]} if room in last else {})}
        line: Document = {"event_id": rsvp["event_id"], "status": "waitlist", "order": order}
        between.append({**line, "room": room} if events.sided(event) else line)
        last[room] = rsvp["order"]
    counted = await asyncio.gather(*(database["rsvps"].count(where) for where in between))
    place: dict[int | None, int] = {}
    found: list[int] = []
    for room, ahead in zip(rooms, counted, strict=True):
        place[room] = place.get(room, 1) + ahead
        found.append(place[room])
    return found


def shown(rsvp: Document, place: int | None, *, event: Document, inside: bool = False) -> Answer:
    """`response` is what the person said; `status` what came of it; inside: for themselves, or for leaders: with what
    they said to the event's questions, with the leader who gave them the place, and with whether they came as the
    `status` where that is noted. place: in line; event: the one it is to."""
    answer: Answer = {
        "rsvp_id": rsvp_id(rsvp["event_id"], rsvp["member_id"]),
        "number": rsvp["number"],
        "event_id": rsvp["event_id"],
        "member_id": rsvp["member_id"],
        "response": "no" if rsvp["status"] == "no" else "yes",
        "status": rsvp["status"],
        "guests": rsvp["guests"],
        "seq": rsvp["seq"],
        "version": rsvp["seq"],
        "created_at": when(rsvp["created_at"]),
        "updated_at": when(rsvp["updated_at"]),
    }
    side = events.side(event, rsvp)
    if side is not None:
        answer["place"] = side
    if place is not None:
        answer["position"] = place
    if "until" in rsvp:
        answer |= {"offer_id": offer_id(rsvp["event_id"], rsvp["offer"]), "offer_expires_at": when(rsvp["until"])}
    if rsvp.get("override"):
        answer["override"] = True
    if inside and "answers" in rsvp:
        answer["answers"] = rsvp["answers"]
    if inside and "attendance" in rsvp:
        answer["status"] = rsvp["attendance"]["mark"]
    if inside and "by" in rsvp:
        answer["by"] = rsvp["by"]
    if "member" in rsvp:
        answer["member"] = _person(rsvp["member"])
    return answer


def _person(member: Document) -> Answer:
    shown_as: Answer = {"name": member["name"]}
    if member["photo"] is not None:
        shown_as["photo"] = member["photo"]
    return shown_as


async def of_event(
    database: Database,
    event_id: str,
    status: str,
    *,
    attendance: Sequence[str] | None,
    viewer: str | None,
    hidden: Collection[str],
    after: int | None,
    limit: int,
) -> list[Document]:
    """An event's RSVPs of one status, in order of acceptance, each with what is known of its `member`.

    attendance: only of members who chose one of these, and the viewer's own; None = everybody's. hidden: those of these
    members are left out.
    """
    where: Document = {"event_id": event_id, "status": status}
    if hidden:
        where["member_id"] = {"$nin": list(hidden)}
    if after is not None:
        where["order"] = {"$gt": after}
    steps: list[dict[str, Any]] = [
        {"$match": where},
        {"$sort": {"order": 1}},
        {"$lookup": {"from": "members", "localField": "member_id", "foreignField": "_id", "as": "member"}},
        {"$unwind": {"path": "$member", "preserveNullAndEmptyArrays": True}},
    ]
    if attendance is not None:
        where["erased"] = {"$ne": True}
        own = {"member_id": viewer}
        steps.append({"$match": {"$or": [{"member.attendance": {"$in": list(attendance)}}, own]}})
    found = await database["rsvps"].aggregate([*steps, {"$limit": limit}])
    return [without_deleted(rsvp) for rsvp in found]


async def seen(
    database: Database, event_id: str, member_id: str, *, attendance: Sequence[str] | None, viewer: str
) -> Document | None:
    """Somebody's RSVP, if the viewer may see it. attendance: as for lists; who sees not everybody's sees nothing of
    those who asked or said no."""
    rsvp = await one(database, event_id, member_id)
    if rsvp is None or attendance is None or member_id == viewer:
        return rsvp
    if rsvp["status"] not in LISTED or rsvp.get("erased"):
        return None
    profile = await database["members"].find_one({"_id": member_id})
    if profile is None or profile.get("attendance") not in attendance:
        return None
    return None if member_id in await hidden_from(database, viewer) else rsvp


def without_deleted(rsvp: Document) -> Document:
    """Of who is forgotten nothing is shown, nor of who comes back under their id."""
    if rsvp.get("erased") or rsvp.get("member", {}).get("deleted"):
        rsvp.pop("member", None)
    return rsvp


async def of_member(
    database: Database,
    member_id: str,
    now: datetime,
    *,
    when: When | None,
    status: str | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[Document]:
    """A member's RSVPs, each with its `event`: those to the latest first, of what is to come the next first.

    They are put in order by when their events start by now, which may have moved since they were given.
    """
    forward = when == "upcoming"
    where: Document = {"member_id": member_id, "erased": {"$ne": True}}
    if status is not None:
        where["status"] = status
    steps: list[Document] = [
        {"$match": where},
        {"$lookup": {"from": "events", "localField": "event_id", "foreignField": "_id", "as": "event"}},
        {"$unwind": "$event"},
    ]
    if when is not None:
        steps.append({"$match": {"event.ends": {"$gt" if forward else "$lte": now}}})
    if after is not None:
        starts, id_ = after
        beyond = {"event.starts": {"$gt" if forward else "$lt": starts}}
        steps.append({"$match": {"$or": [beyond, {"event.starts": starts, "_id": {"$gt": id_}}]}})
    order = {"event.starts": 1 if forward else -1, "_id": 1}
    return await database["rsvps"].aggregate([*steps, {"$sort": order}, {"$limit": limit}])


def key_of_own(rsvp: Document) -> list[Any]:
    """Where an RSVP stands in the order of `of_member`."""
    return [rsvp["event"]["starts"], rsvp["_id"]]
