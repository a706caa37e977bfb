"""Who was there: check-in, walk-ins, and what leaders note afterwards (behaviour 9.1 and 9.14).

A note stands beside the RSVP and outlives its changes: it says what was seen, not what was promised.
"""

from dataclasses import astuple, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Literal

from chassis.frozen import frozen
from events_service.domain.admission import UNKNOWN, excluded
from events_service.domain.desk import Desk, Seated, facing, own
from events_service.domain.following import gone, left
from events_service.domain.refusal import Refused
from events_service.domain.rsvp import Change, Dropped, Rsvp, Status, Terms
from events_service.domain.stewarding import BANNED, NOT_A_MEMBER, NOT_COMING, admit

Mark = Literal["attended", "no_show", "excused"]
Means = Literal["hand", "code", "door"]
"""How it became known: a leader's or host's word, the member's own code, the code shown at the door."""

OPENS_BEFORE: Final = timedelta(hours=2)
"""Check-in opens this long before the start, and closes as long after the end."""
NOTED_WITHIN: Final = timedelta(days=30)
"""How long after the end leaders and hosts may still note who was there."""

CANCELLED = Refused("event-cancelled", "This event was cancelled.")
TOO_EARLY = Refused("checkin-not-open", "Check-in opens two hours before the start.")
TOO_LATE = Refused("checkin-closed", "Check-in closed two hours after the end; a leader can still note who was there.")
NOT_BEGUN = Refused("event-not-begun", "Who stayed away is known once the event has begun.")
NOTES_CLOSED = Refused("attendance-closed", "Who was there can be noted until 30 days after the end.")
NO_PLACE = Refused("no-place", "You have no place at this event; a leader or host can let you in.")
NOT_LET_IN = Refused("no-place", "They have no place at this event; with `let_in` they come in all the same.")
NO_PLACE_FOR_THEM = Refused("no-place", "They had no place at this event.")
WALKED_IN = Refused("walked-in", "They were let in at the door; take that back instead.")
FORGOTTEN = Refused("member-forgotten", "This person asked to be forgotten.")


@frozen
class Note:
    """What is noted of one person at one event.

    at: when; by: who noted it, for the code at the door the member; held: the event's start as of the first note;
    seats: what their party took; walk_in: the check-in gave them their place; forgotten: the person is.
    """

    mark: Mark
    at: datetime
    by: str
    means: Means
    held: datetime
    seats: int
    walk_in: bool = False
    forgotten: bool = False


@frozen
class Marked:
    """A note was made, corrected, or taken back (`mark` None).

    had, walked_in: `seats` and `walk_in` of the note before; else as in `Note`.
    """

    member_id: str
    number: int
    was: Mark | None
    mark: Mark | None
    by: str
    means: Means
    held: datetime
    had: int
    seats: int
    walk_in: bool
    walked_in: bool


@frozen
class Noted:
    """What a decision comes to. marked: None = it is noted so already."""

    seated: Seated
    marked: Marked | None = None


@frozen
class Tally:
    """What an event's notes come to: people, and of those who stayed away and of walk-ins also seats."""

    attended: int = 0
    no_show: int = 0
    excused: int = 0
    walk_ins: int = 0
    absent_seats: int = 0
    walk_in_seats: int = 0


def was_there(status: Status | None, mark: Mark | None) -> bool:
    """Whether somebody counts as having been at an event that is over: noted so, or with a place and nothing noted.

    status: of their RSVP, None = they never answered.
    """
    return mark == "attended" or (mark is None and status == "yes")


def check_in(
    desk: Desk, note: Note | None, member_id: str, *, by: str, means: Means, now: datetime, let_in: bool = False
) -> Noted | Refused:
    """Somebody is here. Twice changes nothing.

    let_in: also who has no place, over the capacity too; only a leader or host can, not the code at the door.
    """
    terms = desk.terms
    refused = _unnotable(terms, note, now)
    if refused is None and now >= terms.ends + OPENS_BEFORE:
        refused = TOO_LATE
    return refused or _here(desk, note, member_id, by=by, means=means, now=now, let_in=let_in)


def mark(
    desk: Desk,
    note: Note | None,
    member_id: str,
    wanted: Mark | None,
    *,
    by: str,
    now: datetime,
    let_in: bool = False,
) -> Noted | Refused:
    """A leader or host notes it by hand, or corrects it. wanted: None takes the note back, and who came in by it is
    out again; let_in: as in `check_in`."""
    refused = _unnotable(desk.terms, note, now, back=wanted is None)
    if refused is None and now >= desk.terms.ends + NOTED_WITHIN:
        refused = NOTES_CLOSED
    if refused is not None:
        return refused
    if wanted == "attended":
        return _here(desk, note, member_id, by=by, means="hand", now=now, let_in=let_in)
    if desk.rsvp is None:
        return NOT_COMING
    if (None if note is None else note.mark) == wanted:
        return Noted(Seated(desk.ledger))
    if wanted is None:
        return _taken_back(desk, note, desk.rsvp, by=by, now=now)
    return _away(desk, note, desk.rsvp, wanted, by=by, now=now)


