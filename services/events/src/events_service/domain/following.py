"""Who follows when seats are free: from the head of the line, as far as one decision goes (behaviour 9.5 to 9.8)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from events_service.domain.desk import Desk, Seated, seated
from events_service.domain.ledger import Ledger, evolve
from events_service.domain.promotion import expiry, way
from events_service.domain.rsvp import (
    Change,
    Fact,
    Offered,
    Promoted,
    Rsvp,
    Status,
    rsvp_after,
)
from events_service.domain.waitlist import HEAD, REACH, Drained, DrainLeft, HeadRenewed, Left, Party, Passed, drain


def drain_further(desk: Desk, line: Sequence[Party], now: datetime) -> Seated:
    """Go on draining the line of the desk's room, over its first `REACH`. Whoever is looked at in vain ends it."""
    terms, ledger = desk.terms, desk.ledger
    room = ledger.room
    if terms.status != "published" or way(terms.promotion, terms.starts, now) == "hand":
        return seated(ledger, [HeadRenewed(tuple(line[:HEAD]), due=False, room=room)])
    drained = _drained(desk, ledger, line)
    facts = _followers(desk, ledger, drained, now)
    due = len(line) >= REACH and bool(drained.promoted) and drained.more
    facts.append(HeadRenewed(drained.line[:HEAD], due, room))
    if due:
        facts.append(DrainLeft(ledger.seq + len(drained.promoted), room))
    return seated(ledger, facts)


def follow(desk: Desk, ledger: Ledger, now: datetime) -> list[Fact]:
    """Who takes the seats that are free now in the ledger's room: from the head of its line, or by a continuation when
    that runs short.

    Nobody where a leader has to choose, or of an event that is not on.
    """
    if desk.terms.status != "published" or ledger.due or not ledger.waiting or ledger.full:
        return []
    if way(desk.terms.promotion, desk.terms.starts, now) == "hand":
        return []
    drained = _drained(desk, ledger, ledger.head)
    facts = _followers(desk, ledger, drained, now)
    if drained.more and ledger.waiting > len(ledger.head):
        facts.append(DrainLeft(ledger.seq + len(drained.promoted), ledger.room))
    return facts


def followed(desk: Desk, before: Rsvp | None, change: Change, now: datetime) -> Seated:
    """A change that may free something, and who follows; the changed party itself may be among them."""
    after = evolve(desk.ledger, [change])
    freed = after if change.left is None else after.facing(change.left.room)
    more = follow(replace(desk, rsvp=rsvp_after(before, change)), freed, now)
    if not more:
        return Seated(after, (change,))
    return Seated(evolve(after, more), (change, *more))


def gone(desk: Desk, before: Rsvp, change: Change, now: datetime) -> Seated:
    """A place, an offer or a turn given up lets others follow; a request held neither."""
    if before.status == "requested":
        return seated(desk.ledger, [change])
    return followed(desk, before, change, now)


def changed(
    kind: Callable[..., Change],
    before: Rsvp,
    ledger: Ledger,
    status: Status,
    *,
    guests: int,
    seats: int,
    position: int | None = None,
    seq: int | None = None,
) -> Change:
    """kind: of change, with whatever else that kind says filled in.

    Somebody whose RSVP is in the other room than the ledger's goes over to this one, and asks only now.
    """
    left, order, skips = None, before.order, before.skips
    if not ledger.faces(before.room):
        left, order, skips = Left(before.room, before.order), ledger.order + 1, 0
    return kind(
        member_id=before.member_id,
        number=before.number,
        was=before.status,
        status=status,
        guests=guests,
        seats=seats,
        had=before.taken,
        order=order,
        skips=skips if status == "waitlist" else 0,
        seq=ledger.seq + 1 if seq is None else seq,
        seen=before.seen,
        position=position,
        room=ledger.room,
        left=left,
    )


def left(kind: Callable[..., Change], before: Rsvp, ledger: Ledger) -> Change:
    """Whatever they held, they hold it no more."""
    return changed(kind, before, ledger, "no", guests=0, seats=0)


def _drained(desk: Desk, ledger: Ledger, line: Sequence[Party]) -> Drained:
    taken, skips = ledger.seats + ledger.held, desk.terms.promotion.max_skips
    return drain(line, seats=taken, capacity=ledger.capacity, max_skips=skips)


def _followers(desk: Desk, ledger: Ledger, drained: Drained, now: datetime) -> list[Fact]:
    """Those who are let in, or asked whether they still come; and those who were passed."""
    facts: list[Fact] = []
    terms, own = desk.terms, desk.rsvp
    offers = bool(drained.promoted) and way(terms.promotion, terms.starts, now) == "offer"
    until = expiry(terms.promotion, terms.starts, now) if offers else now
    for seq, party in enumerate(drained.promoted, ledger.seq + 1):
        rsvp = own if own is not None and own.member_id == party.member_id else desk.rsvp_of(party.member_id)
        if rsvp is None:
            raise LookupError(f"{party.member_id} stands in line without an RSVP")
        if offers:
            kind = partial(Offered, offer=seq, until=until)
            facts.append(changed(kind, rsvp, ledger, "offered", guests=rsvp.guests, seats=party.seats, seq=seq))
        else:
            facts.append(changed(Promoted, rsvp, ledger, "yes", guests=rsvp.guests, seats=party.seats, seq=seq))
    facts += [Passed(party.member_id, party.order, party.skips, ledger.room) for party in drained.skipped]
    return facts
