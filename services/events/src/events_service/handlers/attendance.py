"""Commands about who was there, and how they are decided."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from chassis.frozen import frozen
from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result, refused
from chassis.journal.port import Ask, Journal
from chassis.times import when
from events_service.domain import attendance, code
from events_service.domain.acts import NOT_ALLOWED
from events_service.domain.admission import UNKNOWN
from events_service.domain.attendance import FORGOTTEN, Mark, Marked, Means, Note, Noted, Tally, note_after
from events_service.domain.desk import Desk
from events_service.domain.person import FORGOTTEN as FORGOTTEN_PERSON
from events_service.domain.refusal import Refused
from events_service.handlers.answer import Answer
from events_service.handlers.rsvp import Booking, booked

CHECK_IN: Final = "attendance.check-in"
MARK: Final = "attendance.mark"

UNKNOWN_CODE = Refused("unknown-code", "This is no code for this event.")
CODE_EXPIRED = Refused("code-expired", "The door shows another code by now.")


@frozen
class Arrival:
    """What a decision about somebody's being there needs, and what came of it.

    note: of the person; tally: of the event; key: that codes are signed with.
    """

    booking: Booking
    note: Note | None
    tally: Tally
    key: bytes


async def check_in(
    journal: Journal,
    ask: Ask,
    event_id: str,
    *,
    member_id: str | None = None,
    said: str | None = None,
    let_in: bool = False,
) -> Result:
    """Somebody is here. said: a code, a member's own or the one at the door; else `member_id` says who it is; let_in:
    also without a place."""
    body = _word(let_in=let_in) if said is None else {"code": said, **_word(let_in=let_in)}
    whose = member_id if said is None else code.claimed(said)
    if whose is not None:
        body["member_id"] = whose
    return await journal.run(ask(name=CHECK_IN, aggregate=event_id, body=body))


async def mark(
    journal: Journal, ask: Ask, event_id: str, member_id: str, wanted: Mark | None, *, let_in: bool = False
) -> Result:
    """Note whether somebody was there. wanted: None takes back what is noted; let_in: also without a place."""
    body = {"member_id": member_id, "mark": wanted, **_word(let_in=let_in)}
    return await journal.run(ask(name=MARK, aggregate=event_id, body=body))


def _word(*, let_in: bool) -> dict[str, Any]:
    """A body without it is what it was before there was such a word: repeats of those times are known."""
    return {"let_in": True} if let_in else {}


def decide_check_in(arrival: Arrival, command: Command, now: datetime) -> Outcome[Arrival]:
    booking, body = arrival.booking, command.body
    said = body.get("code")
    means: Means = "hand" if said is None else "code" if "member_id" in body else "door"
    desk = _desk(booking, anybody=means == "door")
    if isinstance(desk, Refused):
        return refused(arrival, desk)
    bad = None if said is None else _unfit(arrival, desk.terms.event_id, said, means, now)
    if bad is not None:
        return refused(arrival, bad)
    noted = attendance.check_in(
        desk,
        arrival.note,
        booking.member_id,
        by=command.actor or "",
        means=means,
        now=now,
        let_in=body.get("let_in", False),
    )
    return _decided(arrival, desk, noted, now, first=arrival.note is None)


def decide_mark(arrival: Arrival, command: Command, now: datetime) -> Outcome[Arrival]:
    booking = arrival.booking
    desk = _desk(booking, anybody=False)
    if isinstance(desk, Refused):
        return refused(arrival, desk)
    noted = attendance.mark(
        desk,
        arrival.note,
        booking.member_id,
        command.body["mark"],
        by=command.actor or "",
        now=now,
        let_in=command.body.get("let_in", False),
    )
    return _decided(arrival, desk, noted, now)


def _desk(booking: Booking, *, anybody: bool) -> Desk | Refused:
    """anybody: not only leaders and hosts."""
    desk = booking.desk
    if desk is None or (desk.terms.status == "draft" and not booking.steward):
        return UNKNOWN
    if not booking.steward and not anybody:
        return NOT_ALLOWED
    return FORGOTTEN if booking.person_of(booking.member_id) == FORGOTTEN_PERSON else desk


def _unfit(arrival: Arrival, event_id: str, said: str, means: Means, now: datetime) -> Refused | None:
    """What is wrong with a code, if anything."""
    if means == "code":
        return None if code.is_own(arrival.key, event_id, arrival.booking.member_id, said) else UNKNOWN_CODE
    verdict = code.at_door(arrival.key, event_id, said, now)
    return {"good": None, "expired": CODE_EXPIRED, "unknown": UNKNOWN_CODE}[verdict]


def _decided(
    arrival: Arrival, desk: Desk, noted: Noted | Refused, now: datetime, *, first: bool = False
) -> Outcome[Arrival]:
    """first: where it is noted now, it is the first note."""
    if isinstance(noted, Refused):
        return refused(arrival, noted)
    outcome, marked = booked(arrival.booking, desk, noted.seated, now), noted.marked
    if marked is None:
        return Outcome(arrival, answer=_answer(outcome.answer, arrival.note))
    note, tally = note_after(marked, now), attendance.evolve(arrival.tally, marked)
    return Outcome(
        replace(arrival, booking=outcome.state, note=note, tally=tally),
        (*outcome.facts, marked),
        _answer(outcome.answer, note),
        created=first,
    )


def _answer(rsvp: Answer, note: Note | None) -> Answer:
    """The RSVP, with what is noted of it."""
    return rsvp if note is None else {**rsvp, **note_answer(note)}


def note_answer(note: Note) -> Answer:
    """What is noted: of the RSVP's own words the `status`."""
    return {
        "status": note.mark,
        "means": note.means,
        "walk_in": note.walk_in,
        "noted_at": when(note.at),
        "noted_by": note.by,
    }


def marked_in(facts: Any) -> Marked | None:
    """The note among a decision's facts."""
    return next((fact for fact in facts if isinstance(fact, Marked)), None)
