"""Commands of a series to the events that are its dates, and how they are decided."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from chassis.journal.command import Command
from chassis.journal.decision import Outcome, refused
from events_service.domain.details import details_of
from events_service.domain.event import Changed, Part, Restored
from events_service.domain.occurrence import WITHOUT, Order, fall, occur
from events_service.domain.refusal import Refused
from events_service.handlers.event import Agenda, applied, outcome

OCCUR: Final = "event.occur"
FALL: Final = "event.fall"


def order_body(order: Order) -> dict[str, Any]:
    """An order as plain JSON values."""
    part = {"series_id": order.part.series_id, "first_at": order.part.first_at.isoformat()}
    return {
        "group_id": order.group_id,
        "part": part,
        "details": asdict(order.details),
        "changed": list(order.changed),
        "publish": order.publish,
        "edit": order.edit,
    }


def _order_of(body: dict[str, Any]) -> Order:
    part, details = body["part"], details_of(body["details"])
    first_at = datetime.fromisoformat(part["first_at"])
    changed = tuple(body["changed"])
    return Order(body["group_id"], Part(part["series_id"], first_at), details, changed, body["publish"], body["edit"])


def decide_occur(agenda: Agenda, command: Command, now: datetime) -> Outcome[Agenda]:
    """What a date has no room for, a lower capacity than its seats, hosts who need one, a side that goes away while
    people are there or times that its own RSVP window does not go with, it leaves as it is."""
    order = _order_of(command.body)
    found = Outcome(agenda)
    for without in WITHOUT:
        found = _decided(agenda, command, order, now, without)
        if found.refused is None:
            break
    return found


def _decided(agenda: Agenda, command: Command, order: Order, now: datetime, without: frozenset[str]) -> Outcome[Agenda]:
    facts = occur(command.aggregate, agenda.event, command.actor or "", order, now=now, without=without)
    if isinstance(facts, Refused):
        return refused(agenda, facts)
    if not facts:
        return Outcome(agenda)
    if isinstance(facts[0], Changed | Restored):
        return applied(agenda, facts, now)
    return outcome(agenda, facts, now)


def decide_fall(agenda: Agenda, command: Command, now: datetime) -> Outcome[Agenda]:
    if agenda.event is None:
        return Outcome(agenda)
    return outcome(agenda, fall(agenda.event, command.actor or "", command.body["edit"], now), now)
