"""The command by which a partition of the public topic gets its record of the day, and how it is decided."""

from datetime import datetime
from typing import Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.times import when
from events_service.domain import rolling
from events_service.domain.rolling import Rolling, evolve

ROLL: Final = "rolling.roll"


def rolling_aggregate(number: int) -> str:
    return f"rolling:{number}"


def roll(aggregate: str, due: datetime | None, at: datetime) -> Command:
    """The record that was due then, None for the first look, shall be written.

    The same command however often it is asked for. at: the database's time by which it was seen to be due.
    """
    return Command(derived_id("roll", aggregate, when(due) or ""), ROLL, aggregate, {"at": at.isoformat()})


def decide_roll(found: Rolling, command: Command, now: datetime) -> Outcome[Rolling]:
    """A clock that went back meanwhile does not undo that it was due."""
    facts = rolling.roll(found, max(now, datetime.fromisoformat(command.body["at"])))
    for fact in facts:
        found = evolve(found, fact)
    return Outcome(found, facts)
