"""An event whose RSVPs are decided one after another, beside the naive model of it; every decision is looked at."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from events_service.domain import offer
from events_service.domain.desk import Desk, Seated, facing
from events_service.domain.fairness import Tally, counted, skips_in, tallies_of
from events_service.domain.following import drain_further, follow
from events_service.domain.group import Membership
from events_service.domain.ledger import Ledger, evolve
from events_service.domain.move import Move, Turn, is_move, moves_of
from events_service.domain.place import ROOMS, Side
from events_service.domain.promotion import Promotion
from events_service.domain.rsvp import Change, Fact, Rsvp, rsvp_after
from events_service.domain.waitlist import HEAD, REACH, Party, Passed

from . import rules
from . import waitlist_holds as holds
from .naive import Naive
from .rules import NOW

STARTS = NOW + timedelta(days=4)
GROUP = replace(rules.GROUP, join_mode="approval", organizer_id="organizer")
TERMS = replace(
    rules.TERMS,
    starts=STARTS,
    ends=STARTS + timedelta(days=2),
    closes=STARTS,
    promotion=Promotion(max_skips=2),
    hosts=("host",),
    questions=0,
)
SIDES: tuple[Side, Side] = ("physical", "online")
SIDED = replace(TERMS, sides=SIDES, online_guest_limit=2)
PLACES: st.SearchStrategy[Side | None] = st.sampled_from((None, *SIDES))
ASKERS = tuple(f"a{n}" for n in range(6))
MEMBERS = (*(f"m{n}" for n in range(12)), "host")
QUEUED = ("q0", "q1", "q2", f"q{HEAD + 3}")
ANYBODY = (*MEMBERS, *ASKERS, *QUEUED)


def expires(rsvp: Rsvp) -> float:
    """Seconds from the beginning."""
    return float("inf") if rsvp.offer is None else (rsvp.offer.until - NOW).total_seconds()


class World(RuleBasedStateMachine):
    """What there is, and how a decision, an edit, a continuation or the worker changes it. at_once: every command is
    followed by its continuation and by what is due, as when nothing else is waiting."""

    at_once = True

    def __init__(self) -> None:
        super().__init__()
        self.terms, self.ledger = TERMS, Ledger(capacity=0)
        self.models = {1: Naive(0, TERMS.promotion.max_skips)}
        self.rsvps: dict[str, Rsvp] = {}
        self.numbers = 0
        self.beyond: dict[int, int] = {}
        self.moves: list[Move] = []
        self.lined: dict[str, int] = {}
        self.offered: dict[str, datetime] = {}
        self.tallies = {room: Tally() for room in ROOMS}
        self.now = NOW

    def add_side(self, room: int, capacity: int) -> None:
        there = next(iter(self.models.values()))
        self.models[room] = replace(there, capacity=capacity, line=[], seated={}, offers={}, asked={}, drained=False)
        self.terms = replace(self.terms, sides=SIDES, online_guest_limit=SIDED.online_guest_limit)
        self.arrange()

    def arrange(self) -> None:
        """The rooms of the ledger are those of the model."""
        (room, capacity), *others = sorted((room, model.capacity) for room, model in self.models.items())
        self.ledger = self.ledger.arranged(room, capacity, others[0] if others else None)

    def deserted(self) -> list[int]:
        """Rooms that can go."""
        if len(self.models) == 1:
            return []
        used = {rsvp.room for rsvp in self.rsvps.values() if rsvp.status != "no"}
        return [room for room in self.models if room not in used]

    def room_of(self, member: str) -> int | None:
        """Where the model has somebody."""
        return next((room for room, model in self.models.items() if model.known(member)), None)

    def wanted(self, member: str, place: Side | None) -> int:
        """Where somebody who asks for this comes to."""
        if len(self.models) == 1:
            return next(iter(self.models))
        return SIDES.index(place) + 1 if place is not None else self.room_of(member) or 1

    def model_of(self, member: str) -> Naive:
        return self.models[self.room_of(member) or next(iter(self.models))]

    def count(self) -> None:
        """Running numbers are the event's."""
        order = max(model.order for model in self.models.values())
        for model in self.models.values():
            model.order = order

    def drain(self) -> None:
        for model in self.models.values():
            model.drain()

    def desk(self, member: str, *, active: bool = True) -> Desk:
        self.numbers += 1
        membership = Membership("active" if active else "none", "member", 1 if active else 0)
        return Desk(self.terms, self.ledger, GROUP, membership, self.rsvps.get(member), self.numbers, self.rsvps.get)

    def take(self, seated: Seated, *, override: bool = False, lines: dict[int, Sequence[Party]] | None = None) -> None:
        holds.every_decision(self.ledger, self.rsvps, seated, max_skips=self.terms.promotion.max_skips)
        lines = {side.room: side.head for side in self.ledger.each()} | (lines or {})
        logged = len(self.moves)
        self.ledger = seated.ledger.facing(self.ledger.room)
        for fact in seated.facts:
            if isinstance(fact, Change):
                self.log(fact, seated.facts)
                self.rsvps[fact.member_id] = rsvp_after(self.rsvps.get(fact.member_id), fact)
            elif isinstance(fact, Passed):
                self.rsvps[fact.member_id] = replace(self.rsvps[fact.member_id], skips=fact.skips)
        for room, tally in self.tallies.items():
            self.tallies[room] = counted(tally, self.moves[logged:], seated.facts, lines.get(room, ()), room)
        for side in self.ledger.each():
            taken = sum(rsvp.taken for rsvp in self.of(side))
            excess = 0 if side.capacity is None else max(0, taken - side.capacity)
            beyond = excess if override else self.beyond.get(side.room, 0)
            assert excess <= beyond, "seats beyond the capacity that no leader gave"
            self.beyond[side.room] = excess
        for side in self.ledger.each():
            if self.at_once and self.ledger.facing(side.room).due:
                self.go_on(side.room)

    def of(self, side: Ledger) -> list[Rsvp]:
        return holds.of(side, self.rsvps.values())

    def log(self, change: Change, facts: tuple[Fact, ...]) -> None:
        who, before = change.member_id, self.rsvps.get(change.member_id)
        if is_move(change):
            lined, seats = self.lined.get(who, change.seq), change.seats if before is None else before.seats
            self.moves += moves_of(
                change,
                facts,
                at=self.now,
                lined=lined,
                asked=NOW,
                seats=seats,
                capacity_of=lambda room: self.ledger.facing(room).capacity,
                offered=self.offered.get(who),
            )
        if change.status == "offered":
            self.offered[who] = self.now
        if change.status == "waitlist" and (change.was != "waitlist" or change.left is not None):
            self.lined[who] = change.seq

    def teardown(self) -> None:
        """What can be told from the log alone."""
        line = [rsvp for side in self.ledger.each() for rsvp in self.in_line(side)]
        turns = [Turn(r.order, r.seats, self.lined[r.member_id], NOW, r.room) for r in line]
        assert not any(tally.inversions for tally in self.tallies.values())
        assert self.tallies == tallies_of(self.moves, turns), "what each decision added is what the log tells"
        passed = skips_in(self.moves)
        assert all(rsvp.skips == passed[rsvp.order] for rsvp in line), "each turn was passed as often as the log tells"

    def go_on(self, room: int) -> None:
        line = self.in_line(self.ledger.facing(room))[:REACH]
        parties = [Party(r.order, r.member_id, r.seats, r.skips) for r in line]
        self.take(drain_further(facing(self.desk("nobody"), room), parties, self.now), lines={room: parties})

    def in_line(self, side: Ledger) -> list[Rsvp]:
        return holds.in_line(side, self.rsvps.values())

    def holds(self, member: str) -> bool:
        return member in self.rsvps and self.rsvps[member].status != "no"

    def edited(self, *moved: Change) -> None:
        """As an edit of the event is decided."""
        after = evolve(self.ledger, moved)
        rsvps = dict(self.rsvps)
        for change in moved:
            rsvps[change.member_id] = rsvp_after(rsvps[change.member_id], change)
        facts: list[Fact] = [*moved]
        desk = replace(self.desk("nobody"), rsvp_of=rsvps.get)
        for side in after.each():
            facts += follow(desk, evolve(self.ledger, facts).facing(side.room), self.now)
        self.take(Seated(evolve(self.ledger, facts), tuple(facts)))

    def look_at_offers(self) -> None:
        while self.ledger.lapses is not None and self.ledger.lapses <= self.now:
            held = sorted((r for r in self.rsvps.values() if r.offer is not None), key=expires)
            self.take(offer.lapse(self.desk("nobody"), held[:REACH], self.now))
        for model in self.models.values():
            model.expire()
