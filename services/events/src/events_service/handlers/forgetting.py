"""The commands by which what a member hosted lets go of them once they are forgotten, and how they are decided."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from events_service.domain import forgetting
from events_service.handlers import event, series
from events_service.handlers.event import Agenda
from events_service.handlers.series import Course

FORGET_HOST: Final = "event.forget-host"
FORGET_HOST_OF_SERIES: Final = "series.forget-host"


def forget_host(found: Mapping[str, Any], member_id: str) -> Command:
    """found: the event's id and version. Who is made a host again afterwards is forgotten by another command."""
    return _forget(FORGET_HOST, found, member_id)


def forget_host_of_series(found: Mapping[str, Any], member_id: str) -> Command:
    """found: as of an event."""
    return _forget(FORGET_HOST_OF_SERIES, found, member_id)


def _forget(name: str, found: Mapping[str, Any], member_id: str) -> Command:
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
