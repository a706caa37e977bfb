"""Commands about what becomes of an event by itself, and how they are decided."""

from datetime import datetime
from typing import Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.times import when
from events_service.domain import passing
from events_service.domain.details import Times
from events_service.handlers.event import Agenda, outcome

END: Final = "event.end"
REZONE: Final = "event.rezone"


def end(event_id: str, version: int, due: datetime, at: datetime) -> Command:
    """The event that was to be over at `due`, as of `version`, is.

    The same command however often it is asked for. at: the database's time by which it was seen to be over.
    """
    return Command(derived_id("end", event_id, str(version), when(due) or ""), END, event_id, {"at": at.isoformat()})


def rezone(event_id: str, version: int, found: Times) -> Command:
    """The event's wall times are other instants now. The same command as long as the zone's rules stay."""
    instants = (when(time) or "" for time in (found.starts, found.ends, found.opens, found.closes))
    return Command(derived_id("rezone", event_id, str(version), *instants), REZONE, event_id, {})


def decide_end(agenda: Agenda, command: Command, now: datetime) -> Outcome[Agenda]:
    """A clock that went back meanwhile does not undo that it was over."""
    if agenda.event is None:
        return Outcome(agenda)
    at = max(now, datetime.fromisoformat(command.body["at"]))
    return outcome(agenda, passing.end(agenda.event, at), now)


def decide_rezone(agenda: Agenda, command: Command, now: datetime) -> Outcome[Agenda]:
    return Outcome(agenda) if agenda.event is None else outcome(agenda, passing.rezone(agenda.event, now), now)
