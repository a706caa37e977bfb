"""What is noted of people at events: `attendance` in their RSVP's document, and what it comes to, `marks`, in the
event's ledger. `door_keys`: what codes are signed with, made by setup.

RSVPs read and write no more for it: most have no note, and their documents do not have the field.
"""

from base64 import urlsafe_b64decode
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Final

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, Read, Ref
from chassis.mongo import Document
from events_service.domain.attendance import Note, Tally
from events_service.handlers.attendance import Arrival, marked_in
from events_service.store.booking import RsvpStore
from events_service.store.ledger import LEDGERS
from events_service.store.rsvp import RSVPS, document_id

DOOR_KEYS: Final = "door_keys"
DOOR_KEY_ID: Final = "codes"


def note_of(rsvp: Document | None) -> Note | None:
    held = None if rsvp is None else rsvp.get("attendance")
    return None if held is None else Note(**held)


def tally_of(ledger: Document) -> Tally:
    return Tally(**ledger.get("marks", {}))


def key_of(document: Document | None) -> bytes:
    if document is None:
        raise LookupError("codes have no key: run `setup`")
    return urlsafe_b64decode(document["key"])


class AttendanceStore:
    """Reads, loads and saves for decisions about one person's being at one event."""

    def __init__(self) -> None:
        self._rsvps = RsvpStore()

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        """As for leaders' decisions about an RSVP, and what codes are signed with."""
        return (*self._rsvps.reads_stewarding(command, documents), Ref(DOOR_KEYS, DOOR_KEY_ID))

    def load(self, command: Command, documents: Documents) -> Arrival:
        booking = self._rsvps.load_stewarding(command, documents)
        ledger = documents.get(LEDGERS, command.aggregate)
        return Arrival(
            booking,
            note_of(documents.get(RSVPS, document_id(command.aggregate, booking.member_id))),
            Tally() if ledger is None else tally_of(ledger),
            key_of(documents.get(DOOR_KEYS, DOOR_KEY_ID)),
        )

    def save(self, command: Command, documents: Documents, outcome: Outcome[Arrival], now: datetime) -> None:
        arrival, marked = outcome.state, marked_in(outcome.facts)
        booked = Outcome(arrival.booking, outcome.facts)
        self._rsvps.save(command, documents, booked, now)
        if marked is None:
            raise ValueError("who was there is a note")
        rsvp = documents.get(RSVPS, document_id(command.aggregate, marked.member_id))
        ledger = documents.get(LEDGERS, command.aggregate)
        if rsvp is None or ledger is None:
            raise ValueError("what is noted belongs to an RSVP, and counts for its event")
        documents.put(RSVPS, _with_note(rsvp, arrival.note))
        documents.put(LEDGERS, {**ledger, "marks": asdict(arrival.tally)})


def _with_note(rsvp: Document, note: Note | None) -> Document:
    if note is not None:
        return {**rsvp, "attendance": asdict(note)}
    return {name: value for name, value in rsvp.items() if name != "attendance"}
