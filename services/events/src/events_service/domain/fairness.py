"""How fair an event's waitlist was, told from its moves alone, not by the rules that made them (behaviour 9.15)."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from statistics import median

from chassis.frozen import frozen
from events_service.domain.move import Move, Turn
from events_service.domain.place import ROOMS


@frozen
class Fairness:
    """inversions: how often somebody came up before others who stood in front, fitted, and were not counted as
    passed: must be 0; skips: how often somebody was passed because they were too many; by_hand, overrides: places
    that leaders gave, and those of them over the capacity or before others; longest_wait: of those who came up and
    of those who still wait; the others: offers made, claimed, declined, expired, and how long claiming took.
    """

    inversions: int
    skips: int
    by_hand: int
    overrides: int
    promoted: int
    longest_wait: timedelta | None
    offers: int
    claimed: int
    declined: int
    expired: int
    median_claim: timedelta | None
    longest_claim: timedelta | None


def fairness(moves: Sequence[Move], waiting: Sequence[Turn], now: datetime) -> Fairness:
    """moves: all of the event's, in order; waiting: who stands in line by now."""
    came_up = [move for move in moves if move.was == "waitlist" and move.status in ("yes", "offered")]
    waits = [move.at - move.asked for move in came_up] + [now - turn.asked for turn in waiting]
    claims = _claims(moves)
    return Fairness(
        inversions=sum(_inversions(*in_room(room, moves, waiting)) for room in ROOMS),
        skips=sum(len(move.passed) for move in moves),
        by_hand=sum(move.by is not None and move.status == "yes" for move in moves),
        overrides=sum(move.override for move in moves),
        promoted=sum(move.follows for move in moves),
        longest_wait=max(waits, default=None),
        offers=sum(move.status == "offered" for move in moves),
        claimed=len(claims),
        declined=sum(move.was == "offered" and move.status == "no" and not move.expired for move in moves),
        expired=sum(move.expired for move in moves),
        median_claim=timedelta(seconds=median(took.total_seconds() for took in claims)) if claims else None,
        longest_claim=max(claims, default=None),
    )


def in_room(room: int, moves: Sequence[Move], waiting: Sequence[Turn]) -> tuple[list[Move], list[Turn]]:
    """Those of one room: everybody stands in one line at a time."""
    return [move for move in moves if move.room == room], [turn for turn in waiting if turn.room == room]


def _claims(moves: Sequence[Move]) -> list[timedelta]:
    offered: dict[str, datetime] = {}
    claims: list[timedelta] = []
    for move in moves:
        if move.status == "offered":
            offered[move.member_id] = move.at
        elif move.was == "offered" and move.status == "yes" and move.by is None and move.member_id in offered:
            claims.append(move.at - offered[move.member_id])
    return claims


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
            largest = float("inf") if step.out.capacity is None else step.out.capacity
            passed = set(step.out.passed)
            wrong += sum(order not in passed and sizes[order] <= largest for order in line[:place])
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
