"""Commands about a group's memory of a member, and how they are decided."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from events_service.domain import record
from events_service.domain.attendance import Mark
from events_service.domain.record import Fact, Record, evolve

NOTE: Final = "record.note"
FORGET: Final = "record.forget"


def record_aggregate(group_id: str, member_id: str) -> str:
    return f"record:{group_id}:{member_id}"


def note_command(cause: Command, group_id: str, member_id: str, was: Mark | None, mark: Mark | None) -> Command:
    """What was noted at one event, for the group's memory. Its events may be in other lanes than the memory is."""
    body = {"group_id": group_id, "member_id": member_id, "was": was, "mark": mark}
    return cause.child(NOTE, record_aggregate(group_id, member_id), body)


def forget_command(command_id: str, group_id: str, member_id: str) -> Command:
    """Of who is forgotten."""
    body = {"group_id": group_id, "member_id": member_id}
    return Command(command_id, FORGET, record_aggregate(group_id, member_id), body)


def decide_note(held: Record, command: Command, now: datetime) -> Outcome[Record]:
    return _outcome(held, record.note(held, command.body["was"], command.body["mark"]))


def decide_forget(held: Record, command: Command, now: datetime) -> Outcome[Record]:
    return _outcome(held, record.forget(held))


def _outcome(held: Record, facts: Sequence[Fact]) -> Outcome[Record]:
    return Outcome(evolve(held, facts), facts)
