"""Moves: what happened to people's turns in line, one after another, so that all can be told why (behaviour 9.10).

What takes somebody out of the line, changes how many they are there, or answers an offer is a move; who just has a
place or stands in line is not.
"""

from collections.abc import Iterable
from datetime import datetime

from chassis.frozen import frozen
from events_service.domain.rsvp import Admitted, Change, Dropped, Expired, Fact, Passed, Status


@frozen
class Move:
    """One decision about somebody's turn.

    seq: of the decision; order: of acceptance; seats: as they stood in line; takes: those they have by it; lined: the
    decision that put them in line; asked: when their place in line was given; passed: the orders of those who were in
    front and too many for the seats that were free; by: the leader whose hand it was, if any; override: over the
    capacity, or before others; expired: they did not claim what was offered; offered: when the offer was made that it
    answers.
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


def is_move(change: Change) -> bool:
    """Whether it belongs into the log."""
    return change.was in ("waitlist", "offered") or isinstance(change, Admitted)


def move_of(
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
    """facts: of the whole decision; lined, asked, seats: as they stood in line; offered: as of a move."""
    followed = change.was == "waitlist" and change.status in ("yes", "offered") and change.seats > 0
    by_hand = isinstance(change, Admitted | Dropped)
    ahead: tuple[int, ...] = ()
    if followed and not by_hand:
        ahead = tuple(fact.order for fact in facts if isinstance(fact, Passed) and fact.order < change.order)
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
    )
