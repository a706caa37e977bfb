"""The ledger of an event: what RSVPs move, and how each fact moves it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chassis.frozen import frozen
from events_service.domain.place import FIRST_ROOM
from events_service.domain.rsvp import (
    Admitted,
    Change,
    Declined,
    Fact,
    JoinAsked,
    Kept,
    KeptDone,
    Offered,
    OffersSeen,
    Shown,
)
from events_service.domain.waitlist import DrainLeft, HeadRenewed, Left, Party, Passed, joined, too_large, without


@frozen
class Room:
    """The seats of one side and the line for them. The same words as in a ledger."""

    number: int
    capacity: int | None = None
    seats: int = 0
    waiting: int = 0
    head: tuple[Party, ...] = ()
    due: bool = False
    held: int = 0
    over: int = 0

    @property
    def empty(self) -> bool:
        """Whether nobody takes a seat, holds one or waits."""
        return not (self.seats or self.held or self.waiting)


@frozen
class Ledger:
    """What RSVPs move: seats used, the line, and the running numbers.

    waiting: parties in line; head: the first of them; due: a continuation is under way, it drains before anybody
    else is seated; order, seq: the last ones given; kept: public changes that wait for a number, the places of the
    first that waits and of the last ever kept (none waits when the first is beyond the last). held: seats that offers
    hold; offers: how many there are; lapses: no offer expires earlier; over: seats beyond the capacity that leaders
    have given.

    An event with two sides has seats and a line for each, and one of all the rest: its ledger shows the one room, with
    the other `beside`, and can be turned. room: the number of the one it shows.
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
    room: int = FIRST_ROOM
    beside: Room | None = None
    held: int = 0
    offers: int = 0
    lapses: datetime | None = None
    over: int = 0

    def facing(self, room: int) -> "Ledger":
        """The ledger that shows this room. One without another stays as it is."""
        return self if self.faces(room) or self.beside is None else self._showing(self.beside, self.shown)

    def faces(self, room: int) -> bool:
        """Whether it shows this room, or there is no other."""
        return self.beside is None or self.room == room

    @property
    def shown(self) -> Room:
        """What it shows, as a room."""
        return Room(
            self.room, self.capacity, self.seats, self.waiting, self.head, self.due, held=self.held, over=self.over
        )

    def _showing(self, room: Room, beside: Room | None) -> "Ledger":
        return replace(
            self,
            room=room.number,
            beside=beside,
            capacity=room.capacity,
            seats=room.seats,
            waiting=room.waiting,
            head=room.head,
            due=room.due,
            held=room.held,
            over=room.over,
        )

    def each(self) -> tuple["Ledger", ...]:
        """The ledger from every side, this one first."""
        return (self,) if self.beside is None else (self, self.facing(self.beside.number))

    def arranged(self, room: int, capacity: int | None, beside: tuple[int, int | None] | None = None) -> "Ledger":
        """With these rooms and capacities, by their numbers; those that are there keep what they have."""
        if self.beside is None and beside is None and self.room == room:
            return self.of_capacity(capacity)
        known = {one.room: one.shown for one in self.each()}
        shown = self._showing(known.get(room, Room(room)), None).of_capacity(capacity)
        if beside is None:
            return shown
        number, other = beside
        return replace(shown, beside=self._showing(known.get(number, Room(number)), None).of_capacity(other).shown)

    def of_capacity(self, capacity: int | None) -> "Ledger":
        """With another capacity. What is within it by now is no longer beyond it."""
        return replace(self, capacity=capacity, over=min(self.over, _excess(capacity, self.seats + self.held)))

    def fits(self, seats: int) -> bool:
        return self.capacity is None or self.seats + self.held + seats <= self.capacity

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
        return self.passes_nobody(None)

    def passes_nobody(self, order: int | None) -> bool:
        """Whether nobody who could ever have a seat stands before this place in line; False where that is not known.

        order: None = behind everybody who waits.
        """
        if self.due:
            return False
        ahead = self.head if order is None else tuple(party for party in self.head if party.order < order)
        if len(ahead) == len(self.head) < self.waiting:
            return False
        return not ahead or too_large(ahead, self.capacity)


def evolve(ledger: Ledger, facts: Sequence[Fact]) -> Ledger:
    """The ledger after the facts, showing what it showed."""
    if ledger.beside is not None:
        return _by_room(ledger, facts)
    for fact in facts:
        ledger = _after(ledger, fact)
    return ledger


def _after(ledger: Ledger, fact: Fact) -> Ledger:
    if isinstance(fact, Change):
        return _moved(ledger, fact)
    return ledger if isinstance(fact, JoinAsked | Shown) else _noted(ledger, fact)


def _by_room(ledger: Ledger, facts: Sequence[Fact]) -> Ledger:
    """Each fact where it belongs; who goes to the other side gives up what they had at the one they come from."""
    shown = ledger.room
    for fact in facts:
        told = fact
        if isinstance(told, Change):
            if told.left is not None:
                ledger = _moved(ledger.facing(told.left.room), _leaving(told, told.left))
                told = replace(told, was=None, had=0)
            ledger = ledger.facing(told.room)
        elif isinstance(told, Passed | HeadRenewed | DrainLeft):
            ledger = ledger.facing(told.room)
        ledger = _after(ledger, told)
    return ledger.facing(shown)


def _leaving(change: Change, left: Left) -> Change:
    who, was, had = change.member_id, change.was, change.had
    return Declined(who, change.number, was, "no", 0, 0, had, left.order, 0, change.seq, change.seen, None)


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
        ledger.room,
        ledger.beside,
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
