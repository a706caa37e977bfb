"""The decisions about RSVPs: who gets a place, who waits, and what an answer may change (behaviour 9.1 to 9.4)."""

from dataclasses import replace
from datetime import datetime

from events_service.domain.desk import Desk, Seated, asked, own, seated
from events_service.domain.following import changed, followed, gone, left
from events_service.domain.group import Group, Membership, may
from events_service.domain.ledger import evolve
from events_service.domain.permission import Action
from events_service.domain.place import Side
from events_service.domain.refusal import Refused
from events_service.domain.rsvp import (
    Answered,
    Change,
    Confirmed,
    Declined,
    Fact,
    JoinAsked,
    Promoted,
    Released,
    Requested,
    Response,
    Rsvp,
    Status,
    Terms,
    Waitlisted,
)
from events_service.domain.waitlist import place_in

UNKNOWN = Refused("unknown-event", "There is no such event.")
NO_NUMBERS = Refused("no-numbers", "There are no numbers left to give.")
CLOSED = Refused("rsvps-closed", "RSVPs for this event are closed.")
NOT_ALLOWED = Refused("not-allowed", "You cannot RSVP to this group's events.")
NOT_ROOM_ENOUGH = Refused("guests-do-not-fit", "Your guests do not fit; your RSVP is as it was.")
SIDE_FULL = Refused("side-is-full", "There is no free seat for you at that side; your RSVP is as it was.")
MORE_THAN_ALLOWED = Refused("too-many-guests", "You cannot bring so many.")
TOO_MANY_ANSWERS = Refused("too-many-answers", "There are more answers than questions.")
OFFER_EXPIRED = Refused("offer-expired", "This offer has expired; the seats go to the next in line.")


def over(terms: Terms, now: datetime) -> Refused | None:
    """Why nothing about the event's RSVPs changes any more, if so."""
    if terms.status == "draft":
        return UNKNOWN
    if terms.status == "cancelled":
        return Refused("event-cancelled", "This event was cancelled.")
    return Refused("event-past", "This event is over.") if now >= terms.ends else None


def shut(terms: Terms, now: datetime) -> Refused | None:
    """Why nobody can RSVP at this time, if so."""
    refused = over(terms, now)
    if refused is not None:
        return refused
    if terms.opens is not None and now < terms.opens:
        return Refused("rsvps-not-open", "RSVPs for this event are not open yet.")
    return CLOSED if now >= terms.closes else None


def excluded(group: Group, membership: Membership) -> bool:
    """Whether the person may neither come nor ask to: banned, or outside of a group that takes nobody by itself."""
    if membership.state == "banned" or group.status == "closed":
        return True
    return not membership.active and group.join_mode == "closed"


def respond(
    desk: Desk,
    member_id: str,
    response: Response,
    guests: int,
    now: datetime,
    *,
    answers: tuple[str, ...] | None = None,
    place: Side | None = None,
) -> Seated | Refused:
    """Answer, or answer differently. Answering the same twice changes nothing.

    Who cannot come may still say so after RSVPs closed, until the event starts; and who is offered seats may claim
    them as long as the offer holds. answers: to the event's questions; None leaves what was said before. place: where
    somebody wants to be, if they come.
    """
    refused = shut(desk.terms, now)
    at = own(desk) if response == "no" else asked(desk, place)
    if isinstance(at, Refused):
        return refused or at
    desk = at
    claims = desk.rsvp is not None and holds(desk.terms, desk.rsvp, now) and desk.ledger.faces(desk.rsvp.room)
    if refused is CLOSED and now < desk.terms.starts and (response == "no" or claims):
        refused = None
    if refused is not None or response == "no":
        return refused or decline(desk, member_id, now)
    if answers is None:
        return come(desk, member_id, guests, now)
    if len(answers) > desk.terms.questions:
        return TOO_MANY_ANSWERS
    decided = come(desk, member_id, guests, now)
    if isinstance(decided, Refused) or answers == (() if desk.rsvp is None else desk.rsvp.answers):
        return decided
    return Seated(decided.ledger, (*decided.facts, Answered(member_id, answers)))


