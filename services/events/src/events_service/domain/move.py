"""Moves: what happened to people's turns in line, one after another, so that all can be told why (behaviour 9.10).

What takes somebody out of the line, changes how many they are there, or answers an offer is a move; who just has a
place or stands in line is not.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from chassis.frozen import frozen
from events_service.domain.place import FIRST_ROOM
from events_service.domain.rsvp import Admitted, Change, Dropped, Expired, Fact, Status
from events_service.domain.waitlist import Passed


@frozen
class Move:
    """One decision about somebody's turn.

    seq: of the decision; order: of acceptance; seats: as they stood in line; takes: those they have by it; lined: the
    decision that put them in line; asked: when their place in line was given; passed: the orders of those who were in
    front and too many for the seats that were free; by: the leader whose hand it was, if any; override: over the
    capacity, or before others; expired: they did not claim what was offered; offered: when the offer was made that it
    answers; room: where they stood. Who goes to the other side leaves the line with a no; what becomes of them there is
    another turn.
    """

    seq: int
    at: datetime
    member_id: str
    was: Status | None
    status: Status
    order: int
    seats: int
    takes: int
    lined: int
    asked: datetime
    capacity: int | None
    passed: tuple[int, ...] = ()
    by: str | None = None
    override: bool = False
    expired: bool = False
    offered: datetime | None = None
    room: int = FIRST_ROOM

    @property
    def follows(self) -> bool:
        """Whether they came up by the order of the line."""
        return self.was == "waitlist" and self.status in ("yes", "offered") and self.by is None and self.takes > 0


@frozen
class Turn:
    """Somebody who waits. The same words as in a move."""

    order: int
    seats: int
    lined: int
    asked: datetime
    room: int = FIRST_ROOM


def is_move(change: Change) -> bool:
    """Whether it belongs into the log."""
    return change.was in ("waitlist", "offered") or isinstance(change, Admitted)


def moves_of(
    change: Change,
    facts: Iterable[Fact],
    *,
    at: datetime,
    lined: int,
    asked: datetime,
    seats: int,
    capacity_of: Callable[[int], int | None],
    offered: datetime | None = None,
) -> Iterator[Move]:
    """facts: of the whole decision; lined, asked, seats: as they stood in line; capacity_of: of a room; offered: as of
    a move.

    One move, or two of somebody whom a leader's hand brings over from the line of the other side.
    """
    left, who = change.left, change.member_id
    if left is None:
        capacity = capacity_of(change.room)
        yield _move(change, facts, at=at, lined=lined, asked=asked, seats=seats, capacity=capacity, offered=offered)
        return
    if change.was in ("waitlist", "offered"):
        capacity = capacity_of(left.room)
        turn = Move(change.seq, at, who, change.was, "no", left.order, seats, 0, lined, asked, capacity)
        yield replace(turn, room=left.room)
    if isinstance(change, Admitted):
        anew, capacity = replace(change, was=None), capacity_of(change.room)
        yield _move(anew, (), at=at, lined=change.seq, asked=at, seats=change.seats, capacity=capacity)


def _move(
    change: Change,
    facts: Iterable[Fact],
    *,
    at: datetime,
    lined: int,
    asked: datetime,
    seats: int,
    capacity: int | None,
    offered: datetime | None = None,
) -> Move:
    followed = change.was == "waitlist" and change.status in ("yes", "offered") and change.seats > 0
    by_hand = isinstance(change, Admitted | Dropped)
    ahead: tuple[int, ...] = ()
    if followed and not by_hand:
        passed = (fact for fact in facts if isinstance(fact, Passed) and fact.room == change.room)
        ahead = tuple(fact.order for fact in passed if fact.order < change.order)
    return Move(
        change.seq,
        at,
        change.member_id,
        change.was,
        change.status,
        change.order,
        seats,
        change.seats if change.status in ("yes", "offered") else 0,
        lined,
        asked,
        capacity,
        ahead,
        change.by if isinstance(change, Admitted | Dropped) else None,
        isinstance(change, Admitted) and change.override,
        isinstance(change, Expired),
        offered if change.was == "offered" else None,
        change.room,
    )
