"""The ledger of an event: what RSVPs move, and how each fact moves it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chassis.frozen import frozen
from events_service.domain.rsvp import (
    Admitted,
    Change,
    DrainLeft,
    Fact,
    HeadRenewed,
    JoinAsked,
    Kept,
    KeptDone,
    Offered,
    OffersSeen,
    Passed,
    Shown,
)
from events_service.domain.waitlist import Party, joined, too_large, without


@frozen
class Ledger:
    """What RSVPs move: seats used, the line, and the running numbers.

    waiting: parties in line; head: the first of them; due: a continuation is under way, it drains before anybody
    else is seated; order, seq: the last ones given; kept: public changes that wait for a number, the places of the
    first that waits and of the last ever kept (none waits when the first is beyond the last). held: seats that offers
    hold; offers: how many there are; lapses: no offer expires earlier; over: seats beyond the capacity that leaders
    have given.
    """

    capacity: int | None
    seats: int = 0
    waiting: int = 0
    order: int = 0
    seq: int = 0
    head: tuple[Party, ...] = ()
    due: bool = False
    kept_first: int = 1
    kept_last: int = 0
    held: int = 0
    offers: int = 0
    lapses: datetime | None = None
    over: int = 0

    def fits(self, seats: int) -> bool:
        return self.capacity is None or self.seats + self.held + seats <= self.capacity

    def of_capacity(self, capacity: int | None) -> "Ledger":
        """With another capacity. What is within it by now is no longer beyond it."""
        return replace(self, capacity=capacity, over=min(self.over, _excess(capacity, self.seats + self.held)))

    def watched(self, now: datetime) -> "Ledger":
        """Offers that nobody looks after, because the event was not on, are looked at from now on."""
        return replace(self, lapses=now) if self.offers and self.lapses is None else self

    @property
    def oversold(self) -> bool:
        """Whether more seats are taken than there are and than leaders have given beyond."""
        return self.capacity is not None and self.seats + self.held > self.capacity + self.over

    @property
    def full(self) -> bool:
        """Whether no seat is free, for whomever."""
        return self.capacity is not None and self.seats + self.held >= self.capacity

    @property
    def open_seats(self) -> bool:
        """Whether a newcomer may take a seat at all: nobody waits for it who could ever have it."""
        if self.due:
            return False
        return not self.waiting or (self.waiting == len(self.head) and too_large(self.head, self.capacity))


def evolve(ledger: Ledger, facts: Sequence[Fact]) -> Ledger:
    """The ledger after the facts."""
    for fact in facts:
        if isinstance(fact, Change):
            ledger = _moved(ledger, fact)
        elif not isinstance(fact, JoinAsked | Shown):
            ledger = _noted(ledger, fact)
    return ledger


def _moved(ledger: Ledger, change: Change) -> Ledger:
    head, waiting = ledger.head, ledger.waiting
    if change.was == "waitlist" or change.status == "waitlist":
        head, waiting = _line_after(head, waiting, change)
    # most events have neither offers nor overrides
    plain = not (ledger.offers or ledger.over or isinstance(change, Offered | Admitted))
    took = 0 if change.was == "offered" else change.had
    seats = ledger.seats + (change.seats if change.status == "yes" else 0) - took
    after = Ledger(
        ledger.capacity,
        seats,
        waiting,
        max(ledger.order, change.order),
        change.seq,
        head,
        ledger.due,
        ledger.kept_first,
        ledger.kept_last,
    )
    return after if plain else _with_offers(ledger, after, change)


def _with_offers(before: Ledger, after: Ledger, change: Change) -> Ledger:
    held, offers, lapses = before.held, before.offers, before.lapses
    if change.was == "offered":
        held, offers = held - change.had, offers - 1
    if isinstance(change, Offered):
        held, offers = held + change.seats, offers + 1
        lapses = change.until if lapses is None else min(lapses, change.until)
    over = _over(before, change, after.seats + held)
    return replace(after, held=held, offers=offers, lapses=lapses if offers else None, over=over)


def _over(ledger: Ledger, change: Change, taken: int) -> int:
    """Only an override lets more seats be taken than there are."""
    excess = _excess(ledger.capacity, taken)
    return excess if isinstance(change, Admitted) and change.override else min(ledger.over, excess)


def _excess(capacity: int | None, taken: int) -> int:
    return 0 if capacity is None else max(0, taken - capacity)


def _noted(ledger: Ledger, fact: Fact) -> Ledger:
    after: dict[str, Any] = {}
    match fact:
        case Kept():
            after = {"kept_last": fact.place}
        case KeptDone():
            after = {"kept_first": fact.last + 1}
        case Passed():
            after = {"head": tuple(p._replace(skips=fact.skips) if p.order == fact.order else p for p in ledger.head)}
        case HeadRenewed():
            after = {"head": fact.head, "due": fact.due}
        case DrainLeft():
            after = {"due": True}
        case OffersSeen():
            after = {"lapses": fact.lapses if ledger.offers else None}
    return replace(ledger, **after) if after else ledger


def _line_after(head: tuple[Party, ...], waiting: int, change: Change) -> tuple[tuple[Party, ...], int]:
    if change.was == "waitlist":
        head, waiting = without(head, change.member_id), waiting - 1
    if change.status == "waitlist":
        party = Party(change.order, change.member_id, change.seats, change.skips)
        head, waiting = joined(head, waiting, party), waiting + 1
    return head, waiting
