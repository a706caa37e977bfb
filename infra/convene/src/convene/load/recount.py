"""What an event's seats and line went through, decision by decision, by rules that are written down here once more.

From messages and the journal alone: nothing that the service keeps or counts is believed, and none of its code is used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from convene.load.shown import Books, Decision, Entry, Turns

REACH = 200
"""Nobody passes more waiting parties than this, so a seat may stay free behind so many."""
STEPPED = timedelta(seconds=1)
"""How far the database's clock may go back between the look at what is due and the decision."""
CONTINUES = "rsvp.drain"
"""The command by which a long line goes on; until it comes, seats may be free."""


BY_THEMSELVES: Mapping[str, Sequence[str]] = {"instant": ("yes", "offered"), "offer": ("offered",), "manual": ()}
"""What becomes of people in line without a leader's hand, by how they move up."""
NONE = Turns()


class Step(NamedTuple):
    """One command and what it decided. entry: None where the journal does not have it."""

    entry: Entry | None
    decisions: Sequence[Decision]


@dataclass(slots=True)
class Party:
    seats: int
    skips: int = 0


@dataclass(slots=True)
class Recount:
    """What came of an event. Each list says what was wrong, in a few words.

    oversold: more seats were taken than there are and than leaders gave beyond; inverted: somebody came up before
    others who fitted, or took seats that others wait for; idle: nobody followed where somebody could have, after seats
    were freed or the line moved; offers: those that were claimed too late, expired too early, or were answered when
    nothing was offered.

    over: seats beyond the capacity at the end; skips: of those who still wait; turns: how many of each there were.
    """

    oversold: list[str] = field(default_factory=list)
    inverted: list[str] = field(default_factory=list)
    idle: list[str] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)
    over: int = 0
    skips: Mapping[str, int] = field(default_factory=dict)
    turns: Turns = NONE


def recount(event: str, steps: Sequence[Step], books: Books) -> Recount:
    """steps: the event's, in order; books: only how people move up is read there."""
    room = _Room(event, books)
    continued = max((place for place, step in enumerate(steps) if _continues(step)), default=-1)
    for place, (entry, decisions) in enumerate(steps):
        if entry is not None and entry.said is not None:
            room.resize(entry.said.capacity)
        for one in decisions:
            room.take(one, None if entry is None else entry.at)
        if place >= continued:
            room.rest()
    return room.done()


def _continues(step: Step) -> bool:
    return step.entry is not None and step.entry.name == CONTINUES


