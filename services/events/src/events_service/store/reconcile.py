"""What must be 0 in this service's documents, each step of it in one snapshot."""

from collections.abc import Sequence
from typing import Any, Final

from chassis.mongo import Database, Document, Session
from chassis.reconcile import Check, Documents, Once, Walk, Wrong
from events_service.store.attendance_reconcile import ATTENDANCE_CHECKS
from events_service.store.kept import KEPT, kept_id
from events_service.store.ledger import LEDGERS
from events_service.store.rsvp import RSVPS


async def ledgers(database: Database, session: Session, found: Documents) -> Wrong:
    """Ledgers that count seats, offers or waiting people wrongly, or would let an offer expire too late; events that
    are oversold beyond what leaders gave; lines whose head is not their front; places in line that two people have."""
    counted = await _counted(database, session, [ledger["_id"] for ledger in found])
    none: dict[str, Any] = {"seats": 0, "waiting": 0, "held": 0, "offers": 0, "lapses": None}
    both = [(ledger, counted.get(ledger["_id"], none)) for ledger in found]
    lined = [ledger for ledger in found if ledger["head"] or ledger["waiting"]]
    return {
        "seats_wrong": [_id(ledger) for ledger, row in both if ledger["seats"] != row["seats"]],
        "waiting_wrong": [_id(ledger) for ledger, row in both if ledger["waiting"] != row["waiting"]],
        "offers_wrong": [_id(ledger) for ledger, row in both if _offers_wrong(ledger, row)],
        "oversold": [_id(ledger) for ledger, row in both if _oversold(ledger, row)],
        "heads_wrong": [_id(ledger) for ledger in lined if await _head_wrong(database, session, ledger)],
        "orders_given_twice": await _orders_given_twice(database, session, [_id(ledger) for ledger in lined]),
    }


def _offers_wrong(ledger: Document, row: Document) -> bool:
    counted = (ledger.get("held", 0), ledger.get("offers", 0)) != (row["held"], row["offers"])
    lapses, first = ledger.get("lapses"), row["lapses"]
    return counted or (first is not None and ledger["status"] == "published" and (lapses is None or lapses > first))


def _oversold(ledger: Document, row: Document) -> bool:
    capacity = ledger["capacity"]
    return capacity is not None and row["seats"] + row["held"] > capacity + ledger.get("over", 0)


def _id(document: Document) -> str:
    return str(document["_id"])


async def _counted(database: Database, session: Session, events: Sequence[str]) -> dict[str, Document]:
    yes: Document = {"$eq": ["$status", "yes"]}
    waits: Document = {"$eq": ["$status", "waitlist"]}
    offered: Document = {"$eq": ["$status", "offered"]}
    steps: list[Document] = [
        {"$match": {"event_id": {"$in": list(events)}, "status": {"$in": ["yes", "waitlist", "offered"]}}},
        {
            "$group": {
                "_id": "$event_id",
                "seats": {"$sum": {"$cond": [yes, "$seats", 0]}},
                "waiting": {"$sum": {"$cond": [waits, 1, 0]}},
                "held": {"$sum": {"$cond": [offered, "$seats", 0]}},
                "offers": {"$sum": {"$cond": [offered, 1, 0]}},
                "lapses": {"$min": "$until"},
            }
        },
    ]
    return {row["_id"]: row for row in await database[RSVPS].aggregate(steps, session=session)}


async def _head_wrong(database: Database, session: Session, ledger: Document) -> bool:
    if not ledger["head"]:
        return False
    front = await database[RSVPS].find(
        {"event_id": ledger["_id"], "status": "waitlist"},
        sort=[("order", 1)],
        limit=len(ledger["head"]),
        session=session,
    )
    return bool([[r["order"], r["member_id"], r["seats"], r["skips"]] for r in front] != ledger["head"])


async def _orders_given_twice(database: Database, session: Session, events: Sequence[str]) -> list[str]:
    steps: list[Document] = [
        {"$match": {"event_id": {"$in": list(events)}, "status": "waitlist"}},
        {"$group": {"_id": {"event": "$event_id", "order": "$order"}, "count": {"$sum": 1}}},
        {"$match": {"count": {"$gt": 1}}},
    ]
    twice = await database[RSVPS].aggregate(steps, session=session)
    return [f"{row['_id']['event']}: {row['_id']['order']}" for row in twice]


async def queues(database: Database, session: Session, found: Documents) -> Wrong:
    """Events whose queue of public changes is not what their ledger says."""
    wrong: list[str] = []
    for ledger in found:
        event_id, first, last = _id(ledger), ledger["kept_first"], ledger["kept_last"]
        queue = {"_id": {"$gte": f"{event_id}:", "$lt": f"{event_id};"}}
        kept = await database[KEPT].find(queue, fields={"_id": 1}, session=session)
        if {row["_id"] for row in kept} != {kept_id(event_id, place) for place in range(first, last + 1)}:
            wrong.append(event_id)
    return {"queues_wrong": wrong}


async def kept_without_ledger(database: Database, session: Session, found: Documents) -> Wrong:
    """Changes that wait for an event nobody knows."""
    events = sorted({kept["event_id"] for kept in found})
    known = await database[LEDGERS].find({"_id": {"$in": events}}, fields={"_id": 1}, session=session)
    ids = {ledger["_id"] for ledger in known}
    return {"kept_without_ledger": [_id(kept) for kept in found if kept["event_id"] not in ids]}


async def rsvps_without_ledger(database: Database, session: Session, found: Documents) -> Wrong:
    """RSVPs to an event nobody counts."""
    events = sorted({rsvp["event_id"] for rsvp in found})
    known = await database[LEDGERS].find({"_id": {"$in": events}}, fields={"_id": 1}, session=session)
    ids = {ledger["_id"] for ledger in known}
    return {"rsvps_without_ledger": [_id(rsvp) for rsvp in found if rsvp["event_id"] not in ids]}


_COUNTERS: Final = dict.fromkeys(
    ("status", "capacity", "seats", "waiting", "head", "held", "offers", "lapses", "over"), 1
)
CHECKS: Final[tuple[Check, ...]] = (
    Walk(
        LEDGERS,
        ("seats_wrong", "waiting_wrong", "offers_wrong", "oversold", "heads_wrong", "orders_given_twice"),
        ledgers,
        fields=_COUNTERS,
        step=10,
    ),
    Walk(LEDGERS, ("queues_wrong",), queues, fields={"kept_first": 1, "kept_last": 1}, step=20),
    Walk(KEPT, ("kept_without_ledger",), kept_without_ledger, fields={"event_id": 1}),
    Walk(RSVPS, ("rsvps_without_ledger",), rsvps_without_ledger, fields={"event_id": 1}, step=500),
    Once(RSVPS, "number", "numbers_given_twice"),
    *ATTENDANCE_CHECKS,
)
