"""`fairness` of a ledger, and of its second room: what its waitlist came to. It is there once a turn has ended."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Final

from chassis.mongo import Database, Document
from events_service.domain.fairness import Tally, counted, tallies_of, together
from events_service.domain.move import Move
from events_service.domain.place import FIRST_ROOM, ROOMS
from events_service.domain.rsvp import Fact
from events_service.domain.waitlist import Party
from events_service.store.ledger import LEDGERS
from events_service.store.move import MOVES, TURN, move_from, turn_of
from events_service.store.rsvp import RSVPS

FIGURES: Final = {room: "fairness" if room == FIRST_ROOM else f"fairness_{room}" for room in ROOMS}

PAGE: Final = 200
"""How many ledgers `count_earlier` looks at in one go."""


def tallied(
    after: Document, moves: Sequence[Move], facts: Sequence[Fact], lines: Mapping[int, Iterable[Party]]
) -> Document:
    """The ledger after a decision. moves: the decision's; lines: by room, parties in order as they stood before."""
    for room in {move.room for move in moves}:
        tally = counted(tally_in(after, room), moves, facts, lines.get(room, ()), room)
        after = {**after, FIGURES[room]: _document(tally)}
    return after


def tally_in(ledger: Document, room: int | None = None) -> Tally:
    """Of a room, or of the whole event."""
    if room is None:
        return together([tally_in(ledger, room) for room in ROOMS])
    found = ledger.get(FIGURES[room])
    return Tally() if found is None else Tally(**{**found, "claims": {int(g): n for g, n in found["claims"].items()}})


def _document(tally: Tally) -> Document:
    return {**asdict(tally), "claims": {str(grade): many for grade, many in tally.claims.items()}}


async def count_earlier(database: Database) -> None:
    """Count what an earlier release has not counted: ledgers without figures, a page at a time. Safe to run again, also
    while events go on: an event that has moved on meanwhile is looked at again."""
    uncounted: Document = {name: {"$exists": False} for name in FIGURES.values()}
    after = ""
    while True:
        where = {"_id": {"$gt": after}, **uncounted}
        page = await database[LEDGERS].find(where, sort=[("_id", 1)], limit=PAGE, fields={"_id": 1})
        if not page:
            return
        after = page[-1]["_id"]
        theirs = {"event_id": {"$in": [ledger["_id"] for ledger in page]}}
        by_event: list[Document] = [{"$match": theirs}, {"$group": {"_id": "$event_id", "moves": {"$sum": 1}}}]
        for row in await database[MOVES].aggregate(by_event):
            while not await _counted(database, row["_id"], row["moves"]):
                row["moves"] = await database[MOVES].count({"event_id": row["_id"]})


async def _counted(database: Database, event_id: str, moves: int) -> bool:
    fields = dict.fromkeys(["seq", *FIGURES.values()], 1)
    ledger = await database[LEDGERS].find_one({"_id": event_id}, fields=fields)
    if ledger is None or tally_in(ledger).moves == moves:
        return True
    log = await database[MOVES].find({"event_id": event_id}, sort=[("seq", 1)])
    where = {"event_id": event_id, "status": "waitlist"}
    line = await database[RSVPS].find(where, fields=dict.fromkeys(TURN, 1))
    tallies = tallies_of([move_from(move) for move in log], [turn_of(rsvp) for rsvp in line])
    same, found = (
        {"_id": event_id, "seq": ledger["seq"]},
        {FIGURES[room]: _document(t) for room, t in tallies.items() if t.moves},
    )
    return bool(await database[LEDGERS].update_one(same, {"$set": found}))
