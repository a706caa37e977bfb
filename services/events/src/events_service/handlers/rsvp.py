"""Commands about RSVPs, and how they are decided."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from chassis.frozen import frozen
from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result, refused
from chassis.journal.personal import Personal
from chassis.journal.port import Ask, Journal
from events_service.domain import admission
from events_service.domain.admission import UNKNOWN
from events_service.domain.desk import Desk, Seated, facing
from events_service.domain.following import drain_further
from events_service.domain.ledger import Ledger, evolve
from events_service.domain.person import FORGOTTEN, Person
from events_service.domain.place import FIRST_ROOM, Side
from events_service.domain.publicity import publish
from events_service.domain.refusal import Refused
from events_service.domain.rsvp import Admitted, Change, Erased, Kept, Response, Rsvp, rsvp_after
from events_service.domain.waitlist import Party, place_in
from events_service.handlers.answer import Answer, rsvp_answer

RESPOND: Final = "rsvp.respond"
RESPOND_WITH_ANSWERS: Final = "rsvp.respond-with-answers"
APPROVE: Final = "rsvp.approve"
RELEASE: Final = "rsvp.release"
DRAIN: Final = "rsvp.drain"
ERASE: Final = "rsvp.erase"


@frozen
class Booking:
    """What a decision about an event's RSVPs needs, and what came of it.

    desk: None when there is no such event; ledger: after the decision; member_id: whom it is about;
    person_of: a member's profile, None while it is unknown; line: for a continuation, the first in line; dates: when
    the member's RSVP was made and when it was last decided before this, None when there was none; held: those with
    offers, the first to expire first; steward: whether who acts may do so for others.
    """

    desk: Desk | None
    ledger: Ledger | None
    member_id: str
    person_of: Callable[[str], Person | None]
    line: Sequence[Party] = ()
    dates: tuple[datetime, datetime] | None = None
    held: Sequence[Rsvp] = ()
    steward: bool = False


OWN_ANSWERS: Final = Personal(lambda command: command.actor or "", body=("answers",))
"""What people answer to an event's questions. No answer to a command repeats it."""


async def respond(
    journal: Journal,
    ask: Ask,
    event_id: str,
    response: Response,
    *,
    guests: int,
    answers: Sequence[str] | None,
    place: Side | None = None,
) -> Result:
    """The caller's answer to an event. answers: to its questions; None leaves those given before. place: the side they
    want to be at; None leaves that open."""
    body: dict[str, Any] = {"response": response, "guests": guests}
    if place is not None:
        body["place"] = place
    if answers is None:
        return await journal.run(ask(name=RESPOND, aggregate=event_id, body=body))
    body["answers"] = list(answers)
    return await journal.run(ask(name=RESPOND_WITH_ANSWERS, aggregate=event_id, body=body))


def release_command(ask: Ask, event_id: str, member_id: str, *, below: int) -> Command:
    """Free the place of somebody who is not in the group; decisions that saw version `below` or later stand."""
    return ask(name=RELEASE, aggregate=event_id, body={"member_id": member_id, "below": below})


def version_of(booking: Booking, command: Command) -> int:
    """What there is, 0 for nothing."""
    rsvp = None if booking.desk is None else booking.desk.rsvp
    return 0 if rsvp is None else rsvp.seq


def decide_respond(booking: Booking, command: Command, now: datetime) -> Outcome[Booking]:
    desk = booking.desk
    if desk is None:
        return refused(booking, UNKNOWN)
    body = command.body
    said = body.get("answers")
    answers = None if said is None else tuple(said)
    decided = admission.respond(
        desk, booking.member_id, body["response"], body["guests"], now, answers=answers, place=body.get("place")
    )
    return booked(booking, desk, decided, now)


def decide_approve(booking: Booking, command: Command, now: datetime) -> Outcome[Booking]:
    desk = booking.desk
    if desk is None:
        return Outcome(booking)
    return booked(booking, desk, admission.approve(desk, command.body["version"], now), now)


def decide_release(booking: Booking, command: Command, now: datetime) -> Outcome[Booking]:
    desk = booking.desk
    if desk is None:
        return Outcome(booking)
    return booked(booking, desk, admission.release(desk, command.body["below"], now), now)


def decide_erase(booking: Booking, command: Command, now: datetime) -> Outcome[Booking]:
    """Nothing more of the person goes out; what went out is taken back."""
    desk = booking.desk
    if desk is None:
        return Outcome(booking)
    own, before = booking.member_id, desk.rsvp

    def person_of(member_id: str) -> Person | None:
        return FORGOTTEN if member_id == own else booking.person_of(member_id)

    outcome = booked(replace(booking, person_of=person_of), desk, admission.erase(desk, now), now)
    if before is None:
        return outcome
    return replace(outcome, facts=(*outcome.facts, Erased(own, before.number, before.shown is not None)))


def decide_drain(booking: Booking, command: Command, now: datetime) -> Outcome[Booking]:
    desk = booking.desk
    if desk is None:
        return Outcome(booking)
    at = facing(desk, command.body.get("room", FIRST_ROOM))
    return booked(booking, desk, drain_further(at, booking.line, now), now)


def booked(booking: Booking, desk: Desk, seated: Seated | Refused, now: datetime) -> Outcome[Booking]:
    """The decision with what the public learns of it, and the answer for the person it is about."""
    if isinstance(seated, Refused):
        return refused(booking, seated)
    facts = seated.facts
    if not facts:
        return Outcome(booking, answer=_as_it_is(desk, booking.dates))
    own, before = booking.member_id, desk.rsvp

    def rsvp_of(member_id: str) -> Rsvp | None:
        return before if member_id == own else desk.rsvp_of(member_id)

    changes = [fact for fact in facts if isinstance(fact, Change)]
    public = publish(
        desk.terms, desk.group, desk.ledger, changes, rsvp_of=rsvp_of, person_of=booking.person_of, now=now
    )
    ledger = seated.ledger
    if public and isinstance(public[-1], Kept):
        ledger = evolve(ledger, public)
    mine = next((change for change in reversed(changes) if change.member_id == own), None)
    return Outcome(
        Booking(desk, ledger, own, booking.person_of),
        (*facts, *public),
        _as_it_is(desk, booking.dates) if mine is None else _as_decided(desk, mine, booking.dates, now),
        created=before is None and mine is not None,
    )


def _as_decided(desk: Desk, mine: Change, dates: tuple[datetime, datetime] | None, now: datetime) -> Answer:
    created = now if dates is None else dates[0]
    plain = desk.rsvp is None and not isinstance(mine, Admitted)
    rsvp = mine if plain else rsvp_after(desk.rsvp, mine)
    side = desk.terms.side(mine.room)
    return rsvp_answer(desk.terms.event_id, rsvp, mine.position, side=side, created=created, updated=now)


def _as_it_is(desk: Desk, dates: tuple[datetime, datetime] | None) -> Answer:
    rsvp = desk.rsvp
    if rsvp is None or dates is None:
        return {}
    waits = rsvp.status == "waitlist"
    position = place_in(desk.ledger.facing(rsvp.room).head, rsvp.member_id) if waits else None
    side = desk.terms.side(rsvp.room)
    return rsvp_answer(desk.terms.event_id, rsvp, position, side=side, created=dates[0], updated=dates[1])
