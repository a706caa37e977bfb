"""What a decision about one person's RSVP sees, and what it comes to."""

from collections.abc import Callable, Sequence

from chassis.frozen import frozen
from events_service.domain.group import Group, Membership
from events_service.domain.ledger import Ledger, evolve
from events_service.domain.rsvp import Fact, Rsvp, Terms


@frozen
class Desk:
    """What a decision about one person's RSVP sees.

    membership: in the event's group, the organizer's included; rsvp: theirs, if there is one; number: for a first
    RSVP, None when there is none left; rsvp_of: the RSVP of somebody at the head of the line.
    """

    terms: Terms
    ledger: Ledger
    group: Group
    membership: Membership
    rsvp: Rsvp | None
    number: int | None
    rsvp_of: Callable[[str], Rsvp | None]


@frozen
class Seated:
    """The ledger after a decision, and the facts that led there; no facts: nothing changed."""

    ledger: Ledger
    facts: tuple[Fact, ...] = ()


def seated(ledger: Ledger, facts: Sequence[Fact]) -> Seated:
    """The facts and nothing that follows from them."""
    return Seated(evolve(ledger, facts), tuple(facts))
