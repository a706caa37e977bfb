"""What must be 0 in this service's documents, counted in one snapshot."""

from collections.abc import Mapping
from typing import Final

from chassis.mongo import Database, Document, Session
from chassis.reconcile import Check
from events_service.store.kept import KEPT
from events_service.store.ledger import LEDGERS
from events_service.store.rsvp import RSVPS


async def ledgers(database: Database, session: Session) -> Mapping[str, int]:
    """Ledgers that count seats or waiting people wrongly, oversold events, lines whose head is not their front."""
    yes: Document = {"$eq": ["$status", "yes"]}
    waits: Document = {"$eq": ["$status", "waitlist"]}
    per_event: Document = {
        "_id": "$event_id",
        "seats": {"$sum": {"$cond": [yes, "$seats", 0]}},
        "waiting": {"$sum": {"$cond": [waits, 1, 0]}},
    }
    counted = {row["_id"]: row for row in await database[RSVPS].aggregate([{"$group": per_event}], session=session)}
    found = {"seats_wrong": 0, "waiting_wrong": 0, "oversold": 0, "heads_wrong": 0}
    for ledger in await database[LEDGERS].find({}, session=session):
        row = counted.get(ledger["_id"], {"seats": 0, "waiting": 0})
        found["seats_wrong"] += ledger["seats"] != row["seats"]
        found["waiting_wrong"] += ledger["waiting"] != row["waiting"]
        found["oversold"] += ledger["capacity"] is not None and row["seats"] > ledger["capacity"]
        if ledger["head"]:
            found["heads_wrong"] += await _head_wrong(database, ledger, session)
    return found


async def _head_wrong(database: Database, ledger: Document, session: Session) -> bool:
    front = await database[RSVPS].find(
        {"event_id": ledger["_id"], "status": "waitlist"},
        sort=[("order", 1)],
        limit=len(ledger["head"]),
        session=session,
    )
    return bool([[r["order"], r["member_id"], r["seats"], r["skips"]] for r in front] != ledger["head"])


async def numbers(database: Database, session: Session) -> Mapping[str, int]:
    """Numbers given to two RSVPs."""
    steps: list[Document] = [
        {"$group": {"_id": "$number", "count": {"$sum": 1}}},
        {"$match": {"count": {"$gt": 1}}},
        {"$count": "twice"},
    ]
    found = await database[RSVPS].aggregate(steps, session=session)
    return {"numbers_given_twice": int(found[0]["twice"]) if found else 0}


async def queues(database: Database, session: Session) -> Mapping[str, int]:
    """Events whose queue of public changes is not what their ledger says."""
    per_event: Document = {
        "_id": "$event_id",
        "first": {"$min": "$place"},
        "last": {"$max": "$place"},
        "count": {"$sum": 1},
    }
    held = {row["_id"]: row for row in await database[KEPT].aggregate([{"$group": per_event}], session=session)}
    wrong = 0
    for ledger in await database[LEDGERS].find({}, fields={"kept_first": 1, "kept_last": 1}, session=session):
        first, last, row = ledger["kept_first"], ledger["kept_last"], held.pop(ledger["_id"], None)
        if row is None:
            wrong += first <= last
        else:
            wrong += (row["first"], row["last"], row["count"]) != (first, last, last - first + 1)
    return {"queues_wrong": wrong + len(held)}


CHECKS: Final[tuple[Check, ...]] = (ledgers, numbers, queues)