def _unnotable(terms: Terms, note: Note | None, now: datetime, *, back: bool = False) -> Refused | None:
    """Why nothing can be noted, of whomever, if so. back: a note is taken back, which cancelling an event is a reason
    for and no hindrance."""
    if terms.status == "draft":
        return UNKNOWN
    if terms.status == "cancelled" and not back:
        return CANCELLED
    if now < terms.starts - OPENS_BEFORE:
        return TOO_EARLY
    return FORGOTTEN if note is not None and note.forgotten else None


def _here(
    desk: Desk, note: Note | None, member_id: str, *, by: str, means: Means, now: datetime, let_in: bool
) -> Noted | Refused:
    rsvp = desk.rsvp
    has_place = rsvp is not None and rsvp.status == "yes"
    # until the start who has checked in may still have said no, and somebody else have their seat
    if note is not None and note.mark == "attended" and (has_place or now >= desk.terms.starts):
        return Noted(Seated(desk.ledger))
    refused = _turned_away(desk, means, has_place=has_place, let_in=let_in)
    if refused is not None:
        return refused
    if rsvp is not None and has_place:
        return _noted(desk, Seated(desk.ledger), rsvp, note, "attended", by=by, means=means)
    door = desk if desk.ledger.beside is None else facing(desk, desk.terms.room("physical"))
    seated = admit(door, member_id, 0 if rsvp is None else rsvp.guests, by=by, now=now)
    if isinstance(seated, Refused):
        return seated
    change = next(fact for fact in seated.facts if isinstance(fact, Change) and fact.member_id == member_id)
    return _noted(desk, seated, change, note, "attended", by=by, means=means, walk_in=True)


def _turned_away(desk: Desk, means: Means, *, has_place: bool, let_in: bool) -> Refused | None:
    if desk.membership.put_out:
        return BANNED
    if has_place:
        return None
    if means == "door":
        return NO_PLACE
    if excluded(desk.group, desk.membership):
        return BANNED
    if not desk.membership.active:
        return NOT_A_MEMBER
    # a scan alone is no word for it: it would cost who waits their turn
    return None if let_in else NOT_LET_IN


def _away(desk: Desk, note: Note | None, rsvp: Rsvp, wanted: Mark, *, by: str, now: datetime) -> Noted | Refused:
    if now < desk.terms.starts:
        return NOT_BEGUN
    if note is None and rsvp.status != "yes":
        return NO_PLACE_FOR_THEM
    if note is not None and note.walk_in:
        return WALKED_IN
    return _noted(desk, Seated(desk.ledger), rsvp, note, wanted, by=by)


def _taken_back(desk: Desk, note: Note | None, rsvp: Rsvp, *, by: str, now: datetime) -> Noted:
    seated = Seated(desk.ledger)
    if note is not None and note.walk_in and rsvp.status == "yes":
        at = own(desk)
        seated = gone(at, rsvp, left(partial(Dropped, by=by), rsvp, at.ledger), now)
    return _noted(desk, seated, rsvp, note, None, by=by)


def _noted(
    desk: Desk,
    seated: Seated,
    rsvp: Rsvp | Change,
    before: Note | None,
    wanted: Mark | None,
    *,
    by: str,
    means: Means = "hand",
    walk_in: bool = False,
) -> Noted:
    """rsvp: as it is from now on. Of who has no place any more the seats are as they were."""
    was, had, held = (None, 0, desk.terms.starts) if before is None else (before.mark, before.seats, before.held)
    seats = 0 if wanted is None else rsvp.seats if rsvp.status == "yes" else had
    walked_in = before is not None and before.walk_in
    came_in = walk_in or walked_in
    marked = Marked(rsvp.member_id, rsvp.number, was, wanted, by, means, held, had, seats, came_in, walked_in)
    return Noted(seated, marked)


def note_after(fact: Marked, now: datetime) -> Note | None:
    """What is noted from now on."""
    if fact.mark is None:
        return None
    return Note(fact.mark, now, fact.by, fact.means, fact.held, fact.seats, fact.walk_in)


def evolve(tally: Tally, fact: Marked) -> Tally:
    """The event's notes together, after one of them."""
    before, after = share(fact.was, fact.had, fact.walked_in), share(fact.mark, fact.seats, fact.walk_in)
    return plus(Tally(*(one - gone for one, gone in zip(astuple(tally), astuple(before), strict=True))), after)


def plus(tally: Tally, more: Tally) -> Tally:
    return Tally(*(one + other for one, other in zip(astuple(tally), astuple(more), strict=True)))


def share(mark: Mark | None, seats: int, walk_in: bool) -> Tally:
    """What one note adds to its event's."""
    if mark is None:
        return Tally()
    walk_ins, walk_in_seats = (1, seats) if walk_in else (0, 0)
    return replace(
        Tally(walk_ins=walk_ins, walk_in_seats=walk_in_seats, absent_seats=0 if mark == "attended" else seats),
        **{mark: 1},
    )
