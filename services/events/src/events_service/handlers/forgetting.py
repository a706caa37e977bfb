"""The commands by which what a member made or hosted lets go of who is forgotten, and how they are decided."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from events_service.domain import forgetting
from events_service.handlers import event, network_event, series
from events_service.handlers.event import Agenda
from events_service.handlers.network_event import Round
from events_service.handlers.series import Course

# the first two have their names from when they were about hosts alone: earlier releases handed them over
FORGET_IN_EVENT: Final = "event.forget-host"
FORGET_IN_SERIES: Final = "series.forget-host"
FORGET_IN_NETWORK_EVENT: Final = "network-event.forget-maker"


def forget_command(name: str, found: Mapping[str, Any], member_id: str) -> Command:
    """name: of the command; found: `_id` and version of what shall let go of them. Who is made a host again afterwards
    is forgotten by another command."""
    # the ids too: a command that waits is not handed over again
    id_ = derived_id("forget-host", found["_id"], str(found["version"]), member_id)
    return Command(id_, name, found["_id"], {"member_id": member_id})


def decide_event(agenda: Agenda, command: Command, now: datetime) -> Outcome[Agenda]:
    if agenda.event is None:
        return Outcome(agenda)
    return event.outcome(agenda, forgetting.of_event(agenda.event, command.body["member_id"]), now)


def decide_series(course: Course, command: Command, now: datetime) -> Outcome[Course]:
    if course.series is None:
        return Outcome(course)
    return series.outcome(course, command, forgetting.of_series(course.series, command.body["member_id"]), now)


def decide_network_event(found: Round, command: Command, now: datetime) -> Outcome[Round]:
    if found.network_event is None:
        return Outcome(found)
    facts = forgetting.of_network_event(found.network_event, command.body["member_id"])
    return network_event.outcome(found, facts, now)
