"""What must be 0 in the documents of who was there, each step of it in one snapshot."""

from collections import Counter
from typing import Any, Final

from chassis.journal.shape import HANDOFFS
from chassis.mongo import Database, Document, Session
from chassis.reconcile import Check, Documents, Walk, Wrong
from events_service.domain.attendance import Note, Tally, plus, share
from events_service.handlers.record import record_aggregate
from events_service.store.attendance import note_of, tally_of
from events_service.store.ledger import LEDGERS
from events_service.store.record import RECORDS
from events_service.store.rsvp import RSVPS

_NOTED: Final[Document] = {"attendance": {"$exists": True}}


async def tallies(database: Database, session: Session, found: Documents) -> Wrong:
    """Events whose notes come to something else than their ledger says."""
    taken = {ledger["_id"]: tally_of(ledger) for ledger in found if "marks" in ledger}
    if not taken:
        return {"marks_wrong": []}
    where = {"event_id": {"$in": sorted(taken)}, **_NOTED}
    counted = dict.fromkeys(taken, Tally())
    for rsvp in await database[RSVPS].find(where, fields={"event_id": 1, "attendance": 1}, session=session):
        counted[rsvp["event_id"]] = plus(counted[rsvp["event_id"]], _share(note_of(rsvp)))
    return {"marks_wrong": [event_id for event_id, tally in taken.items() if tally != counted[event_id]]}


def _share(note: Note | None) -> Tally:
    return Tally() if note is None else share(note.mark, note.seats, note.walk_in)


async def memories(database: Database, session: Session, found: Documents) -> Wrong:
    """Groups that remember of a member something else than their events' notes say, and that nobody is about to tell
    so."""
    held = {record["_id"]: record for record in found if not record["forgotten"]}
    if not held:
        return {"records_wrong": []}
    members = sorted({record["member_id"] for record in held.values()})
    where: dict[str, Any] = {"member_id": {"$in": members}, **_NOTED, "attendance.forgotten": False}
    fields = {"group_id": 1, "member_id": 1, "attendance.mark": 1}
    rsvps = await database[RSVPS].find(where, fields=fields, session=session)
    counted = Counter(
        (record_aggregate(rsvp["group_id"], rsvp["member_id"]), rsvp["attendance"]["mark"]) for rsvp in rsvps
    )
    marks = ("attended", "no_show", "excused")
    wrong = [id_ for id_, record in held.items() if any(record[mark] != counted[id_, mark] for mark in marks)]
    if not wrong:
        return {"records_wrong": []}
    waiting = await database[HANDOFFS].find({"aggregate": {"$in": wrong}}, fields={"aggregate": 1}, session=session)
    told = {handoff["aggregate"] for handoff in waiting}
    return {"records_wrong": [id_ for id_ in wrong if id_ not in told]}


ATTENDANCE_CHECKS: Final[tuple[Check, ...]] = (
    Walk(LEDGERS, ("marks_wrong",), tallies, fields={"marks": 1}, step=10),
    Walk(RECORDS, ("records_wrong",), memories, step=100),
)
