"""Commands about what this service keeps of people itself."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.port import Ask
from events_service.domain import person
from events_service.domain.person import Visitor

SEE: Final = "person.see"
WANT_NUMBER: Final = "person.want-number"
NUMBER_ARRIVED: Final = "person.number-arrived"


@dataclass(frozen=True, slots=True)
class Known:
    """known: whether the member's number has arrived; forgotten: they are, as far as is known here."""

    visitor: Visitor
    known: bool
    forgotten: bool = False


def see_command(member_id: str, forgotten: str | None = None, *, trace: str | None = None) -> Command:
    """A member's call; always the same command, so that it is decided once.

    forgotten: the request that had who had this id before forgotten, of whom the others know nothing any more.
    """
    parts, body = ((), {}) if forgotten is None else ((forgotten,), {"back": True})
    return Command(derived_id("seen", member_id, *parts), SEE, member_id, body, actor=member_id, trace=trace)


def number_arrived_command(ask: Ask, member_id: str) -> Command:
    return ask(name=NUMBER_ARRIVED, aggregate=member_id, body={})


def decide_see(known: Known, command: Command, now: datetime) -> Outcome[Known]:
    forgotten = known.forgotten or command.body.get("back", False)
    return _outcome(known, person.see(known.visitor, forgotten=forgotten))


def decide_want_number(known: Known, command: Command, now: datetime) -> Outcome[Known]:
    return _outcome(known, person.want_number(known.visitor, command.body["event_id"], known=known.known))


def decide_number_arrived(known: Known, command: Command, now: datetime) -> Outcome[Known]:
    return _outcome(known, person.number_arrived(known.visitor))


def _outcome(known: Known, facts: list[person.Fact]) -> Outcome[Known]:
    return Outcome(replace(known, visitor=person.evolve(known.visitor, facts)), facts)
