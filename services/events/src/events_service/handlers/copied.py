"""The command by which a copy looks at its network event, and how it is decided."""

from datetime import datetime
from typing import Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from events_service.domain.copied import WITHOUT, conform
from events_service.domain.event import Changed
from events_service.domain.origin import Followed
from events_service.domain.refusal import Refused
from events_service.handlers.event import Agenda, applied, outcome

CONFORM: Final = "event.conform"


def copy_id(network_event_id: str, group_id: str) -> str:
    """The event that a chapter's copy is."""
    return derived_id("event", network_event_id, group_id)


def conform_command(cause: Command, network_event_id: str, group_id: str) -> Command:
    """The chapter's copy shall look at what the network event is by now, because of this."""
    body = {"network_event_id": network_event_id, "group_id": group_id}
    return cause.child(CONFORM, copy_id(network_event_id, group_id), body)


def decide_conform(agenda: Agenda, command: Command, now: datetime) -> Outcome[Agenda]:
    """What the copy has no room or time for, it leaves as it is."""
    wish, group = agenda.wish, agenda.group
    if wish is None or group is None:
        return Outcome(agenda)
    for without in WITHOUT:
        by = command.actor or ""
        facts = conform(command.aggregate, agenda.event, by, wish, group=group, now=now, without=without)
        if isinstance(facts, Refused):
            continue
        if not facts:
            break
        edits = isinstance(facts[0], Changed | Followed)
        found = applied(agenda, facts, now) if edits else outcome(agenda, facts, now)
        if found.refused is None:
            return found
    return Outcome(agenda)
