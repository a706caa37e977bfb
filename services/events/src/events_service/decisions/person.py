"""How commands about whoever comes to events, and about their standing in a group, are decided."""

from typing import Any

from chassis.journal.decision import Decider
from events_service.handlers import membership, person
from events_service.messages import tell_person, tell_sweep
from events_service.store.membership import SWEEPS, SweepStore
from events_service.store.person import VISITORS, VisitorStore


def decisions() -> dict[str, Decider[Any]]:
    """Decided by the visitor; what a changed standing means for RSVPs, lane by lane."""
    people, sweeps = VisitorStore(), SweepStore()

    def of_person(decide: Any) -> Decider[Any]:
        return Decider(VISITORS, people.reads, people.load, decide, people.save, tell_person)

    return {
        person.SEE: of_person(person.decide_see),
        person.WANT_NUMBER: of_person(person.decide_want_number),
        person.NUMBER_ARRIVED: of_person(person.decide_number_arrived),
        membership.SETTLE: Decider(
            SWEEPS, sweeps.reads, sweeps.load, membership.decide_settle, sweeps.save, tell_sweep
        ),
    }