def holds(terms: Terms, rsvp: Rsvp, now: datetime) -> bool:
    """Whether seats are held for the person at this time."""
    return rsvp.offer is not None and now < min(rsvp.offer.until, terms.starts)


def come(desk: Desk, member_id: str, guests: int, now: datetime) -> Seated | Refused:
    """A yes, at whatever time and in the desk's room: a place if there is one, else a turn in line."""
    need = desk.terms.need(member_id, guests)
    if excluded(desk.group, desk.membership):
        return NOT_ALLOWED
    refused = _too_many(desk, guests, need)
    if refused is not None:
        return refused if _sees_inside(desk, member_id) else MORE_THAN_ALLOWED
    before = desk.rsvp
    if before is None or before.status == "no":
        return _come(desk, member_id, guests, need)
    if not desk.ledger.faces(before.room):
        return _go_over(desk, before, guests, need, now)
    if before.status != "offered" and before.guests == guests and before.seats == need:
        return Seated(desk.ledger)
    return _bring(desk, before, guests, need, now)


def _sees_inside(desk: Desk, member_id: str) -> bool:
    """Whether the event's numbers may be told to the person: an outsider of a private group hears none."""
    hosting = member_id in desk.terms.hosts
    return desk.group.visibility == "public" or may(desk.membership, hosting, Action.SEE_INSIDE)


def _too_many(desk: Desk, guests: int, need: int) -> Refused | None:
    """Who asks for no more than they have keeps it, whatever was lowered since."""
    before = desk.rsvp
    had_guests, had_seats = (0, 0)
    if before is not None and desk.ledger.faces(before.room):
        had_guests, had_seats = before.guests, before.seats
    too_many = crowd(desk, guests) if guests > had_guests else None
    if too_many is not None:
        return too_many
    if desk.ledger.capacity is not None and need > max(desk.ledger.capacity, had_seats):
        side = desk.terms.side(desk.ledger.room)
        where = "The event" if side is None else f"Its {side} side"
        return Refused("party-too-large", f"{where} has {desk.ledger.capacity} seats in all.")
    return None


def crowd(desk: Desk, guests: int) -> Refused | None:
    """Why somebody cannot bring so many to the desk's room, if so."""
    limit = desk.terms.limit(desk.ledger.room)
    return Refused("too-many-guests", f"At most {limit} guests per RSVP.") if guests > limit else None


def _come(desk: Desk, member_id: str, guests: int, need: int) -> Seated | Refused:
    """A newcomer, or somebody who comes back: a seat if nobody waits for it, else the end of the line."""
    ledger, membership = desk.ledger, desk.membership
    number = desk.number if desk.rsvp is None else desk.rsvp.number
    if number is None:
        return NO_NUMBERS
    was = None if desk.rsvp is None else desk.rsvp.status
    facts: list[Fact] = []
    kind: type[Change] = Confirmed
    position = None
    if not membership.active and desk.group.join_mode != "open":
        kind = Requested
    elif need and not (ledger.fits(need) and ledger.open_seats):
        kind, position = Waitlisted, ledger.waiting + 1
    status = _STATUS[kind]
    order, seq = ledger.order + 1, ledger.seq + 1
    seen, room = membership.version, ledger.room
    facts.append(kind(member_id, number, was, status, guests, need, 0, order, 0, seq, seen, position, room=room))
    if not membership.active and membership.state != "pending":
        facts.append(JoinAsked(desk.group.id, member_id, membership.version))
    return Seated(evolve(ledger, facts), tuple(facts))


_STATUS: dict[type[Change], Status] = {Requested: "requested", Confirmed: "yes", Waitlisted: "waitlist"}


