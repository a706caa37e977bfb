"""Commands that follow from somebody hiding, or being seen again: a group, an event's list, a member.

As with memberships, a consumer hands over one command in the transaction that changes its projection; every lane looks
for the events concerned in its own turn, and each event for its RSVPs in its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.port import Ask
from events_service.domain.group import Group
from events_service.domain.ledger import Ledger, evolve
from events_service.domain.membership import spread
from events_service.domain.person import Person
from events_service.domain.rsvp import Rsvp, Terms
from events_service.domain.sight import Concerned, review, sweep

SWEEP: Final = "publicity.sweep"
REVIEW: Final = "publicity.review"


@dataclass(frozen=True, slots=True)
class Sweep:
    """Events of this lane: a group's, or those that a member has answered.

    after: the last document looked at, whosesoever, where there may be others beyond it.
    elsewhere: an aggregate of every other lane that does not know of the change yet.
    """

    event_ids: Sequence[str]
    after: str | None
    lanes: int = 1
    elsewhere: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Sight:
    """RSVPs of one event, those of a step. terms None when there is no such event."""

    terms: Terms | None
    group: Group | None
    ledger: Ledger | None
    rsvps: Sequence[Rsvp]
    person_of: Callable[[str], Person | None]
    after: str | None = None


def member_seen_otherwise(ask: Ask, aggregate: str, member_id: str) -> Command:
    """aggregate: any name; its lane begins."""
    return ask(name=SWEEP, aggregate=aggregate, body={"member_id": member_id})


def group_went_private(ask: Ask, aggregate: str, group_id: str) -> Command:
    """aggregate: as for a member."""
    return ask(name=SWEEP, aggregate=aggregate, body={"group_id": group_id})


def decide_sweep(found: Sweep, command: Command, now: datetime) -> Outcome[Sweep]:
    return Outcome(found, [*spread(found.lanes, found.elsewhere), *sweep(found.event_ids, found.after)])


def decide_review(sight: Sight, command: Command, now: datetime) -> Outcome[Sight]:
    if sight.terms is None or sight.group is None or sight.ledger is None:
        return Outcome(sight)
    facts = review(
        sight.terms, sight.group, sight.ledger, sight.rsvps, person_of=sight.person_of, after=sight.after, now=now
    )
    moved = [fact for fact in facts if not isinstance(fact, Concerned)]
    return Outcome(replace(sight, ledger=evolve(sight.ledger, moved)), facts)
