"""What must be 0 in this service's documents, each step of it in one snapshot."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from chassis.mongo import Database, Document, Session
from chassis.reconcile import Check, Documents, Once, Walk, Wrong
from events_service.domain.place import FIRST_ROOM
from events_service.store.attendance_reconcile import ATTENDANCE_CHECKS
from events_service.store.fairness_reconcile import FAIRNESS_CHECKS
from events_service.store.kept import KEPT, kept_id
from events_service.store.ledger import LEDGERS, room_query
from events_service.store.rsvp import RSVPS
from events_service.store.talk_reconcile import TALK_CHECKS


async def ledgers(database: Database, session: Session, found: Documents) -> Wrong:
    """Ledgers that count seats, offers or waiting people wrongly, or would let an offer expire too late; events that
    are oversold beyond what leaders gave; lines whose head is not their front; places in line that two people have."""
    counted = await _counted(database, session, [ledger["_id"] for ledger in found])
    each = [(ledger, _of_rooms(ledger, counted.get(ledger["_id"], {}))) for ledger in found]
    rooms = [(ledger, *room) for ledger, of_rooms in each for room in of_rooms]
    lined = [(ledger, side, room) for ledger, side, room, _ in rooms if side["head"] or side["waiting"]]
    heads = [_id(ledger) for ledger, side, room in lined if await _head_wrong(database, session, ledger, side, room)]
    return {
        "seats_wrong": _once(ledger for ledger, side, _, row in rooms if side["seats"] != row["seats"]),
        "waiting_wrong": _once(ledger for ledger, side, _, row in rooms if side["waiting"] != row["waiting"]),
        "offers_wrong": [_id(ledger) for ledger, of_rooms in each if _offers_wrong(ledger, of_rooms)],
        "oversold": _once(ledger for ledger, side, _, row in rooms if _oversold(side, row)),
        "heads_wrong": list(dict.fromkeys(heads)),
        "orders_given_twice": await _orders_given_twice(database, session, _once(ledger for ledger, *_ in lined)),
    }


def _once(found: Iterable[Document]) -> list[str]:
    return list(dict.fromkeys(map(_id, found)))


_Room = tuple[Document, int | None, Document]


def _of_rooms(ledger: Document, counted: Mapping[int, Document]) -> list[_Room]:
    """Each side of the ledger with the number of its room and what was counted there; one alone has everybody."""
    none: Document = {"seats": 0, "waiting": 0, "held": 0, "offers": 0, "lapses": None}
    online = ledger.get("online")
    if online is None:
        rows = counted.values()
        summed = {name: sum(row[name] for row in rows) for name in ("seats", "waiting", "held", "offers")}
        first = min((row["lapses"] for row in rows if row["lapses"] is not None), default=None)
        return [(ledger, None, {**summed, "lapses": first})]
    numbers = {side: number for number, side in enumerate(ledger["sides"], 1)}
    sides = ((ledger, numbers["physical"]), (online, numbers["online"]))
    return [(side, number, counted.get(number, none)) for side, number in sides]


def _offers_wrong(ledger: Document, rooms: Sequence[_Room]) -> bool:
    offers = sum(row["offers"] for _, _, row in rooms)
    counted = ledger.get("offers", 0) != offers or any(side.get("held", 0) != row["held"] for side, _, row in rooms)
    lapses = ledger.get("lapses")
    first = min((row["lapses"] for _, _, row in rooms if row["lapses"] is not None), default=None)
    return counted or (first is not None and ledger["status"] == "published" and (lapses is None or lapses > first))


def _oversold(side: Document, row: Document) -> bool:
    capacity = side["capacity"]
    return capacity is not None and row["seats"] + row["held"] > capacity + side.get("over", 0)


def _id(document: Document) -> str:
    return str(document["_id"])


async def _counted(database: Database, session: Session, events: Sequence[str]) -> dict[str, dict[int, Document]]:
    """By event and room."""
    yes: Document = {"$eq": ["$status", "yes"]}
    waits: Document = {"$eq": ["$status", "waitlist"]}
    offered: Document = {"$eq": ["$status", "offered"]}
    steps: list[Document] = [
        {"$match": {"event_id": {"$in": list(events)}, "status": {"$in": ["yes", "waitlist", "offered"]}}},
        {
            "$group": {
                "_id": {"event": "$event_id", "room": {"$ifNull": ["$room", FIRST_ROOM]}},
                "seats": {"$sum": {"$cond": [yes, "$seats", 0]}},
                "waiting": {"$sum": {"$cond": [waits, 1, 0]}},
                "held": {"$sum": {"$cond": [offered, "$seats", 0]}},
                "offers": {"$sum": {"$cond": [offered, 1, 0]}},
                "lapses": {"$min": "$until"},
            }
        },
    ]
    found: dict[str, dict[int, Document]] = {}
    for row in await database[RSVPS].aggregate(steps, session=session):
        found.setdefault(row["_id"]["event"], {})[row["_id"]["room"]] = row
    return found


async def _head_wrong(database: Database, session: Session, ledger: Document, side: Document, room: int | None) -> bool:
    if not side["head"]:
        return False
    front = await database[RSVPS].find(
        {"event_id": ledger["_id"], "status": "waitlist", **dict(room_query(ledger, room or FIRST_ROOM))},
        sort=[("order", 1)],
        limit=len(side["head"]),
        session=session,
    )
    return bool([[r["order"], r["member_id"], r["seats"], r["skips"]] for r in front] != side["head"])


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


async def rsvps(database: Database, session: Session, found: Documents) -> Wrong:
    """RSVPs to an event nobody counts, and those with a note of who came to one whose ledger counts no notes."""
    events = sorted({rsvp["event_id"] for rsvp in found})
    known = await database[LEDGERS].find({"_id": {"$in": events}}, fields={"marks.attended": 1}, session=session)
    counts_notes = {ledger["_id"]: "marks" in ledger for ledger in known}
    noted = [rsvp for rsvp in found if "attendance" in rsvp]
    return {
        "rsvps_without_ledger": [_id(rsvp) for rsvp in found if rsvp["event_id"] not in counts_notes],
        "notes_uncounted": [_id(rsvp) for rsvp in noted if not counts_notes.get(rsvp["event_id"], True)],
    }


_COUNTERS: Final = dict.fromkeys(
    ("status", "capacity", "seats", "waiting", "head", "held", "offers", "lapses", "over", "sides", "online"), 1
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
    Walk(
        RSVPS,
        ("rsvps_without_ledger", "notes_uncounted"),
        rsvps,
        fields={"event_id": 1, "attendance.mark": 1},
        step=500,
    ),
    Once(RSVPS, "number", "numbers_given_twice"),
    *FAIRNESS_CHECKS,
    *ATTENDANCE_CHECKS,
    *TALK_CHECKS,
)
