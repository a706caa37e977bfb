"""Who follows when seats are free: from the head of the line, as far as one decision goes (behaviour 9)."""

from collections.abc import Sequence
from dataclasses import replace

from events_service.domain.desk import Desk, Seated
from events_service.domain.rsvp import (
    Change,
    DrainLeft,
    Fact,
    HeadRenewed,
    Ledger,
    Passed,
    Promoted,
    Rsvp,
    Status,
    evolve,
    rsvp_after,
)
from events_service.domain.waitlist import HEAD, REACH, Party, drain


def drain_further(desk: Desk, line: Sequence[Party]) -> Seated:
    """Go on draining, over the first `REACH` of the line. Whoever is looked at in vain ends it."""
    if desk.terms.status != "published":
        stopped: list[Fact] = [HeadRenewed(desk.ledger.head, due=False)]
        return Seated(evolve(desk.ledger, stopped), tuple(stopped))
    drained = drain(line, seats=desk.ledger.seats, capacity=desk.ledger.capacity, max_skips=desk.terms.max_skips)
    facts = _promotions(desk, desk.ledger, drained.promoted)
    facts += [Passed(party.member_id, party.order, party.skips) for party in drained.skipped]
    due = len(line) >= REACH and bool(drained.promoted) and drained.more
    facts.append(HeadRenewed(drained.line[:HEAD], due))
    if due:
        facts.append(DrainLeft(desk.ledger.seq + len(drained.promoted)))
    return Seated(evolve(desk.ledger, facts), tuple(facts))


def follow(desk: Desk, ledger: Ledger) -> list[Fact]:
    """Who takes the seats that are free now: from the head of the line, or by a continuation when that runs short."""
    if ledger.due or not ledger.waiting or (ledger.capacity is not None and ledger.seats >= ledger.capacity):
        return []
    drained = drain(ledger.head, seats=ledger.seats, capacity=ledger.capacity, max_skips=desk.terms.max_skips)
    facts = _promotions(desk, ledger, drained.promoted)
    facts += [Passed(party.member_id, party.order, party.skips) for party in drained.skipped]
    if drained.more and ledger.waiting > len(ledger.head):
        facts.append(DrainLeft(ledger.seq + len(drained.promoted)))
    return facts


def followed(desk: Desk, before: Rsvp, change: Change) -> Seated:
    """A change that may free something, and who follows; the changed party itself may be among them."""
    after = evolve(desk.ledger, [change])
    more = follow(replace(desk, rsvp=rsvp_after(before, change)), after)
    if not more:
        return Seated(after, (change,))
    return Seated(evolve(after, more), (change, *more))


def _promotions(desk: Desk, ledger: Ledger, parties: Sequence[Party]) -> list[Fact]:
    facts: list[Fact] = []
    own = desk.rsvp
    for seq, party in enumerate(parties, ledger.seq + 1):
        rsvp = own if own is not None and own.member_id == party.member_id else desk.rsvp_of(party.member_id)
        if rsvp is None:
            raise LookupError(f"{party.member_id} stands in line without an RSVP")
        facts.append(changed(Promoted, rsvp, ledger, "yes", guests=rsvp.guests, seats=party.seats, seq=seq))
    return facts


def changed(
    kind: type[Change],
    before: Rsvp,
    ledger: Ledger,
    status: Status,
    *,
    guests: int,
    seats: int,
    position: int | None = None,
    seq: int | None = None,
) -> Change:
    """The next change of an RSVP that there is. seq: other than the ledger's next one."""
    return kind(
        member_id=before.member_id,
        number=before.number,
        was=before.status,
        status=status,
        guests=guests,
        seats=seats,
        had=before.seats if before.status == "yes" else 0,
        order=before.order,
        skips=before.skips if status == "waitlist" else 0,
        seq=ledger.seq + 1 if seq is None else seq,
        seen=before.seen,
        position=position,
    )