def _bring(desk: Desk, before: Rsvp, guests: int, need: int, now: datetime) -> Seated | Refused:
    """The same answer with other guests. A place is never lost by it, and a turn in line neither."""
    ledger = desk.ledger
    if before.status == "offered" and not holds(desk.terms, before, now):
        return OFFER_EXPIRED
    if before.status in ("yes", "offered"):
        more = need - before.seats
        if more > 0 and not (ledger.fits(more) and ledger.open_seats):
            return NOT_ROOM_ENOUGH
        kind: type[Change] = Confirmed if before.status == "yes" else Promoted
        change = changed(kind, before, ledger, "yes", guests=guests, seats=need)
    elif before.status == "requested":
        return seated(ledger, [changed(Requested, before, ledger, "requested", guests=guests, seats=need)])
    elif need:
        position = place_in(ledger.head, before.member_id)
        change = changed(Waitlisted, before, ledger, "waitlist", guests=guests, seats=need, position=position)
    else:
        change = changed(Promoted, before, ledger, "yes", guests=guests, seats=0)
    return followed(desk, before, change, now) if need < before.seats else seated(ledger, [change])


def _go_over(desk: Desk, before: Rsvp, guests: int, need: int, now: datetime) -> Seated | Refused:
    """From the other side to the desk's: a seat that is free there, or for who waits the end of its line. A place, and
    seats that are held, are not given up for a turn."""
    ledger = desk.ledger
    if before.status == "requested":
        return seated(ledger, [changed(Requested, before, ledger, "requested", guests=guests, seats=need)])
    if not need or (ledger.open_seats and ledger.fits(need)):
        kind: type[Change] = Confirmed if before.status == "yes" else Promoted
        change = changed(kind, before, ledger, "yes", guests=guests, seats=need)
    elif before.status == "waitlist":
        position = ledger.waiting + 1
        change = changed(Waitlisted, before, ledger, "waitlist", guests=guests, seats=need, position=position)
    else:
        return SIDE_FULL
    return followed(desk, before, change, now)


def decline(desk: Desk, member_id: str, now: datetime) -> Seated | Refused:
    """Not coming. Said before anything else it is only noted; it asks for no membership."""
    before = desk.rsvp
    if before is not None:
        if before.status == "no":
            return Seated(desk.ledger)
        return gone(desk, before, left(Declined, before, desk.ledger), now)
    if excluded(desk.group, desk.membership):
        return NOT_ALLOWED
    if desk.number is None:
        return NO_NUMBERS
    ledger = desk.ledger
    seen = desk.membership.version
    change = Declined(member_id, desk.number, None, "no", 0, 0, 0, ledger.order + 1, 0, ledger.seq + 1, seen, None)
    return seated(ledger, [change])


def approve(desk: Desk, version: int, now: datetime) -> Seated:
    """The group let the person in: their request is decided, in line at its original time of asking.

    Also of an event that was called off: a date of a series may come back, and nobody asks a second time.

    version: of the membership that says so.
    """
    desk = own(desk)
    before, ledger, terms = desk.rsvp, desk.ledger, desk.terms
    if before is None or before.status != "requested" or terms.status == "draft" or now >= terms.ends:
        return Seated(ledger)
    seats = terms.need(before.member_id, before.guests)
    admitted = replace(before, seats=seats, seen=max(version, before.seen))
    if not seats or (ledger.fits(seats) and ledger.open_seats):
        return seated(ledger, [changed(Confirmed, admitted, ledger, "yes", guests=before.guests, seats=seats)])
    change = changed(Waitlisted, admitted, ledger, "waitlist", guests=before.guests, seats=seats)
    return followed(desk, before, change, now)


def release(desk: Desk, below: int, now: datetime) -> Seated:
    """The person is not in the group (any more): place, turn and request are free again, unless the event has begun.

    below: decisions that saw this membership version or a later one knew of it, and stand.
    """
    before = desk.rsvp
    if before is None or before.seen >= below:
        return Seated(desk.ledger)
    return _released(own(desk), before, now)


def erase(desk: Desk, now: datetime) -> Seated:
    """The person is forgotten: of an event that is still to come they leave whatever they hold."""
    return Seated(desk.ledger) if desk.rsvp is None else _released(own(desk), desk.rsvp, now)


def _released(desk: Desk, before: Rsvp, now: datetime) -> Seated:
    """Also of an event that was called off: a date of a series may come back, without them."""
    if before.status == "no" or desk.terms.status == "draft" or now >= desk.terms.starts:
        return Seated(desk.ledger)
    return gone(desk, before, left(Released, before, desk.ledger), now)
