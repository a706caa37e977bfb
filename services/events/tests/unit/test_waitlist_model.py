"""The waitlist under any mix of answers, against a model so naive that it is plainly right."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from events_service.domain.admission import approve, release, respond
from events_service.domain.desk import Desk, Seated
from events_service.domain.following import drain_further, follow
from events_service.domain.group import Group, Membership
from events_service.domain.rsvp import (
    Change,
    DrainLeft,
    HeadRenewed,
    Ledger,
    Passed,
    Promoted,
    Rsvp,
    Terms,
    evolve,
    rsvp_after,
)
from events_service.domain.waitlist import HEAD, REACH, Party

from .naive import Naive

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
GROUP = Group("g", 1, "g", "G", (), "Kyoto", "jp", None, 35.0, 135.8, "public", "approval", "active", "organizer")
TERMS = Terms(
    event_id="e",
    group_id="g",
    status="published",
    title="Tea",
    starts=NOW + timedelta(days=1),
    ends=NOW + timedelta(days=1, hours=2),
    opens=None,
    closes=NOW + timedelta(days=1),
    guest_limit=3,
    max_skips=2,
    hosts=("host",),
    attendee_list="everyone",
    venue=None,
)
ASKERS = tuple(f"a{n}" for n in range(6))
MEMBERS = (*(f"m{n}" for n in range(12)), "host")


class Waitlist(RuleBasedStateMachine):
    """Every command is followed by its continuation at once, as when nothing else is waiting."""

    at_once = True

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger(capacity=0)
        self.model = Naive(0, TERMS.max_skips)
        self.rsvps: dict[str, Rsvp] = {}
        self.numbers = 0

    @initialize(capacity=st.integers(1, 8), queue=st.sampled_from([0, 1, 4, HEAD + 8]))
    def open(self, capacity: int, queue: int) -> None:
        self.ledger, self.model = Ledger(capacity=capacity), Naive(capacity, TERMS.max_skips)
        for n in range(queue):
            self.yes(f"q{n}", n % 3)

    def desk(self, member: str, *, active: bool) -> Desk:
        self.numbers += 1
        membership = Membership("active" if active else "none", "member", 1 if active else 0)
        return Desk(TERMS, self.ledger, GROUP, membership, self.rsvps.get(member), self.numbers, self.rsvps.get)

    def take(self, seated: Seated) -> None:
        self.check(seated)
        self.ledger = seated.ledger
        for fact in seated.facts:
            if isinstance(fact, Change):
                self.rsvps[fact.member_id] = rsvp_after(self.rsvps.get(fact.member_id), fact)
            elif isinstance(fact, Passed):
                self.rsvps[fact.member_id] = replace(self.rsvps[fact.member_id], skips=fact.skips)
        if self.at_once and self.ledger.due:
            self.go_on()

    def check(self, seated: Seated) -> None:
        """What holds for every single decision."""
        assert evolve(self.ledger, seated.facts) == seated.ledger
        promoted = [fact for fact in seated.facts if isinstance(fact, Promoted)]
        limit = REACH if any(isinstance(fact, HeadRenewed) for fact in seated.facts) else HEAD
        assert len(promoted) <= limit
        orders = [fact.order for fact in promoted if fact.seats]
        assert orders == sorted(orders)
        changes = [fact for fact in seated.facts if isinstance(fact, Change)]
        assert [fact.seq for fact in changes] == list(range(self.ledger.seq + 1, self.ledger.seq + 1 + len(changes)))
        if self.ledger.due and changes and not any(isinstance(fact, HeadRenewed) for fact in seated.facts):
            assert not promoted
        for fact in changes:
            if fact.was in (None, "no") and fact.status == "yes" and fact.seats:
                assert not self.ledger.waiting
                assert not self.ledger.due
        assert sum(isinstance(fact, DrainLeft) for fact in seated.facts) <= 1

    def go_on(self) -> None:
        waiting = sorted((r for r in self.rsvps.values() if r.status == "waitlist"), key=lambda r: r.order)
        line = [Party(r.order, r.member_id, r.seats, r.skips) for r in waiting[:REACH]]
        self.take(drain_further(self.desk("nobody", active=True), line))

    def yes(self, member: str, guests: int) -> None:
        before = self.ledger
        decided = respond(self.desk(member, active=True), member, "yes", guests, NOW)
        if isinstance(decided, Seated):
            self.take(decided)
            self.model.yes(member, TERMS.need(member, guests))
        else:
            assert decided.reason in {"party-too-large", "guests-do-not-fit"}
            assert self.ledger == before

    @rule(member=st.sampled_from(MEMBERS), guests=st.integers(0, 3))
    def answer_yes(self, member: str, guests: int) -> None:
        self.yes(member, guests)

    @rule(member=st.sampled_from((*MEMBERS, *ASKERS, "q0", "q1", "q2", f"q{HEAD + 3}")))
    def answer_no(self, member: str) -> None:
        known = member in self.rsvps and self.rsvps[member].status != "no"
        decided = respond(self.desk(member, active=True), member, "no", 0, NOW)
        assert isinstance(decided, Seated)
        self.take(decided)
        if known:
            self.model.no(member)
        else:
            self.model.order = self.ledger.order

    @rule(member=st.sampled_from(ASKERS), guests=st.integers(0, 3))
    def ask(self, member: str, guests: int) -> None:
        decided = respond(self.desk(member, active=False), member, "yes", guests, NOW)
        if isinstance(decided, Seated):
            self.take(decided)
            self.model.ask(member, guests + 1)

    @rule(member=st.sampled_from(ASKERS))
    def let_in(self, member: str) -> None:
        self.take(approve(self.desk(member, active=True), 1, NOW))
        self.model.approve(member)

    @rule(member=st.sampled_from((*MEMBERS, *ASKERS)))
    def remove(self, member: str) -> None:
        known = member in self.rsvps and self.rsvps[member].status != "no"
        self.take(release(self.desk(member, active=False), 9, NOW))
        if known:
            self.model.no(member)

    @rule(more=st.integers(0, 12))
    def raise_capacity(self, more: int) -> None:
        assert self.ledger.capacity is not None
        self.set_capacity(self.ledger.capacity + more)

    @rule(less=st.integers(0, 4))
    def lower_capacity(self, less: int) -> None:
        assert self.ledger.capacity is not None
        self.set_capacity(max(self.ledger.capacity - less, self.ledger.seats, 1))

    def set_capacity(self, capacity: int) -> None:
        self.ledger = replace(self.ledger, capacity=capacity)
        self.model.capacity = capacity
        desk = self.desk("nobody", active=True)
        facts = follow(desk, self.ledger)
        self.take(Seated(evolve(self.ledger, facts), tuple(facts)))
        self.model.drain()

    @invariant()
    def nobody_sits_without_a_seat(self) -> None:
        taken = sum(rsvp.seats for rsvp in self.rsvps.values() if rsvp.status == "yes")
        assert self.ledger.seats == taken
        assert self.ledger.capacity is None or taken <= self.ledger.capacity

    @invariant()
    def the_head_is_the_front_of_the_line(self) -> None:
        line = sorted((r for r in self.rsvps.values() if r.status == "waitlist"), key=lambda r: r.order)
        assert self.ledger.waiting == len(line)
        front = [Party(r.order, r.member_id, r.seats, r.skips) for r in line[: len(self.ledger.head)]]
        assert list(self.ledger.head) == front
        assert len(front) <= HEAD

    @invariant()
    def everybody_is_where_the_model_has_them(self) -> None:
        if self.at_once:
            self.compare()

    def compare(self) -> None:
        line = sorted((r for r in self.rsvps.values() if r.status == "waitlist"), key=lambda r: r.order)
        assert [(r.member_id, r.order, r.seats, r.skips) for r in line] == [
            (p.member, p.order, p.seats, p.skips) for p in self.model.line
        ]
        seated = {r.member_id: r.seats for r in self.rsvps.values() if r.status == "yes"}
        assert seated == self.model.seated


class LateContinuations(Waitlist):
    """Continuations come whenever they come; what must hold meanwhile holds."""

    at_once = False

    @precondition(lambda self: self.ledger.due)
    @rule()
    def continuation(self) -> None:
        self.go_on()

    @invariant()
    def what_is_due_is_not_forgotten(self) -> None:
        if self.ledger.due or not self.ledger.waiting or len(self.ledger.head) == self.ledger.waiting:
            return
        first = self.ledger.head[0] if self.ledger.head else None
        assert first is not None or not self.ledger.fits(1)


TestWaitlist = Waitlist.TestCase
TestWaitlist.settings = settings(max_examples=300, stateful_step_count=50, deadline=None)
TestLateContinuations = LateContinuations.TestCase
TestLateContinuations.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)
