"""The RSVP button: one computed state of event, group, member and time (behaviour 9.11)."""

from datetime import datetime
from typing import Literal

from events_service.domain.admission import excluded, holds
from events_service.domain.group import Group, Membership
from events_service.domain.ledger import Ledger
from events_service.domain.rsvp import Rsvp, Terms

State = Literal[
    "cancelled",
    "past",
    "not_open_yet",
    "closed",
    "not_allowed",
    "requested",
    "open_joins",
    "open_requests",
    "full",
    "waitlist",
    "offered",
    "yes",
    "no",
    "open",
]


def rsvp_state(
    terms: Terms, ledger: Ledger, group: Group, membership: Membership, *, rsvp: Rsvp | None, now: datetime
) -> State:
    """What the person can do, or has done, about the event. Their own standing goes before what others could do, and
    seats that are held for them before closing time. An event with two sides is full when both are."""
    closed = _closed(terms, now)
    if closed in (None, "closed") and rsvp is not None and holds(terms, rsvp, now):
        return "offered"
    if closed is not None:
        return closed
    if rsvp is not None and rsvp.status in ("requested", "waitlist", "yes"):
        return rsvp.status
    return _open(ledger, group, membership, answered=rsvp is not None)


def _open(ledger: Ledger, group: Group, membership: Membership, *, answered: bool) -> State:
    if excluded(group, membership):
        return "not_allowed"
    if not membership.active:
        return "open_joins" if group.join_mode == "open" else "open_requests"
    if not any(has_room(side) for side in ledger.each()):
        return "full"
    return "no" if answered else "open"


def has_room(ledger: Ledger) -> bool:
    """Whether somebody who comes by themselves would have a seat in the ledger's room at once."""
    return ledger.open_seats and ledger.fits(1)


def _closed(terms: Terms, now: datetime) -> State | None:
    if terms.status == "cancelled":
        return "cancelled"
    if now >= terms.ends:
        return "past"
    if terms.status == "draft" or (terms.opens is not None and now < terms.opens):
        return "not_open_yet"
    return "closed" if now >= terms.closes else None
