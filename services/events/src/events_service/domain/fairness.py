"""How fair an event's waitlist was (behaviour 9.15): figures to which each decision adds what it did.

What is added is told from the decision's moves and the line as it stood, not by the rules that made them.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta
from math import log
from typing import Final

from chassis.frozen import frozen
from events_service.domain.move import Move, Turn
from events_service.domain.place import FIRST_ROOM, ROOMS
from events_service.domain.rsvp import Change, Fact
from events_service.domain.waitlist import Party

_WIDTH: Final = 1.1
"""Times until offers were claimed are kept in classes, each a tenth wider than the one below."""
_SUMMED: Final = (
    "moves",
    "inversions",
    "skips",
    "by_hand",
    "overrides",
    "promoted",
    "offers",
    "declined",
    "expired",
)


@frozen
class Tally:
    """moves: how many are counted; inversions: how often somebody came up before others who stood in front, fitted, and
    were not counted as passed: must be 0; skips: how often somebody was passed because they were too many; by_hand,
    overrides: places that leaders gave, and those of them over the capacity or before others; longest_wait: of those
    who came up; the others: offers made, claimed, declined, expired; how long claiming took at most, and how often it
    took about so long. Times in seconds.
    """

    moves: int = 0
    inversions: int = 0
    skips: int = 0
    by_hand: int = 0
    overrides: int = 0
    promoted: int = 0
    longest_wait: float | None = None
    offers: int = 0
    declined: int = 0
    expired: int = 0
    longest_claim: float | None = None
    claims: Mapping[int, int] = field(default_factory=dict)

    @property
    def claimed(self) -> int:
        return sum(self.claims.values())

    @property
    def median_claim(self) -> float | None:
        """To within a twentieth."""
        if self.longest_claim is None:
            return None
        half, seen = (self.claimed + 1) // 2, 0
        for grade in sorted(self.claims):
            seen += self.claims[grade]
            if seen >= half:
                return min(_WIDTH**grade, self.longest_claim)
        return self.longest_claim

    def longest_wait_by(self, now: datetime, first: datetime | None) -> float | None:
        """Also of those who still wait; first: when the first of them got their place in line."""
        return _longer(self.longest_wait, None if first is None else now - first)


def counted(
    tally: Tally, moves: Sequence[Move], facts: Sequence[Fact], line: Iterable[Party], room: int = FIRST_ROOM
) -> Tally:
    """A room's figures after a decision. moves: the decision's; line: the room's as it stood before, as far as the
    decision looked."""
    sizes = {party.order: party.seats for party in line}
    moved = {move.seq: move for move in moves if move.room == room}
    for fact in facts:
        if not isinstance(fact, Change):
            continue
        if fact.seq in moved:
            move = moved[fact.seq]
            tally = _with(tally, move, _passed_over(move, sizes), move.offered)
        if fact.status == "waitlist" and fact.room == room:
            sizes[fact.order] = fact.seats
        else:
            sizes.pop(fact.order if fact.left is None else fact.left.order, None)
    return tally


def together(tallies: Sequence[Tally]) -> Tally:
    """The figures of all rooms as one."""
    first, *others = tallies
    for other in others:
        summed = {name: getattr(first, name) + getattr(other, name) for name in _SUMMED}
        claims = {
            grade: first.claims.get(grade, 0) + other.claims.get(grade, 0) for grade in {*first.claims, *other.claims}
        }
        first = Tally(
            **summed,
            longest_wait=_longest(first.longest_wait, other.longest_wait),
            longest_claim=_longest(first.longest_claim, other.longest_claim),
            claims=claims,
        )
    return first


def tallies_of(moves: Sequence[Move], waiting: Sequence[Turn]) -> dict[int, Tally]:
    """Each room's figures from the whole log. moves: all of the event's, in order; waiting: who stands in line by now.

    Everybody stands in one line at a time.
    """
    return {
        room: _tally_of([move for move in moves if move.room == room], [turn for turn in waiting if turn.room == room])
        for room in ROOMS
    }


def skips_in(moves: Iterable[Move]) -> Counter[int]:
    """How often each turn was passed, by its order. moves: all of the event's."""
    return Counter(order for move in moves for order in move.passed)