class _Room:
    """Seats, line and offers as they stand."""

    def __init__(self, event: str, books: Books) -> None:
        self._seq = 0
        self._found = Recount()
        self._event = event
        self._books = books
        self._capacity: float = float("inf")
        self._taken = 0
        self._beyond: float = 0
        self._was: dict[str, Decision] = {}
        self._line: dict[str, Party] = {}
        self._count: dict[str, int] = dict.fromkeys(Turns._fields, 0)
        self._moved = False

    @property
    def _free(self) -> float:
        return self._capacity - self._taken

    def resize(self, capacity: int | None) -> None:
        """What an edit says; one that leaves fewer seats than are taken is wrong."""
        before, self._capacity = self._capacity, float("inf") if capacity is None else capacity
        self._moved |= self._capacity != before
        self._within(f"with capacity {capacity}", given=False)

    def take(self, one: Decision, at: datetime | None) -> None:
        """The next decision. at: when it was made, where that is known."""
        before = self._was.get(one.member_id)
        stood = None if before is None else before.status
        if stood != one.was:
            self._found.inverted.append(f"{self._at(one)} says {one.member_id} was {one.was}, and they were {stood}")
        more = one.holds - (0 if before is None else before.holds)
        if one.was == "waitlist" and one.holds and one.by is None:
            self._follows(one)
        elif one.was != "waitlist" and more > 0 and self._line and not one.override:
            self._found.inverted.append(f"{self._at(one)} seats {one.member_id} before {next(iter(self._line))}")
        self._offer(one, before, at)
        self._seq = one.seq
        self._moved |= more < 0 or self._leaves_room(one)
        self._taken += more
        self._was[one.member_id] = one
        self._lines_up(one)
        self._within(self._at(one), given=one.override)
        self._tally(one)

    def rest(self) -> None:
        """Nothing more follows for now. Who joined a line since seats were freed waits until it moves again."""
        if self._moved and self._books.mode != "manual":
            when = f"event {self._event} after decision {self._seq}"
            self._found.idle.extend(f"{when}: {who}" for who in self._could_have())
        self._moved = False

    def done(self) -> Recount:
        self._found.over = int(max(0, -self._free))
        self._found.skips = {member: party.skips for member, party in self._line.items()}
        self._found.turns = Turns(**self._count)
        return self._found

    def _leaves_room(self, one: Decision) -> bool:
        """Whether who waited is gone from the line, or fewer people in it."""
        party = self._line.get(one.member_id)
        return party is not None and (one.status != "waitlist" or 1 + one.guests < party.seats)

    def _follows(self, one: Decision) -> None:
        """Who comes up by the line passes only those who are too many for the seats that are free; each is a skip."""
        if one.status not in BY_THEMSELVES[self._books.mode]:
            self._found.inverted.append(f"{self._at(one)}: {one.member_id} is {one.status} by themselves")
        for member, party in self._line.items():
            if member == one.member_id:
                return
            if party.seats <= self._free:
                self._found.inverted.append(f"{self._at(one)} seats {one.member_id} before {member}")
            elif party.seats <= self._capacity:
                party.skips += 1
                self._count["skips"] += 1
                if party.skips > self._books.max_skips:
                    self._found.inverted.append(f"{self._at(one)} passes {member} for the {party.skips}th time")

    def _offer(self, one: Decision, before: Decision | None, at: datetime | None) -> None:
        until = before.until if before is not None and before.status == "offered" else None
        if one.status == "offered" and (one.until is None or one.offer != f"{self._event}.{one.seq}"):
            self._found.offers.append(f"{self._at(one)} offers {one.offer} until {one.until}")
        if one.was != "offered" and one.kind != "expired":
            return
        if until is None:
            self._found.offers.append(f"{self._at(one)}: {one.member_id} is {one.kind} without an offer")
        elif at is not None and one.kind == "expired" and at < until - STEPPED:
            self._found.offers.append(f"{self._at(one)}: the offer expired at {at}, it was to hold until {until}")
        elif at is not None and one.status == "yes" and one.by is None and at >= until:
            self._found.offers.append(f"{self._at(one)}: the offer was claimed at {at}, it held until {until}")

    def _lines_up(self, one: Decision) -> None:
        if one.status != "waitlist":
            self._line.pop(one.member_id, None)
        elif one.member_id in self._line:
            self._line[one.member_id].seats = 1 + one.guests
        else:
            self._line[one.member_id] = Party(1 + one.guests)

    def _within(self, when: str, *, given: bool) -> None:
        """given: a leader's override, which alone may take more beyond the capacity."""
        beyond = max(0, -self._free)
        if beyond > self._beyond and not given:
            self._found.oversold.append(f"event {self._event} {when}: {self._taken} of {self._capacity:g} seats")
        self._beyond = beyond

    def _could_have(self) -> list[str]:
        """The first in line whom the free seats hold, unless they gather for somebody who may not be passed again."""
        if self._free <= 0:
            return []
        for place, (member, party) in enumerate(self._line.items()):
            if place >= REACH:
                break
            if party.seats <= self._free:
                return [f"{self._free:g} seats are free, and {member} waits for {party.seats}"]
            if party.seats <= self._capacity and party.skips >= self._books.max_skips:
                break
        return []

    def _tally(self, one: Decision) -> None:
        count = self._count
        count["by_hand"] += one.kind == "admitted"
        count["overrides"] += one.override
        count["promoted"] += one.was == "waitlist" and one.holds > 0 and one.by is None
        count["offers"] += one.status == "offered"
        count["expired"] += one.kind == "expired"
        if one.was == "offered":
            count["claimed"] += one.status == "yes" and one.by is None
            count["declined"] += one.status == "no" and one.kind != "expired"

    def _at(self, one: Decision) -> str:
        return f"event {self._event} decision {one.seq}"
