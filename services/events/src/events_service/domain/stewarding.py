"""What leaders do about RSVPs by hand: add, promote, take out; also beyond the capacity (behaviour 9.8, 9.9)."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from events_service.domain.admission import NO_NUMBERS, come, crowd, excluded, over
from events_service.domain.desk import Desk, Seated, asked, own, seated
from events_service.domain.following import changed, followed, gone, left
from events_service.domain.place import Side
from events_service.domain.refusal import Refused
from events_service.domain.rsvp import Admitted, Change, Dropped, Rsvp

BANNED = Refused("not-allowed", "They cannot RSVP to this group's events.")
NOT_A_MEMBER = Refused("not-a-member", "They are not in the group.")
NOT_WAITING = Refused("not-waiting", "They do not wait for a place.")
NO_FREE_SEAT = Refused("no-free-seat", "Their party does not fit; an override would take it in beyond the capacity.")
NOT_COMING = Refused("no-rsvp", "They have not answered this event.")


def add(
    desk: Desk, member_id: str, guests: int, *, by: str, override: bool, now: datetime, place: Side | None = None
) -> Seated | Refused:
    """Say yes for a member of the group, also when RSVPs are closed, and also change their guests or their side.

    override: a place at once, over the capacity and before whoever waits. place: as in their own answer.
    """
    refused = over(desk.terms, now)
    if refused is not None:
        return refused
    if excluded(desk.group, desk.membership):
        return BANNED
    if not desk.membership.active:
        return NOT_A_MEMBER
    at = asked(desk, place)
    if isinstance(at, Refused):
        return at
    if not override:
        return come(at, member_id, guests, now)
    refused = crowd(at, guests)
    return admit(at, member_id, guests, by=by, now=now) if refused is None else refused


def admit(desk: Desk, member_id: str, guests: int, *, by: str, now: datetime) -> Seated | Refused:
    """A place at once. It counts as an override where it is over the capacity or before others who could have it."""
    before, need = desk.rsvp, desk.terms.need(member_id, guests)
    here = before is not None and desk.ledger.faces(before.room)
    if before is not None and here and before.status == "yes" and before.guests == guests and before.seats == need:
        return Seated(desk.ledger)
    more = need - (before.taken if before is not None and here else 0)
    turn = before.order if before is not None and here and before.status in ("waitlist", "requested") else None
    fits = more <= 0 or (desk.ledger.fits(more) and desk.ledger.passes_nobody(turn))
    kind = partial(Admitted, by=by, override=not fits)
    if before is None or before.status == "no":
        return _new(desk, kind, member_id, guests, need)
    change = changed(kind, before, desk.ledger, "yes", guests=guests, seats=need)
    frees = before.status == "waitlist" or need < before.taken or not here
    return followed(desk, before, change, now) if frees else seated(desk.ledger, [change])


def _new(desk: Desk, kind: Callable[..., Change], member_id: str, guests: int, need: int) -> Seated | Refused:
    ledger = desk.ledger
    number = desk.number if desk.rsvp is None else desk.rsvp.number
    if number is None:
        return NO_NUMBERS
    was = None if desk.rsvp is None else desk.rsvp.status
    order, seq, seen = ledger.order + 1, ledger.seq + 1, desk.membership.version
    change = kind(member_id, number, was, "yes", guests, need, 0, order, 0, seq, seen, None, room=ledger.room)
    return seated(ledger, [change])


def promote(desk: Desk, *, by: str, override: bool, now: datetime) -> Seated | Refused:
    """A place for somebody who waits, or has an offer. Those before them in line stay where they are.

    override: also when their party does not fit.
    """
    refused = over(desk.terms, now)
    if refused is not None:
        return refused
    desk = own(desk)
    before = desk.rsvp
    if before is None or before.status not in ("yes", "waitlist", "offered"):
        return NOT_WAITING
    if before.status == "yes":
        return Seated(desk.ledger)
    if excluded(desk.group, desk.membership):
        return BANNED
    fits = before.status == "offered" or desk.ledger.fits(before.seats)
    if not fits and not override:
        return NO_FREE_SEAT
    kind = partial(Admitted, by=by, override=not fits)
    change = changed(kind, before, desk.ledger, "yes", guests=before.guests, seats=before.seats)
    return seated(desk.ledger, [change]) if before.offer is not None else followed(desk, before, change, now)


def drop(desk: Desk, *, by: str, now: datetime) -> Seated | Refused:
    """Take somebody out; what they held is free again. Twice changes nothing."""
    refused = over(desk.terms, now)
    if refused is not None:
        return refused
    desk = own(desk)
    before: Rsvp | None = desk.rsvp
    if before is None:
        return NOT_COMING
    if before.status == "no":
        return Seated(desk.ledger)
    return gone(desk, before, left(partial(Dropped, by=by), before, desk.ledger), now)
