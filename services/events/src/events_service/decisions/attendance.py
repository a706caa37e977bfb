"""How commands about who was there are decided."""

from typing import Any

from chassis.journal.decision import Decider
from events_service.handlers import attendance, record
from events_service.messages import Messages
from events_service.messages.attendance import AttendanceMessages
from events_service.messages.outgoing import tell_nobody
from events_service.store.attendance import AttendanceStore
from events_service.store.ledger import LEDGERS
from events_service.store.record import RECORDS, RecordStore


def decisions(tell: Messages) -> dict[str, Decider[Any]]:
    """Decided by the event's ledger; what a group remembers, by its memory of the member."""
    notes, records, messages = AttendanceStore(), RecordStore(), AttendanceMessages(tell)

    def of_event(decide: Any) -> Decider[Any]:
        return Decider(LEDGERS, notes.reads, notes.load, decide, notes.save, messages.tell)

    def of_record(decide: Any) -> Decider[Any]:
        return Decider(RECORDS, records.reads, records.load, decide, records.save, tell_nobody)

    return {
        attendance.CHECK_IN: of_event(attendance.decide_check_in),
        attendance.MARK: of_event(attendance.decide_mark),
        record.NOTE: of_record(record.decide_note),
        record.FORGET: of_record(record.decide_forget),
    }
