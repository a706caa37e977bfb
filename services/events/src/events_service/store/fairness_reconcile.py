"""What must be 0 in the figures of fairness, each step of it in one snapshot: the log is counted again, not only its
length."""

import asyncio
from collections.abc import Sequence
from typing import Final

from chassis.mongo import Database, Document, Session
from chassis.reconcile import Check, Documents, Walk, Wrong
from events_service.domain.fairness import Tally, skips_in, tallies_of
from events_service.domain.move import Move
from events_service.domain.place import ROOMS
from events_service.store.fairness import FIGURES, tally_in
from events_service.store.ledger import LEDGERS
from events_service.store.move import MOVES, TURN, move_from, turn_of
from events_service.store.rsvp import RSVPS

LONGEST: Final = 5_000
"""Moves of one event and people who wait, together, that are counted again: some 0.05 s, but 2 to 4 s (two busy cores)
where everybody came up from the end of the line. Of more of them it is the number of moves alone."""


async def figures(database: Database, session: Session, found: Documents) -> Wrong:
    """Ledgers that say something else than the log about how fair the line was; who waits and was passed more or less
    often than their RSVP says."""
    tallies, skips = list[str](), list[str]()
    logged = await _lengths(database, session, [ledger["_id"] for ledger in found])
    for ledger in found:
        event_id, told = str(ledger["_id"]), {room: tally_in(ledger, room) for room in ROOMS}
        moves = logged.get(event_id, 0)
        if tally_in(ledger).moves != moves:
            tallies.append(event_id)
        elif 0 < moves + _waiting(ledger) <= LONGEST:
            log, line = await _story(database, session, event_id)
            # the loop serves others meanwhile
            tallies += [event_id] if await asyncio.to_thread(_counted, log, line) != told else []
            skips += _passed_otherwise(log, line)
    return {"tallies_wrong": tallies, "skips_wrong": skips}


def _waiting(ledger: Document) -> int:
    online: Document = ledger.get("online") or {}
    found: int = ledger["waiting"] + online.get("waiting", 0)
    return found


async def _lengths(database: Database, session: Session, events: Sequence[str]) -> dict[str, int]:
    """How many moves the events' logs have; those with none are left out."""
    steps: list[Document] = [
        {"$match": {"event_id": {"$in": list(events)}}},
        {"$group": {"_id": "$event_id", "moves": {"$sum": 1}}},
    ]
    return {row["_id"]: row["moves"] for row in await database[MOVES].aggregate(steps, session=session)}


async def _story(database: Database, session: Session, event_id: str) -> tuple[list[Move], list[Document]]:
    """The whole log, and who waits: of their RSVPs what is looked at."""
    log = await database[MOVES].find({"event_id": event_id}, sort=[("seq", 1)], session=session)
    where, fields = {"event_id": event_id, "status": "waitlist"}, dict.fromkeys((*TURN, "skips"), 1)
    line = await database[RSVPS].find(where, fields=fields, session=session)
    return [move_from(move) for move in log], line


def _counted(log: Sequence[Move], line: Sequence[Document]) -> dict[int, Tally] | None:
    """None where the log contradicts itself, as when somebody leaves a line in which they do not stand."""
    try:
        return tallies_of(log, [turn_of(rsvp) for rsvp in line])
    except LookupError:
        return None


def _passed_otherwise(log: Sequence[Move], line: Sequence[Document]) -> list[str]:
    """Whoever stood there before that was kept (`lined`) may have been passed before there was a log."""
    passed = skips_in(log)
    return [str(rsvp["_id"]) for rsvp in line if "lined" in rsvp and rsvp["skips"] != passed[rsvp["order"]]]


FAIRNESS_CHECKS: Final[tuple[Check, ...]] = (
    Walk(
        LEDGERS,
        ("tallies_wrong", "skips_wrong"),
        figures,
        fields=dict.fromkeys(("waiting", "online.waiting", *FIGURES.values()), 1),
        step=10,
    ),
)
