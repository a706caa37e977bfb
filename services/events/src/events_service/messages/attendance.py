"""Who was there, as others hear of it; and what the group is to remember of it."""

from datetime import datetime
from typing import Final

from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Outgoing, Told
from contracts.events import AttendanceChanged
from events_service.domain.attendance import Marked
from events_service.domain.rsvp import Terms
from events_service.handlers.answer import rsvp_id
from events_service.handlers.attendance import Arrival, marked_in
from events_service.handlers.record import note_command
from events_service.messages import Messages
from events_service.messages.outgoing import outgoing

_ATTENDANCE: Final = "convene.events.attendance"


class AttendanceMessages:
    """rsvps: says what the decision did to RSVPs."""

    def __init__(self, rsvps: Messages) -> None:
        self._rsvps = rsvps

    def tell(self, command: Command, outcome: Outcome[Arrival], now: datetime) -> Told:
        """What changed for the RSVP first: a walk-in has a place before they are there."""
        booking, marked = outcome.state.booking, marked_in(outcome.facts)
        told = self._rsvps.tell_booking(command, Outcome(booking, outcome.facts), now)
        if marked is None or booking.desk is None:
            return told
        terms = booking.desk.terms
        note = note_command(command, terms.group_id, marked.member_id, marked.was, marked.mark)
        return Told([*told.messages, attendance_changed(terms, marked)], [*told.children, note])


def attendance_changed(terms: Terms, marked: Marked) -> Outgoing:
    """One note, made, corrected or taken back."""
    told = AttendanceChanged(
        rsvp_id=rsvp_id(terms.event_id, marked.member_id),
        number=marked.number,
        event_id=terms.event_id,
        group_id=terms.group_id,
        member_id=marked.member_id,
        mark=marked.mark,
        was=marked.was,
        means=marked.means,
        by=marked.by,
        walk_in=marked.walk_in,
        starts_at_utc=marked.held,
    )
    kind = "cleared" if marked.mark is None else "checked-in" if marked.mark == "attended" else "missed"
    type_ = f"{_ATTENDANCE}.{kind}.v1"
    return outgoing(AttendanceChanged.topic, type_, terms.event_id, str(marked.number), told.model_dump_json())
