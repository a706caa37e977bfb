"""The waitlist: parties in order of acceptance, and who of them takes the seats that are free."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final, NamedTuple

from chassis.frozen import frozen
from events_service.domain.place import FIRST_ROOM

HEAD: Final = 50
"""How many parties at the front of the line an event's ledger carries, and how many steps one decision may take."""

REACH: Final = 200
"""How far a continuation looks down the line: nobody passes more than this many waiting parties."""

MAX_SKIPS: Final = 3


class Party(NamedTuple):
    """Somebody in line. order: of acceptance; seats: how many they need; skips: how often they were passed."""

    order: int
    member_id: str
    seats: int
    skips: int


class Left(NamedTuple):
    """Where somebody had a place or a turn who is at the other side now. order: as theirs was there."""

    room: int
    order: int


@frozen
class Passed:
    """A waiting party was passed by others; `skips` is its new count."""

    member_id: str
    order: int
    skips: int
    room: int = FIRST_ROOM


@frozen
class DrainLeft:
    """The line goes on beyond what this decision may look at; its continuation comes before any newcomer."""

    seq: int
    room: int = FIRST_ROOM


@frozen
class HeadRenewed:
    """A continuation looked at the line. due: it has to look again."""

    head: tuple[Party, ...]
    due: bool
    room: int = FIRST_ROOM


@frozen
class Drained:
    """promoted: in order; skipped: parties with their new counts; line: who is left of those looked at.

    free: seats left, None = without limit; held: the seats left gather for a party that nobody may pass any more.
    """

    promoted: tuple[Party, ...]
    skipped: tuple[Party, ...]
    line: tuple[Party, ...]
    free: int | None
    held: bool

    @property
    def more(self) -> bool:
        """Whether somebody further down the line could still be given a seat."""
        return not self.held and self.free != 0


def drain(line: Sequence[Party], *, seats: int, capacity: int | None, max_skips: int) -> Drained:
    """Give the free seats to the first that fit; `seats` are taken of `capacity`.

    A party that does not fit keeps its place and is passed; each party behind it that takes seats counts as one skip.
    One that was passed `max_skips` times is passed no more. A party larger than the capacity (it was lowered since)
    can never fit and holds nobody up.
    """
    free = None if capacity is None else max(0, capacity - seats)
    promoted: list[Party] = []
    left: list[Party] = []
    passed: list[int] = []
    held = False
    for index, party in enumerate(line):
        if held or free == 0:
            left.extend(line[index:])
            break
        if free is None or party.seats <= free:
            promoted.append(party)
            free = None if free is None else free - party.seats
            for place in passed:
                left[place] = left[place]._replace(skips=left[place].skips + 1)
            held = any(left[place].skips >= max_skips for place in passed)
            continue
        left.append(party)
        if capacity is not None and party.seats <= capacity:
            passed.append(len(left) - 1)
            held = party.skips >= max_skips
    skipped = tuple(left[place] for place in passed) if promoted else ()
    before = {party.order: party.skips for party in line} if skipped else {}
    changed = tuple(party for party in skipped if party.skips != before[party.order])
    return Drained(tuple(promoted), changed, tuple(left), free, held)


def too_large(line: Sequence[Party], capacity: int | None) -> bool:
    """Whether all of them are too many for the whole event (it had more seats once): they wait for more seats alone."""
    return capacity is not None and all(party.seats > capacity for party in line)


def joined(head: tuple[Party, ...], waiting: int, party: Party) -> tuple[Party, ...]:
    """The front of the line after a party joined at its place; `waiting` counts the line before.

    The front is always the first so many of the line: who stands behind it, or does not fit in, is not carried.
    """
    if len(head) < waiting and (not head or party.order > head[-1].order):
        return head
    if not head or party.order > head[-1].order:
        return head if len(head) >= HEAD else (*head, party)
    place = bisect_left(head, party.order, key=lambda other: other.order)
    return (*head[:place], party, *head[place:])[:HEAD]


def without(head: tuple[Party, ...], member_id: str) -> tuple[Party, ...]:
    """The front of the line after somebody left it; one who stood further behind changes nothing."""
    return tuple(party for party in head if party.member_id != member_id)


def place_in(head: Sequence[Party], member_id: str) -> int | None:
    """Place in line counted from 1, when they stand in the part that is known."""
    return next((place for place, party in enumerate(head, 1) if party.member_id == member_id), None)
