"""Why somebody got in before somebody else, from what was decided (behaviour 9.10)."""

from collections.abc import Sequence
from typing import Literal

from chassis.frozen import frozen
from events_service.domain.move import Move
from events_service.domain.rsvp import HELD, Rsvp

Why = Literal["not-before", "host", "by-hand", "other-side", "asked-first", "fitted", "seat-was-free"]


@frozen
class Reason:
    """seq: the decision that gave them their place, or their offer; detail: a sentence for the one who asks."""

    why: Why
    seq: int
    detail: str


def reason(mine: Rsvp, theirs: Rsvp, moves: Sequence[Move], *, sided: bool = False) -> Reason:
    """mine: of who asks; moves: of the other one, in order; sided: whether each side has seats of its own."""
    if theirs.status not in HELD:
        return Reason("not-before", theirs.seq, "They have no place.")
    if mine.status == "yes" and mine.given < theirs.given:
        return Reason("not-before", theirs.given, "You had your place before them.")
    own = [move for move in moves if move.order == theirs.order]
    given = next((move for move in reversed(own) if move.by is not None and move.status == "yes"), None)
    if given is not None:
        over = " over the capacity or before others" if given.override else ""
        return Reason("by-hand", given.seq, f"A leader gave them the place{over}.")
    up = next((move for move in reversed(own) if move.was == "waitlist" and move.status in HELD), None)
    if sided and theirs.seats and theirs.room != mine.room:
        seq = theirs.given if up is None else up.seq
        return Reason(
            "other-side", seq, "They are at the other side of the event, which has seats and a line of its own."
        )
    return _in_order(mine, theirs, up)


def _in_order(mine: Rsvp, theirs: Rsvp, up: Move | None) -> Reason:
    """up: how they came up from the line, if they waited."""
    seq = theirs.given if up is None else up.seq
    if not theirs.seats:
        return Reason("host", seq, "They take no seat: they host the event.")
    if theirs.order < mine.order:
        return Reason("asked-first", seq, f"They asked before you: as number {theirs.order}, you as {mine.order}.")
    if up is not None and mine.order in up.passed:
        detail = f"Their party of {up.seats} fitted the seats that were free then, yours did not, and that was counted."
        return Reason("fitted", seq, detail)
    detail = "A seat was free, and you did not stand in line for it then, or were too many for the whole event."
    return Reason("seat-was-free", seq, detail)
