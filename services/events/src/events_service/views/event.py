"""Events as callers see them. Outsiders of a private group see title and time; drafts are for those who edit them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from chassis import finding
from chassis.mongo import Database, Document
from chassis.times import when
from events_service.domain.place import FIRST_ROOM, Side
from events_service.domain.promotion import promotion_of
from events_service.handlers.answer import Answer, promotion_answer, status_at

EARTH_KM: Final = 6371.0088

_SHOWN: Final = (
    "group_id",
    "title",
    "description",
    "starts_at",
    "ends_at",
    "timezone",
    "capacity",
    "guest_limit",
    "rsvp_opens_at",
    "rsvp_closes_at",
    "attendee_list",
    "hosts",
    "topics",
    "created_by",
    "version",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What events are looked for; everything given must fit. Times are instants: not over by `since`, begun neither
    before `begins` nor by `until`; `drafts`: with a group, its drafts too; `among`: groups. Without a group those of
    private groups are left out.
    """

    since: datetime
    among: Sequence[str] | None = None
    until: datetime | None = None
    begins: datetime | None = None
    near: finding.Near | None = None
    topic: str | None = None
    group_id: str | None = None
    q: str | None = None
    drafts: bool = False


async def one(database: Database, event_id: str) -> Document | None:
    return await database["events"].find_one({"_id": event_id})


def concealed(document: Document) -> bool:
    """Whether it is for those alone who may edit it: drafts, also those that the first release let be cancelled."""
    return document["status"] == "draft" or document.get("published") is False


async def ledger(database: Database, event_id: str) -> Document:
    found = await database["ledgers"].find_one({"_id": event_id})
    if found is None:
        raise LookupError(f"event {event_id} has no ledger")
    return found


def full(document: Document, counted: Document, now: datetime, *, link: bool, notes: bool = False) -> Answer:
    """All of the event; `counted`: its ledger; link: whether the caller may see where to meet online; notes: what the
    hosts note for people with a place."""
    return {
        "event_id": document["_id"],
        **{name: document[name] for name in _SHOWN},
        "photos": document.get("photos", []),
        **({"host_notes": document.get("host_notes", "")} if notes else {}),
        **part(document),
        **origin(document),
        "starts_at_utc": when(document["starts"]),
        "ends_at_utc": when(document["ends"]),
        "place": place(document["place"], link=link),
        "rsvps_by_hand": _by_hand(document.get("by_hand")),
        "questions": document.get("questions", []),
        "promotion": promotion_answer(promotion_of(document)),
        "status": status_at(document["status"], document["ends"], now),
        "seats_used": counted["seats"],
        "waitlist_length": counted["waiting"],
        **_online(counted),
        "announced_at": when(document["announced_at"]),
        "created_at": when(document["created_at"]),
        "updated_at": when(document["updated_at"]),
    }


def _online(counted: Document) -> Answer:
    """What is counted of the online side, where it has seats of its own; the rest is the physical side's then."""
    online = counted.get("online")
    return {} if online is None else {"online": {"seats_used": online["seats"], "waitlist_length": online["waiting"]}}


def sided(document: Document) -> bool:
    """Whether the event's sides have seats of their own."""
    held = document["place"]
    return held is not None and held["kind"] == "hybrid" and held.get("guest_limit") is not None


def side(document: Document, rsvp: Document) -> Side | None:
    """The side that an RSVP is for, where the event has two. An RSVP of before it had them is where everybody was."""
    if not sided(document):
        return None
    found: Side = document["rooms"][rsvp.get("room", FIRST_ROOM) - 1]
    return found


def _by_hand(held: Document | None) -> str | None:
    return None if held is None else "opened" if held["opened"] else "closed"


def part(document: Document) -> Answer:
    """What a date of a series says of it: nothing where it is none."""
    held = document.get("series")
    return {} if held is None else {"series_id": held["series_id"], "recurrence_id": when(held["first_at"])}


def origin(document: Document) -> Answer:
    """What a copy of a network event says of it: nothing where it is none."""
    held = document.get("origin")
    return {} if held is None else {name: held[name] for name in ("network_id", "network_event_id")}


def outside(document: Document, now: datetime) -> Answer:
    """What an outsider of a private group may see."""
    return {
        "event_id": document["_id"],
        **{name: document[name] for name in ("group_id", "title", "starts_at", "ends_at", "timezone")},
        "starts_at_utc": when(document["starts"]),
        "ends_at_utc": when(document["ends"]),
        "status": status_at(document["status"], document["ends"], now),
    }


def place(held: Document | None, *, link: bool) -> Answer | None:
    if held is None:
        return None
    shown = {name: held[name] for name in ("kind", "name", "address", "lat", "lon") if held[name] is not None}
    url = {"url": held["url"]} if link and held["url"] is not None else {}
    if held["kind"] != "hybrid":
        return shown | url
    own = held.get("guest_limit") is not None
    seats = {name: held[name] for name in ("capacity", "guest_limit")} if own else {}
    return shown | ({"online": url | seats} if url or seats else {})


async def find(database: Database, wanted: Wanted, *, after: Sequence[Any] | None, limit: int) -> list[Document]:
    """Events by start, at most `limit` beyond the key `after`, each with its ledger under `counted`."""
    where = _where(wanted)
    if after is not None:
        where["$or"] = [{"starts": {"$gt": after[0]}}, {"starts": after[0], "_id": {"$gt": after[1]}}]
    steps: list[dict[str, Any]] = [{"$match": where}, {"$sort": {"starts": 1, "_id": 1}}]
    if wanted.group_id is None:
        steps += [
            {"$lookup": {"from": "groups", "localField": "group_id", "foreignField": "_id", "as": "group"}},
            {"$match": {"group.visibility": "public"}},
        ]
    steps += [
        {"$limit": limit},
        {"$lookup": {"from": "ledgers", "localField": "_id", "foreignField": "_id", "as": "counted"}},
        {"$unwind": "$counted"},
    ]
    return await database["events"].aggregate(steps)


def key_of(document: Document) -> list[Any]:
    """Where a found event stands in the order of `find`."""
    return [document["starts"], document["_id"]]


def _where(wanted: Wanted) -> dict[str, Any]:
    bounds = {"$gte": wanted.begins, "$lt": wanted.until}
    starts = {operator: at for operator, at in bounds.items() if at is not None}
    status: Any = {"$in": ["published", "draft"]} if wanted.drafts else "published"
    where: dict[str, Any] = {"status": status, "ends": {"$gt": wanted.since}, **({"starts": starts} if starts else {})}
    if wanted.among is not None:
        where["group_id"] = {"$in": [one for one in wanted.among if wanted.group_id in (None, one)]}
    elif wanted.group_id is not None:
        where["group_id"] = wanted.group_id
    if wanted.topic is not None:
        where["topic_keys"] = finding.key_of(wanted.topic)
    if wanted.q is not None:
        where |= finding.begin(wanted.q)
    if wanted.near is not None:
        near = wanted.near
        sphere = [[near.lon, near.lat], near.radius_km / EARTH_KM]
        where["point"] = {"$geoWithin": {"$centerSphere": sphere}}
    return where
