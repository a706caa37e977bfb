"""What must hold of a waitlist, told without its model: of every decision, and of the event between two."""

from collections.abc import Collection, Iterable, Mapping

from events_service.domain.desk import Seated
from events_service.domain.ledger import Ledger, evolve
from events_service.domain.rsvp import Admitted, Change, Fact, Offered, Promoted, Rsvp
from events_service.domain.waitlist import HEAD, REACH, HeadRenewed, Party, Passed


def too_large(side: Ledger, rsvp: Rsvp) -> bool:
    """Whether they are too many for all the seats that there are."""
    return side.capacity is not None and rsvp.seats > side.capacity


def of(side: Ledger, rsvps: Iterable[Rsvp]) -> list[Rsvp]:
    """Everybody in the room that the ledger shows."""
    return [rsvp for rsvp in rsvps if side.faces(rsvp.room)]


def in_line(side: Ledger, rsvps: Iterable[Rsvp]) -> list[Rsvp]:
    return sorted((r for r in of(side, rsvps) if r.status == "waitlist"), key=lambda r: r.order)


def every_decision(ledger: Ledger, rsvps: Mapping[str, Rsvp], seated: Seated, *, max_skips: int) -> None:
    """ledger, rsvps: as they were before it."""
    assert evolve(ledger, seated.facts) == seated.ledger.facing(ledger.room)
    changes = [fact for fact in seated.facts if isinstance(fact, Change)]
    assert [fact.seq for fact in changes] == list(range(ledger.seq + 1, ledger.seq + 1 + len(changes)))
    for side in ledger.each():
        there = of(side, rsvps.values())
        orders = _of_side(side, there, [fact for fact in changes if side.faces(fact.room)], seated.facts)
        _by_order(side, there, orders, seated.facts, max_skips=max_skips)


def _of_side(side: Ledger, there: Collection[Rsvp], changes: list[Change], facts: tuple[Fact, ...]) -> list[int]:
    """side: as it was before the decision; changes: about it. The orders of those who follow and take seats."""
    came = [fact for fact in changes if fact.left is not None or fact.was in (None, "no")]
    stood = [fact for fact in changes if fact.left is None and fact.was == "waitlist"]
    followers = [fact for fact in stood if isinstance(fact, Promoted | Offered)]
    continues = any(isinstance(fact, HeadRenewed) and side.faces(fact.room) for fact in facts)
    assert len(followers) <= (REACH if continues else HEAD)
    orders = [fact.order for fact in followers if fact.seats]
    assert orders == sorted(orders)
    if side.due and not continues:
        assert not orders
    for fact in came:
        if fact.status == "yes" and fact.seats and not isinstance(fact, Admitted):
            assert all(too_large(side, rsvp) for rsvp in in_line(side, there)), "a newcomer passes the line"
            assert not side.due
    return orders


def _by_order(
    side: Ledger, there: Collection[Rsvp], orders: list[int], facts: tuple[Fact, ...], *, max_skips: int
) -> None:
    """Whoever follows passes only those who are too many for the seats that are free, and they are told so."""
    if not orders:
        return
    passed = {fact.order: fact.skips for fact in facts if isinstance(fact, Passed) and side.faces(fact.room)}
    concerned = {fact.member_id for fact in facts if isinstance(fact, Change)}
    for rsvp in there:
        if rsvp.status != "waitlist" or rsvp.member_id in concerned or rsvp.order > orders[-1]:
            continue
        if too_large(side, rsvp):
            continue
        by = sum(order > rsvp.order for order in orders)
        assert passed.get(rsvp.order) == rsvp.skips + by
        assert rsvp.skips + by <= max_skips


def the_ledger_counts_right(ledger: Ledger, rsvps: Mapping[str, Rsvp]) -> None:
    """Of the room that it shows, and offers of all."""
    line, seats, held = in_line(ledger, rsvps.values()), 0, 0
    for rsvp in of(ledger, rsvps.values()):
        seats += rsvp.seats if rsvp.status == "yes" else 0
        held += rsvp.seats if rsvp.status == "offered" else 0
    offers = [rsvp.offer.until for rsvp in rsvps.values() if rsvp.offer is not None]
    assert (ledger.seats, ledger.held, ledger.offers) == (seats, held, len(offers))
    assert (ledger.lapses is None) == (not offers)
    assert ledger.lapses is None or ledger.lapses <= min(offers)
    assert ledger.capacity is None or seats + held <= ledger.capacity + ledger.over
    assert ledger.waiting == len(line)
    front = [Party(r.order, r.member_id, r.seats, r.skips) for r in line[: len(ledger.head)]]
    assert list(ledger.head) == front
    assert len(front) <= HEAD


def freed_seats_are_used_or_held_for_who_was_passed_too_often(
    side: Ledger, line: list[Rsvp], *, max_skips: int
) -> None:
    for rsvp in line:
        if too_large(side, rsvp):
            continue
        assert not side.fits(rsvp.seats)
        if rsvp.skips >= max_skips:
            return