def _tally_of(moves: Sequence[Move], waiting: Sequence[Turn]) -> Tally:
    offered: dict[str, datetime] = {}
    tally = Tally()
    for move in moves:
        tally = _with(tally, move, 0, offered.get(move.member_id))
        if move.status == "offered":
            offered[move.member_id] = move.at
    return replace(tally, inversions=_inversions(moves, waiting))


def _with(tally: Tally, move: Move, inversions: int, offered: datetime | None) -> Tally:
    """offered: when the offer was made that the move answers."""
    came_up = move.was == "waitlist" and move.status in ("yes", "offered")
    claims, longest = tally.claims, tally.longest_claim
    if move.was == "offered" and move.status == "yes" and move.by is None and offered is not None:
        took = move.at - offered
        grade = round(log(max(1.0, took.total_seconds()), _WIDTH))
        claims, longest = {**claims, grade: claims.get(grade, 0) + 1}, _longer(longest, took)
    return Tally(
        moves=tally.moves + 1,
        inversions=tally.inversions + inversions,
        skips=tally.skips + len(move.passed),
        by_hand=tally.by_hand + (move.by is not None and move.status == "yes"),
        overrides=tally.overrides + move.override,
        promoted=tally.promoted + move.follows,
        longest_wait=_longer(tally.longest_wait, move.at - move.asked if came_up else None),
        offers=tally.offers + (move.status == "offered"),
        declined=tally.declined + (move.was == "offered" and move.status == "no" and not move.expired),
        expired=tally.expired + move.expired,
        longest_claim=longest,
        claims=claims,
    )


def _longer(before: float | None, time: timedelta | None) -> float | None:
    return before if time is None else _longest(before, round(time.total_seconds(), 3))


def _longest(one: float | None, other: float | None) -> float | None:
    return max((time for time in (one, other) if time is not None), default=None)


def _passed_over(move: Move, line: Mapping[int, int]) -> int:
    """How many stood in front of who came up, fitted into the event, and were not counted. line: seats by order."""
    if not move.follows:
        return 0
    largest = float("inf") if move.capacity is None else move.capacity
    return sum(order < move.order and order not in move.passed and seats <= largest for order, seats in line.items())


def _inversions(moves: Sequence[Move], waiting: Sequence[Turn]) -> int:
    """Who stood in line at each decision, and with how many, follows from when they got there, changed and went."""
    line: list[int] = []
    sizes: dict[int, int] = {}
    wrong = 0
    for step in sorted(_steps(moves, waiting), key=lambda step: step.seq):
        place = bisect_left(line, step.order)
        if step.out is None:
            if step.order not in sizes:
                line.insert(place, step.order)
            sizes[step.order] = step.seats
            continue
        if step.out.follows:
            wrong += _passed_over(step.out, {order: sizes[order] for order in line[:place]})
        del line[place], sizes[step.order]
    return wrong


@frozen
class _Step:
    """Somebody gets into line or is another number of people there; out: or leaves it."""

    seq: int
    order: int
    seats: int
    out: Move | None = None


def _steps(moves: Sequence[Move], waiting: Sequence[Turn]) -> Iterator[_Step]:
    turns: dict[int, list[Move]] = {}
    for move in moves:
        if move.was == "waitlist":
            turns.setdefault(move.order, []).append(move)
    now = {turn.order: turn for turn in waiting}
    for order in turns.keys() | now.keys():
        own, turn = turns.get(order, []), now.get(order)
        sizes = [move.seats for move in own] + ([] if turn is None else [turn.seats])
        lined = own[0].lined if own else now[order].lined
        yield _Step(lined, order, sizes[0])
        for place, move in enumerate(own, 1):
            if move.status == "waitlist":
                yield _Step(move.seq, order, sizes[place])
            else:
                yield _Step(move.seq, order, 0, move)
