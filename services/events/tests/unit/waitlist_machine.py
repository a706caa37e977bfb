"""Acts of people, leaders, the group and the clock, in any order, on the real decisions and on the naive model."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from events_service.domain import offer, stewarding
from events_service.domain.admission import approve, release, respond
from events_service.domain.desk import Desk, Seated, facing
from events_service.domain.fairness import Tally, counted, tallies_of
from events_service.domain.following import drain_further, follow
from events_service.domain.group import Group, Membership
from events_service.domain.hosting import reseat
from events_service.domain.ledger import Ledger, evolve
from events_service.domain.move import Move, Turn, is_move, moves_of
from events_service.domain.place import ROOMS, Side
from events_service.domain.promotion import Promotion, way
from events_service.domain.refusal import Refused
from events_service.domain.rsvp import (
    Admitted,
    Change,
    Fact,
    Offered,
    Promoted,
    Rsvp,
    Terms,
    rsvp_after,
)
from events_service.domain.waitlist import HEAD, REACH, HeadRenewed, Party, Passed

from .naive import Held, Naive

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
STARTS = NOW + timedelta(days=4)
GROUP = Group("g", 1, "g", "G", (), "Kyoto", "jp", None, 35.0, 135.8, "public", "approval", "active", "organizer")
TERMS = Terms(
    event_id="e",
    group_id="g",
    status="published",
    title="Tea",
    starts=STARTS,
    ends=STARTS + timedelta(days=2),
    opens=None,
    closes=STARTS,
    guest_limit=3,
    promotion=Promotion(max_skips=2),
    hosts=("host",),
    attendee_list="everyone",
    venue=None,
)
SIDES: tuple[Side, Side] = ("physical", "online")
SIDED = replace(TERMS, sides=SIDES, online_guest_limit=2)
PLACES: st.SearchStrategy[Side | None] = st.sampled_from((None, *SIDES))
ASKERS = tuple(f"a{n}" for n in range(6))
MEMBERS = (*(f"m{n}" for n in range(12)), "host")
QUEUED = ("q0", "q1", "q2", f"q{HEAD + 3}")
ANYBODY = (*MEMBERS, *ASKERS, *QUEUED)
LEADER = "lea"


def _expires(rsvp: Rsvp) -> float:
    """Seconds from the beginning."""
    return float("inf") if rsvp.offer is None else (rsvp.offer.until - NOW).total_seconds()


def too_large(side: Ledger, rsvp: Rsvp) -> bool:
    """Whether they are too many for all the seats that there are."""
    return side.capacity is not None and rsvp.seats > side.capacity


class Waitlist(RuleBasedStateMachine):
    """Every command is followed by its continuation and by what is due at once, as when nothing else is waiting."""

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

    @initialize(
        capacity=st.integers(1, 8),
        online=st.sampled_from([None, None, 1, 3, 8]),
        queue=st.sampled_from([0, 1, 4, HEAD + 8]),
        place=PLACES,
        mode=st.sampled_from(["instant", "instant", "offer", "manual"]),
    )
    def open(
        self,
        capacity: int,
        online: int | None,
        queue: int,
        place: Side | None,
        mode: Literal["instant", "offer", "manual"],
    ) -> None:
        """online: how many seats the other side has, where there is one."""
        promotion = replace(TERMS.promotion, mode=mode)
        self.models = {1: Naive(capacity, promotion.max_skips, mode=mode)}
        self.ledger = Ledger(capacity=capacity)
        self.terms = replace(TERMS, promotion=promotion)
        if online is not None:
            self.add_side(2, online)
        for n in range(queue):
            self.yes(f"q{n}", n % 3, place)

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
        self.check(seated)
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
        """Everybody in the room that the ledger shows."""
        return [rsvp for rsvp in self.rsvps.values() if side.faces(rsvp.room)]

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

    def check(self, seated: Seated) -> None:
        """What holds for every single decision."""
        assert evolve(self.ledger, seated.facts) == seated.ledger.facing(self.ledger.room)
        changes = [fact for fact in seated.facts if isinstance(fact, Change)]
        assert [fact.seq for fact in changes] == list(range(self.ledger.seq + 1, self.ledger.seq + 1 + len(changes)))
        for side in self.ledger.each():
            self.check_side(side, [fact for fact in changes if side.faces(fact.room)], seated.facts)

    def check_side(self, side: Ledger, changes: list[Change], facts: tuple[Fact, ...]) -> None:
        """side: as it was before the decision; changes: about it."""
        came = [fact for fact in changes if fact.left is not None or fact.was in (None, "no")]
        stood = [fact for fact in changes if fact.left is None and fact.was == "waitlist"]
        followers = [fact for fact in stood if isinstance(fact, Promoted | Offered)]
        continues = any(isinstance(fact, HeadRenewed) and side.faces(fact.room) for fact in facts)
        assert len(followers) <= (REACH if continues else HEAD)
        orders = [fact.order for fact in followers if fact.seats]
        assert orders == sorted(orders)
        if side.due and not continues:
            assert not orders
        for fact in came:
            if fact.status == "yes" and fact.seats and not isinstance(fact, Admitted):
                assert all(too_large(side, rsvp) for rsvp in self.in_line(side)), "a newcomer passes the line"
                assert not side.due
        self.check_order(side, orders, facts)

    def check_order(self, side: Ledger, orders: list[int], facts: tuple[Fact, ...]) -> None:
        """Whoever follows passes only those who are too many for the seats that are free, and they are told so."""
        if not orders:
            return
        passed = {fact.order: fact.skips for fact in facts if isinstance(fact, Passed) and side.faces(fact.room)}
        concerned = {fact.member_id for fact in facts if isinstance(fact, Change)}
        for rsvp in self.of(side):
            if rsvp.status != "waitlist" or rsvp.member_id in concerned or rsvp.order > orders[-1]:
                continue
            if too_large(side, rsvp):
                continue
            by = sum(order > rsvp.order for order in orders)
            assert passed.get(rsvp.order) == rsvp.skips + by
            assert rsvp.skips + by <= self.terms.promotion.max_skips

    def go_on(self, room: int) -> None:
        line = self.in_line(self.ledger.facing(room))[:REACH]
        parties = [Party(r.order, r.member_id, r.seats, r.skips) for r in line]
        self.take(drain_further(facing(self.desk("nobody"), room), parties, self.now), lines={room: parties})

    def in_line(self, side: Ledger) -> list[Rsvp]:
        return sorted((r for r in self.of(side) if r.status == "waitlist"), key=lambda r: r.order)

    def holds(self, member: str) -> bool:
        return member in self.rsvps and self.rsvps[member].status != "no"

    def yes(self, member: str, guests: int, place: Side | None) -> None:
        before, room = self.ledger, self.wanted(member, place)
        named = place if len(self.models) > 1 else None
        decided = respond(self.desk(member), member, "yes", guests, self.now, place=named)
        if isinstance(decided, Seated):
            self.take(decided)
            self.came(member, self.terms.need(member, guests), room)
            return
        assert decided.reason in {
            *("party-too-large", "guests-do-not-fit", "offer-expired", "rsvps-closed", "side-is-full"),
            *(("too-many-guests",) if guests > self.terms.limit(room) else ()),
        }
        assert self.ledger == before
        if decided.reason == "side-is-full":
            side, need = self.ledger.facing(room), self.terms.need(member, guests)
            assert self.rsvps[member].room != room
            assert side.waiting or side.due or not side.fits(need)

    def came(self, member: str, seats: int, room: int) -> None:
        """A yes that was not refused, in the model."""
        at = self.room_of(member)
        if at in (None, room):
            model = self.models[room]
            (model.ask if member in model.asked else model.yes)(member, seats)
        else:
            self.models[room].come_over(member, seats, self.models[at or room])
        self.count()

    @rule(member=st.sampled_from((*MEMBERS, *QUEUED)), guests=st.integers(0, 3), place=PLACES)
    def answer_yes(self, member: str, guests: int, place: Side | None) -> None:
        self.yes(member, guests, place)

    @rule(member=st.sampled_from(ANYBODY))
    def answer_no(self, member: str) -> None:
        known = self.holds(member)
        decided = respond(self.desk(member), member, "no", 0, self.now)
        if isinstance(decided, Refused):
            assert self.now >= STARTS
            return
        self.take(decided)
        self.left(member, known=known)

    def left(self, member: str, *, known: bool) -> None:
        if known:
            self.model_of(member).no(member)
        else:
            self.model_of(member).order = self.ledger.order
        self.count()

    @rule(member=st.sampled_from(ASKERS), guests=st.integers(0, 3), place=PLACES)
    def ask(self, member: str, guests: int, place: Side | None) -> None:
        room, at = self.wanted(member, place), self.room_of(member)
        named = place if len(self.models) > 1 else None
        decided = respond(self.desk(member, active=False), member, "yes", guests, self.now, place=named)
        if isinstance(decided, Seated):
            self.take(decided)
            if at in (None, room):
                self.models[room].ask(member, guests + 1)
                self.count()
            else:
                self.came(member, guests + 1, room)

    @rule(member=st.sampled_from(ASKERS))
    def let_in(self, member: str) -> None:
        self.take(approve(self.desk(member), 1, self.now))
        self.model_of(member).approve(member)

    @rule(member=st.sampled_from(ANYBODY))
    def remove(self, member: str) -> None:
        known = self.holds(member)
        self.take(release(self.desk(member, active=False), 9, self.now))
        if known and self.now < STARTS:
            self.model_of(member).no(member)

    @precondition(lambda self: self.ledger.offers)
    @rule(pick=st.integers(0, 3), accept=st.booleans())
    def answer_offer(self, pick: int, accept: bool) -> None:
        offered = sorted(r.member_id for r in self.rsvps.values() if r.offer)
        member = offered[pick % len(offered)]
        rsvp = self.rsvps[member]
        assert rsvp.offer is not None
        answer = offer.accept if accept else offer.decline
        decided = answer(self.desk(member), rsvp.offer.seq, self.now)
        if isinstance(decided, Seated):
            assert not accept or self.now < rsvp.offer.until
            self.take(decided)
            if accept:
                self.model_of(member).yes(member, rsvp.seats)
            else:
                self.model_of(member).no(member)
        else:
            assert self.now >= rsvp.offer.until

    @rule(member=st.sampled_from(ANYBODY), guests=st.integers(0, 3), override=st.booleans(), place=PLACES)
    def leader_adds(self, member: str, guests: int, override: bool, place: Side | None) -> None:
        need, room, at = self.terms.need(member, guests), self.wanted(member, place), self.room_of(member)
        desk, named = self.desk(member), place if len(self.models) > 1 else None
        decided = stewarding.add(desk, member, guests, by=LEADER, override=override, now=self.now, place=named)
        if isinstance(decided, Refused):
            return
        self.take(decided, override=override)
        if not override:
            self.came(member, need, room)
        elif at in (None, room):
            if self.models[room].seated.get(member) != need or decided.facts:
                self.models[room].admit(member, need)
        else:
            self.models[room].come_over(member, need, self.models[at or room], by_hand=True)
        self.count()

    @precondition(lambda self: any(side.waiting for side in self.ledger.each()) or self.ledger.offers)
    @rule(pick=st.integers(0, 7), override=st.booleans())
    def leader_promotes(self, pick: int, override: bool) -> None:
        waiting = sorted(r.member_id for r in self.rsvps.values() if r.status in ("waitlist", "offered"))
        member = waiting[pick % len(waiting)]
        seats, model = self.rsvps[member].seats, self.model_of(member)
        free = model.free()
        decided = stewarding.promote(self.desk(member), by=LEADER, override=override, now=self.now)
        if isinstance(decided, Refused):
            assert decided.reason == "no-free-seat"
            assert seats > free or not self.at_once
            return
        self.take(decided, override=override)
        model.admit(member, seats)

    @rule(member=st.sampled_from(ANYBODY))
    def leader_takes_out(self, member: str) -> None:
        known = self.holds(member)
        decided = stewarding.drop(self.desk(member), by=LEADER, now=self.now)
        if isinstance(decided, Seated):
            self.take(decided)
            if known:
                self.model_of(member).no(member)

    @rule(hosts=st.sampled_from([(), ("host",), ("m0",), ("host", "m1")]))
    def host(self, hosts: tuple[str, ...]) -> None:
        if hosts == self.terms.hosts:
            return
        terms = replace(self.terms, hosts=hosts)
        moved = reseat(terms, self.ledger, self.terms.hosts, self.rsvps.get)
        if isinstance(moved, Refused):
            return
        before, self.terms = set(self.terms.hosts), terms
        self.edited(*moved)
        for member in (*sorted(set(hosts) - before), *sorted(before - set(hosts))):
            rsvp = self.rsvps.get(member)
            self.model_of(member).host(member, 0 if rsvp is None else terms.need(member, rsvp.guests))
        self.drain()

    @rule(mode=st.sampled_from(["instant", "offer", "manual"]))
    def promote_differently(self, mode: Literal["instant", "offer", "manual"]) -> None:
        if mode == self.terms.promotion.mode:
            return
        self.terms = replace(self.terms, promotion=replace(self.terms.promotion, mode=mode))
        for model in self.models.values():
            model.mode = mode
        self.edited()
        self.drain()

    @rule(more=st.integers(1, 12), place=PLACES)
    def raise_capacity(self, more: int, place: Side | None) -> None:
        self.set_capacity(self.models[self.wanted("nobody", place)], more)

    @rule(less=st.integers(1, 4), place=PLACES)
    def lower_capacity(self, less: int, place: Side | None) -> None:
        room = self.wanted("nobody", place)
        side = self.ledger.facing(room)
        if side.capacity is not None and side.capacity - less >= max(1, side.seats + side.held):
            self.set_capacity(self.models[room], -less)

    def set_capacity(self, model: Naive, more: int) -> None:
        if model.capacity is None:
            return
        model.capacity += more
        self.arrange()
        self.edited()
        self.drain()

    @precondition(lambda self: len(self.models) == 1)
    @rule(capacity=st.integers(1, 8))
    def another_side_opens(self, capacity: int) -> None:
        self.add_side(2 if 1 in self.models else 1, capacity)

    @precondition(lambda self: self.deserted())
    @rule()
    def a_side_goes(self) -> None:
        """Where nobody is; that there are RSVPs which say no does not matter."""
        room = self.deserted()[0]
        del self.models[room]
        self.terms = replace(self.terms, sides=(SIDES[2 - room],), online_guest_limit=None)
        self.arrange()

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

    @precondition(lambda self: self.now < STARTS)
    @rule(hours=st.sampled_from([1, 5, 13, 40]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        for model in self.models.values():
            model.now += hours * 3600
        if self.at_once:
            self.look_at_offers()

    def look_at_offers(self) -> None:
        while self.ledger.lapses is not None and self.ledger.lapses <= self.now:
            held = sorted((r for r in self.rsvps.values() if r.offer is not None), key=_expires)
            self.take(offer.lapse(self.desk("nobody"), held[:REACH], self.now))
        for model in self.models.values():
            model.expire()

    @invariant()
    def everything_holds(self) -> None:
        for side in self.ledger.each():
            line, model = self.in_line(side), self.models[side.room]
            self.the_ledger_counts_right(side, line)
            if self.at_once:
                self.everybody_is_where_the_model_has_them(side, line)
            if self.at_once and model.drained:
                model.drained = False
                self.freed_seats_are_used_or_held_for_who_was_passed_too_often(side, line)

    def the_ledger_counts_right(self, ledger: Ledger, line: list[Rsvp]) -> None:
        seats = held = 0
        for rsvp in self.of(ledger):
            seats += rsvp.seats if rsvp.status == "yes" else 0
            held += rsvp.seats if rsvp.status == "offered" else 0
        offers = [rsvp.offer.until for rsvp in self.rsvps.values() if rsvp.offer is not None]
        assert (ledger.seats, ledger.held, ledger.offers) == (seats, held, len(offers))
        assert (ledger.lapses is None) == (not offers)
        assert ledger.lapses is None or ledger.lapses <= min(offers)
        assert ledger.capacity is None or seats + held <= ledger.capacity + ledger.over
        assert ledger.waiting == len(line)
        front = [Party(r.order, r.member_id, r.seats, r.skips) for r in line[: len(ledger.head)]]
        assert list(ledger.head) == front
        assert len(front) <= HEAD

    def everybody_is_where_the_model_has_them(self, side: Ledger, line: list[Rsvp]) -> None:
        model, rsvps = self.models[side.room], self.of(side)
        assert [(r.member_id, r.order, r.seats, r.skips) for r in line] == [
            (p.member, p.order, p.seats, p.skips) for p in model.line
        ]
        assert {r.member_id: r.seats for r in rsvps if r.status == "yes"} == model.seated
        held = {r.member_id: Held(r.seats, _expires(r)) for r in rsvps if r.offer is not None}
        assert held == model.offers
        assert {r.member_id for r in rsvps if r.status == "requested"} == model.asked.keys()

    def freed_seats_are_used_or_held_for_who_was_passed_too_often(self, side: Ledger, line: list[Rsvp]) -> None:
        for rsvp in line:
            if too_large(side, rsvp):
                continue
            assert not side.fits(rsvp.seats)
            if rsvp.skips >= self.terms.promotion.max_skips:
                return


class LateWork(Waitlist):
    """Continuations and the worker come whenever they come; what must hold meanwhile holds."""

    at_once = False

    @precondition(lambda self: any(side.due for side in self.ledger.each()))
    @rule()
    def continuation(self) -> None:
        self.go_on(next(side.room for side in self.ledger.each() if side.due))

    @precondition(lambda self: self.ledger.lapses is not None and self.ledger.lapses <= self.now)
    @rule()
    def worker(self) -> None:
        self.look_at_offers()

    @invariant()
    def what_is_due_is_not_forgotten(self) -> None:
        if way(self.terms.promotion, STARTS, self.now) == "hand":
            return
        for side in self.ledger.each():
            if side.due or not side.waiting or len(side.head) == side.waiting:
                continue
            assert side.head or not side.fits(1)
