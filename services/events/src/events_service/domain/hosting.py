"""Seats when hosts come and go: hosts take none, whoever stops hosting needs one."""

from collections.abc import Callable, Iterable
from functools import partial

from events_service.domain.following import changed
from events_service.domain.ledger import Ledger, evolve
from events_service.domain.refusal import Refused
from events_service.domain.rsvp import Change, Confirmed, Offered, Promoted, Rsvp, Status, Terms, Waitlisted

NO_SEAT = Refused("host-needs-a-seat", "There is no free seat for somebody who would no longer be a host.")


def reseat(
    terms: Terms, ledger: Ledger, before: Iterable[str], rsvp_of: Callable[[str], Rsvp | None]
) -> list[Change] | Refused:
    """What the seats of new and former hosts come to; `terms` has the hosts as they are from now on.

    Refused when the former hosts' seats would oversell the event.
    """
    old, new = set(before), set(terms.hosts)
    changes: list[Change] = []
    # Who begins to host goes first: their seats are free for those who stop.
    for member_id in (*sorted(new - old), *sorted(old - new)):
        rsvp = rsvp_of(member_id)
        if rsvp is None or rsvp.status not in ("yes", "waitlist", "offered"):
            continue
        ledger = ledger.facing(rsvp.room)
        change = _reseated(terms, ledger, rsvp)
        ledger = evolve(ledger, [change])
        changes.append(change)
    return NO_SEAT if any(side.oversold for side in ledger.each()) else changes


def _reseated(terms: Terms, ledger: Ledger, rsvp: Rsvp) -> Change:
    """The same answer with the seats it takes now; who needs none has a place."""
    need = terms.need(rsvp.member_id, rsvp.guests)
    kind: Callable[..., Change] = Confirmed
    status: Status = "yes"
    if rsvp.status != "yes":
        kind = Promoted
        if need:
            status = rsvp.status
            kind = Waitlisted if rsvp.offer is None else partial(Offered, offer=rsvp.offer.seq, until=rsvp.offer.until)
    return changed(kind, rsvp, ledger, status, guests=rsvp.guests, seats=need)
