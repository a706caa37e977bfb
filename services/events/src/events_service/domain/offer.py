"""Offers: seats held for who waited, until they are claimed, declined or expire (behaviour 9.8)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from events_service.domain.admission import NOT_ALLOWED, OFFER_EXPIRED, excluded, holds, over
from events_service.domain.desk import Desk, Seated, own, seated
from events_service.domain.following import changed, follow, gone, left
from events_service.domain.ledger import evolve
from events_service.domain.refusal import Refused
from events_service.domain.rsvp import Declined, Expired, Fact, OffersSeen, Promoted, Rsvp
from events_service.domain.waitlist import REACH

UNKNOWN_OFFER = Refused("unknown-offer", "There is no such offer for you.")
OFFER_OVER = Refused("offer-over", "This offer is over: it was answered, or it has expired.")


def accept(desk: Desk, offer: int, now: datetime) -> Seated | Refused:
    """Claim the seats. Claiming twice changes nothing. offer: its `seq`."""
    desk = own(desk)
    before = _offered(desk, offer, now, answered="yes")
    if not isinstance(before, Rsvp):
        return before
    if excluded(desk.group, desk.membership):
        return NOT_ALLOWED
    if not holds(desk.terms, before, now):
        return OFFER_EXPIRED
    return seated(
        desk.ledger, [changed(Promoted, before, desk.ledger, "yes", guests=before.guests, seats=before.seats)]
    )


def decline(desk: Desk, offer: int, now: datetime) -> Seated | Refused:
    """Leave the seats to the next in line. Declining twice changes nothing. offer: its `seq`."""
    desk = own(desk)
    before = _offered(desk, offer, now, answered="no")
    if not isinstance(before, Rsvp):
        return before
    return gone(desk, before, left(Declined, before, desk.ledger), now)


def _offered(desk: Desk, offer: int, now: datetime, *, answered: str) -> Rsvp | Seated | Refused:
    """The RSVP that still has this offer; `answered`: the status of somebody who has said the same before."""
    rsvp, refused = desk.rsvp, over(desk.terms, now)
    if refused is not None:
        return refused
    if rsvp is None or offer > rsvp.seq:
        return UNKNOWN_OFFER
    if rsvp.offer is None or rsvp.offer.seq != offer:
        return Seated(desk.ledger) if rsvp.status == answered else OFFER_OVER
    return rsvp


def lapse(desk: Desk, held: Sequence[Rsvp], now: datetime) -> Seated:
    """Whoever has not claimed their seats in time has lost their turn, and the next in line follow.

    held: those with offers, the first to expire first, at most `REACH`; those made in the same batch are not among
    them, and are looked at again. Of an event that is not on nothing expires.
    """
    if desk.terms.status != "published":
        return seated(desk.ledger, [OffersSeen(None, more=False)])
    late = [rsvp for rsvp in held if rsvp.offer is not None and rsvp.offer.until <= now]
    waiting = [rsvp.offer.until for rsvp in held if rsvp.offer is not None and rsvp.offer.until > now]
    ledger, facts = desk.ledger, list[Fact]()
    for rsvp in late:
        ledger = ledger.facing(rsvp.room)
        change = left(Expired, rsvp, ledger)
        ledger = evolve(ledger, [change])
        facts.append(change)
    full = len(held) >= REACH
    more = full and not waiting
    if more or (not full and ledger.offers > len(waiting)):
        waiting.append(now)
    facts.append(OffersSeen(min(waiting, default=None), more))
    ledger = evolve(ledger, facts[-1:])
    for room in sorted({rsvp.room for rsvp in late}):
        ledger = ledger.facing(room)
        followers = follow(replace(desk, rsvp=None), ledger, now)
        ledger = evolve(ledger, followers)
        facts += followers
    return Seated(ledger, tuple(facts))
