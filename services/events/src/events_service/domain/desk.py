"""What a decision about one person's RSVP sees, and what it comes to."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from chassis.frozen import frozen
from events_service.domain.group import Group, Membership
from events_service.domain.ledger import Ledger, evolve
from events_service.domain.place import Side
from events_service.domain.refusal import Refused
from events_service.domain.rsvp import Fact, Rsvp, Terms

NO_SUCH_PLACE = Refused(
    "no-such-place", "The event is not held there: leave `place` out, or see what it says of its own."
)


@frozen
class Desk:
    """What a decision about one person's RSVP sees.

    membership: in the event's group, the organizer's included; rsvp: theirs, if there is one; number: for a first
    RSVP, None when there is none left; rsvp_of: the RSVP of somebody at the head of a line.
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


def facing(desk: Desk, room: int) -> Desk:
    """The desk at that room, if the event has it."""
    return desk if desk.ledger.faces(room) else replace(desk, ledger=desk.ledger.facing(room))


def own(desk: Desk) -> Desk:
    """The desk where the person has their RSVP."""
    return desk if desk.ledger.beside is None or desk.rsvp is None else facing(desk, desk.rsvp.room)


def asked(desk: Desk, place: Side | None) -> Desk | Refused:
    """The desk at the side where somebody wants to be. Who does not say it stays where they have a place or a turn;
    without one they come to the physical side, which is what an event's own capacity is about."""
    sides = desk.terms.sides
    if desk.ledger.beside is None:
        return NO_SUCH_PLACE if place is not None and sides and place not in sides else desk
    if place is None and desk.rsvp is not None and desk.rsvp.status != "no":
        return own(desk)
    return facing(desk, desk.terms.room(place or "physical"))


def seated(ledger: Ledger, facts: Sequence[Fact]) -> Seated:
    """The facts and nothing that follows from them."""
    return Seated(evolve(ledger, facts), tuple(facts))
