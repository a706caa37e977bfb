"""Acts of people, leaders, the group and the clock, in any order, on the real decisions and on the naive model."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from events_service.domain import offer, stewarding
from events_service.domain.admission import approve, release, respond
from events_service.domain.desk import Desk, Seated
from events_service.domain.fairness import fairness
from events_service.domain.following import drain_further, follow
from events_service.domain.group import Group, Membership
from events_service.domain.hosting import reseat
from events_service.domain.ledger import Ledger, evolve
from events_service.domain.move import Move, Turn, is_move, moves_of
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
ASKERS = tuple(f"a{n}" for n in range(6))
MEMBERS = (*(f"m{n}" for n in range(12)), "host")
QUEUED = ("q0", "q1", "q2", f"q{HEAD + 3}")
ANYBODY = (*MEMBERS, *ASKERS, *QUEUED)
LEADER = "lea"


def _expires(rsvp: Rsvp) -> float:
    """Seconds from the beginning."""
    return float("inf") if rsvp.offer is None else (rsvp.offer.until - NOW).total_seconds()


class Waitlist(RuleBasedStateMachine):
    """Every command is followed by its continuation and by what is due at once, as when nothing else is waiting."""

    at_once = True

    def __init__(self) -> None:
        super().__init__()
        self.terms, self.ledger = TERMS, Ledger(capacity=0)
        self.model = Naive(0, TERMS.promotion.max_skips)
        self.rsvps: dict[str, Rsvp] = {}
        self.numbers = 0
        self.beyond = 0
        self.moves: list[Move] = []
        self.lined: dict[str, int] = {}
        self.now = NOW

    @initialize(
        capacity=st.integers(1, 8),
        queue=st.sampled_from([0, 1, 4, HEAD + 8]),
        mode=st.sampled_from(["instant", "instant", "offer", "manual"]),
    )
    def open(self, capacity: int, queue: int, mode: Literal["instant", "offer", "manual"]) -> None:
        self.ledger = Ledger(capacity=capacity)
        self.model = Naive(capacity, TERMS.promotion.max_skips, mode=mode)
        self.terms = replace(TERMS, promotion=replace(TERMS.promotion, mode=mode))
        for n in range(queue):
            self.yes(f"q{n}", n % 3)

    def desk(self, member: str, *, active: bool = True) -> Desk:
        self.numbers += 1
        membership = Membership("active" if active else "none", "member", 1 if active else 0)
        return Desk(self.terms, self.ledger, GROUP, membership, self.rsvps.get(member), self.numbers, self.rsvps.get)

    def take(self, seated: Seated, *, override: bool = False) -> None:
        self.check(seated)
        self.ledger = seated.ledger
        for fact in seated.facts:
            if isinstance(fact, Change):
                self.log(fact, seated.facts)
                self.rsvps[fact.member_id] = rsvp_after(self.rsvps.get(fact.member_id), fact)
            elif isinstance(fact, Passed):
                self.rsvps[fact.member_id] = replace(self.rsvps[fact.member_id], skips=fact.skips)
        taken = sum(rsvp.taken for rsvp in self.rsvps.values())
        excess = 0 if self.ledger.capacity is None else max(0, taken - self.ledger.capacity)
        self.beyond = excess if override else self.beyond
        assert excess <= self.beyond, "seats beyond the capacity that no leader gave"
        self.beyond = excess
        if self.at_once and self.ledger.due:
            self.go_on()

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
            )
        if change.status == "waitlist" and change.was != "waitlist":
            self.lined[who] = change.seq

    def teardown(self) -> None:
        """What can be told from the log alone."""
        turns = [Turn(r.order, r.seats, self.lined[r.member_id], NOW) for r in self.in_line()]
        assert fairness(self.moves, turns, self.now).inversions == 0

    def check(self, seated: Seated) -> None:
        """What holds for every single decision."""
        assert evolve(self.ledger, seated.facts) == seated.ledger
        changes = [fact for fact in seated.facts if isinstance(fact, Change)]
        assert [fact.seq for fact in changes] == list(range(self.ledger.seq + 1, self.ledger.seq + 1 + len(changes)))
        followers = [fact for fact in changes if fact.was == "waitlist" and isinstance(fact, Promoted | Offered)]
        continues = any(isinstance(fact, HeadRenewed) for fact in seated.facts)
        assert len(followers) <= (REACH if continues else HEAD)
        orders = [fact.order for fact in followers if fact.seats]
        assert orders == sorted(orders)
        if self.ledger.due and not continues:
            assert not orders
        for fact in changes:
            if fact.was in (None, "no") and fact.status == "yes" and fact.seats and not isinstance(fact, Admitted):
                assert not self.ledger.waiting, "a newcomer passes the line"
                assert not self.ledger.due
        self.check_order(orders, seated.facts)

    def check_order(self, orders: list[int], facts: tuple[Fact, ...]) -> None:
        """Whoever follows passes only those who are too many for the seats that are free, and they are told so."""
        if not orders:
            return
        passed = {fact.order: fact.skips for fact in facts if isinstance(fact, Passed)}
        for rsvp in self.rsvps.values():
            if rsvp.status != "waitlist" or rsvp.order in orders or rsvp.order > orders[-1]:
                continue
            if any(isinstance(fact, Change) and fact.order == rsvp.order for fact in facts):
                continue
            if self.ledger.capacity is not None and rsvp.seats > self.ledger.capacity:
                continue
            by = sum(order > rsvp.order for order in orders)
            assert passed.get(rsvp.order) == rsvp.skips + by
            assert rsvp.skips + by <= self.terms.promotion.max_skips

    def go_on(self) -> None:
        line = [Party(r.order, r.member_id, r.seats, r.skips) for r in self.in_line()[:REACH]]
        self.take(drain_further(self.desk("nobody"), line, self.now))

    def in_line(self) -> list[Rsvp]:
        return sorted((r for r in self.rsvps.values() if r.status == "waitlist"), key=lambda r: r.order)

    def holds(self, member: str) -> bool:
        return member in self.rsvps and self.rsvps[member].status != "no"

    def yes(self, member: str, guests: int) -> None:
        before = self.ledger
        decided = respond(self.desk(member), member, "yes", guests, self.now)
        if isinstance(decided, Seated):
            self.take(decided)
            self.model.yes(member, self.terms.need(member, guests))
        else:
            assert decided.reason in {"party-too-large", "guests-do-not-fit", "offer-expired", "rsvps-closed"}
            assert self.ledger == before

    @rule(member=st.sampled_from((*MEMBERS, *QUEUED)), guests=st.integers(0, 3))
    def answer_yes(self, member: str, guests: int) -> None:
        self.yes(member, guests)

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
            self.model.no(member)
        else:
            self.model.order = self.ledger.order

    @rule(member=st.sampled_from(ASKERS), guests=st.integers(0, 3))
    def ask(self, member: str, guests: int) -> None:
        decided = respond(self.desk(member, active=False), member, "yes", guests, self.now)
        if isinstance(decided, Seated):
            self.take(decided)
            self.model.ask(member, guests + 1)

    @rule(member=st.sampled_from(ASKERS))
    def let_in(self, member: str) -> None:
        self.take(approve(self.desk(member), 1, self.now))
        self.model.approve(member)

    @rule(member=st.sampled_from(ANYBODY))
    def remove(self, member: str) -> None:
        known = self.holds(member)
        self.take(release(self.desk(member, active=False), 9, self.now))
        if known and self.now < STARTS:
            self.model.no(member)

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
                self.model.yes(member, rsvp.seats)
            else:
                self.model.no(member)
        else:
            assert self.now >= rsvp.offer.until

    @rule(member=st.sampled_from(ANYBODY), guests=st.integers(0, 3), override=st.booleans())
    def leader_adds(self, member: str, guests: int, override: bool) -> None:
        asks, need = member in self.model.asked, self.terms.need(member, guests)
        decided = stewarding.add(self.desk(member), member, guests, by=LEADER, override=override, now=self.now)
        if isinstance(decided, Refused):
            return
        self.take(decided, override=override)
        if override:
            if self.model.seated.get(member) != need or decided.facts:
                self.model.admit(member, need)
        elif asks:
            self.model.ask(member, need)
        else:
            self.model.yes(member, need)

    @precondition(lambda self: self.ledger.waiting or self.ledger.offers)
    @rule(pick=st.integers(0, 7), override=st.booleans())
    def leader_promotes(self, pick: int, override: bool) -> None:
        waiting = sorted(r.member_id for r in self.rsvps.values() if r.status in ("waitlist", "offered"))
        member = waiting[pick % len(waiting)]
        seats, free = self.rsvps[member].seats, self.model.free()
        decided = stewarding.promote(self.desk(member), by=LEADER, override=override, now=self.now)
        if isinstance(decided, Refused):
            assert (decided.reason, seats > free) == ("no-free-seat", True)
            return
        self.take(decided, override=override)
        self.model.admit(member, seats)

    @rule(member=st.sampled_from(ANYBODY))
    def leader_takes_out(self, member: str) -> None:
        known = self.holds(member)
        decided = stewarding.drop(self.desk(member), by=LEADER, now=self.now)
        if isinstance(decided, Seated):
            self.take(decided)
            if known:
                self.model.no(member)

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
            self.model.host(member, 0 if rsvp is None else terms.need(member, rsvp.guests))
        self.model.drain()

    @rule(mode=st.sampled_from(["instant", "offer", "manual"]))
    def promote_differently(self, mode: Literal["instant", "offer", "manual"]) -> None:
        if mode == self.model.mode:
            return
        self.terms = replace(self.terms, promotion=replace(self.terms.promotion, mode=mode))
        self.model.mode = mode
        self.edited()
        self.model.drain()

    @rule(more=st.integers(1, 12))
    def raise_capacity(self, more: int) -> None:
        if self.ledger.capacity is not None:
            self.set_capacity(self.ledger.capacity + more)

    @rule(less=st.integers(1, 4))
    def lower_capacity(self, less: int) -> None:
        if self.ledger.capacity is not None and self.ledger.capacity - less >= max(1, self.model.taken()):
            self.set_capacity(self.ledger.capacity - less)

    def set_capacity(self, capacity: int) -> None:
        self.ledger = self.ledger.of_capacity(capacity)
        self.model.capacity = capacity
        self.edited()
        self.model.drain()

    def edited(self, *moved: Change) -> None:
        """As an edit of the event is decided."""
        after = evolve(self.ledger, moved)
        rsvps = dict(self.rsvps)
        for change in moved:
            rsvps[change.member_id] = rsvp_after(rsvps[change.member_id], change)
        facts = follow(replace(self.desk("nobody"), rsvp_of=rsvps.get), after, self.now)
        self.take(Seated(evolve(after, facts), (*moved, *facts)))

    @precondition(lambda self: self.now < STARTS)
    @rule(hours=st.sampled_from([1, 5, 13, 40]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.model.now += hours * 3600
        if self.at_once:
            self.look_at_offers()

    def look_at_offers(self) -> None:
        while self.ledger.lapses is not None and self.ledger.lapses <= self.now:
            held = sorted((r for r in self.rsvps.values() if r.offer is not None), key=_expires)
            self.take(offer.lapse(self.desk("nobody"), held[:REACH], self.now))
        self.model.expire()

    @invariant()
    def everything_holds(self) -> None:
        line = self.in_line()
        self.the_ledger_counts_right(line)
        if self.at_once:
            self.everybody_is_where_the_model_has_them(line)
        if self.at_once and self.model.drained:
            self.model.drained = False
            self.freed_seats_are_used_or_held_for_who_was_passed_too_often(line)

    def the_ledger_counts_right(self, line: list[Rsvp]) -> None:
        ledger, seats, held = self.ledger, 0, 0
        for rsvp in self.rsvps.values():
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

    def everybody_is_where_the_model_has_them(self, line: list[Rsvp]) -> None:
        assert [(r.member_id, r.order, r.seats, r.skips) for r in line] == [
            (p.member, p.order, p.seats, p.skips) for p in self.model.line
        ]
        rsvps = self.rsvps.values()
        assert {r.member_id: r.seats for r in rsvps if r.status == "yes"} == self.model.seated
        held = {r.member_id: Held(r.seats, _expires(r)) for r in rsvps if r.offer is not None}
        assert held == self.model.offers
        assert {r.member_id for r in rsvps if r.status == "requested"} == self.model.asked.keys()

    def freed_seats_are_used_or_held_for_who_was_passed_too_often(self, line: list[Rsvp]) -> None:
        for rsvp in line:
            if self.ledger.capacity is not None and rsvp.seats > self.ledger.capacity:
                continue
            assert not self.ledger.fits(rsvp.seats)
            if rsvp.skips >= self.terms.promotion.max_skips:
                return


class LateWork(Waitlist):
    """Continuations and the worker come whenever they come; what must hold meanwhile holds."""

    at_once = False

    @precondition(lambda self: self.ledger.due)
    @rule()
    def continuation(self) -> None:
        self.go_on()

    @precondition(lambda self: self.ledger.lapses is not None and self.ledger.lapses <= self.now)
    @rule()
    def worker(self) -> None:
        self.look_at_offers()

    @invariant()
    def what_is_due_is_not_forgotten(self) -> None:
        if self.ledger.due or not self.ledger.waiting or len(self.ledger.head) == self.ledger.waiting:
            return
        if way(self.terms.promotion, STARTS, self.now) == "hand":
            return
        assert self.ledger.head or not self.ledger.fits(1)
