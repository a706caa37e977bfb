"""`fairness` of a ledger: what its event's waitlist came to so far. It is there once somebody's turn has ended."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from chassis.mongo import Database, Document
from events_service.domain.fairness import Tally, counted, tally_of
from events_service.domain.move import Move
from events_service.domain.rsvp import Fact
from events_service.domain.waitlist import Party
from events_service.store.ledger import LEDGERS
from events_service.store.move import MOVES, move_from, turn_of
from events_service.store.rsvp import RSVPS


def tallied(after: Document, moves: Sequence[Move], facts: Sequence[Fact], line: Iterable[Sequence[Any]]) -> Document:
    """The ledger after a decision. moves: the decision's; line: parties in order as they stood before."""
    if not moves:
        return after
    tally = counted(tally_in(after), moves, facts, [Party._make(party) for party in line])
    return {**after, "fairness": _document(tally)}


def tally_in(ledger: Document) -> Tally:
    found = ledger.get("fairness")
    return Tally() if found is None else Tally(**{**found, "claims": {int(g): n for g, n in found["claims"].items()}})


def _document(tally: Tally) -> Document:
    return {**asdict(tally), "claims": {str(grade): many for grade, many in tally.claims.items()}}


async def count_earlier(database: Database) -> None:
    """Count what an earlier release has not counted. Safe to run again, also while events go on: an event that has
    moved on meanwhile is looked at again."""
    by_event: list[Document] = [{"$group": {"_id": "$event_id", "moves": {"$sum": 1}}}]
    for row in await database[MOVES].aggregate(by_event):
        while not await _counted(database, row["_id"], row["moves"]):
            row["moves"] = await database[MOVES].count({"event_id": row["_id"]})


async def _counted(database: Database, event_id: str, moves: int) -> bool:
    ledger = await database[LEDGERS].find_one({"_id": event_id}, fields={"fairness": 1, "seq": 1})
    if ledger is None or tally_in(ledger).moves == moves:
        return True
    log = await database[MOVES].find({"event_id": event_id}, sort=[("seq", 1)])
    line = await database[RSVPS].find({"event_id": event_id, "status": "waitlist"})
    tally = tally_of([move_from(move) for move in log], [turn_of(rsvp) for rsvp in line])
    same = {"_id": event_id, "seq": ledger["seq"]}
    return bool(await database[LEDGERS].update_one(same, {"$set": {"fairness": _document(tally)}}))
