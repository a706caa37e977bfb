"""Seats when hosts come and go: hosts take none, whoever stops hosting needs one."""

from collections.abc import Callable, Iterable

from events_service.domain.refusal import Refused
from events_service.domain.rsvp import Change, Confirmed, Ledger, Promoted, Rsvp, Terms, Waitlisted, evolve

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
        if rsvp is None or rsvp.status not in ("yes", "waitlist"):
            continue
        change = _reseated(terms, ledger, rsvp)
        ledger = evolve(ledger, [change])
        changes.append(change)
    if ledger.capacity is not None and ledger.seats > ledger.capacity:
        return NO_SEAT
    return changes


def _reseated(terms: Terms, ledger: Ledger, rsvp: Rsvp) -> Change:
    """The same answer with the seats it takes now; who waits for no seat has a place."""
    need = terms.need(rsvp.member_id, rsvp.guests)
    waits = rsvp.status == "waitlist"
    kind: type[Change] = Confirmed
    if waits:
        kind = Waitlisted if need else Promoted
    return kind(
        member_id=rsvp.member_id,
        number=rsvp.number,
        was=rsvp.status,
        status="waitlist" if kind is Waitlisted else "yes",
        guests=rsvp.guests,
        seats=need,
        had=0 if waits else rsvp.seats,
        order=rsvp.order,
        skips=rsvp.skips if kind is Waitlisted else 0,
        seq=ledger.seq + 1,
        seen=rsvp.seen,
        position=None,
    )
