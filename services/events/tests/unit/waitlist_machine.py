"""Acts of people, leaders, the group and the clock, in any order, on the real decisions and on the naive model."""

from dataclasses import replace
from datetime import timedelta
from typing import Literal

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from events_service.domain import stewarding
from events_service.domain.desk import Seated
from events_service.domain.hosting import reseat
from events_service.domain.ledger import Ledger
from events_service.domain.place import Side
from events_service.domain.promotion import way
from events_service.domain.refusal import Refused
from events_service.domain.rsvp import Rsvp
from events_service.domain.waitlist import HEAD

from . import waitlist_holds as holds
from .naive import Held, Naive
from .waitlist_people import People
from .waitlist_world import ANYBODY, PLACES, SIDES, STARTS, TERMS, expires

LEADER = "lea"


class Waitlist(People):
    """What people do, and what leaders and the clock do, with what must hold after every step."""

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

    @precondition(lambda self: self.now < STARTS)
    @rule(hours=st.sampled_from([1, 5, 13, 40]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        for model in self.models.values():
            model.now += hours * 3600
        if self.at_once:
            self.look_at_offers()

    @invariant()
    def everything_holds(self) -> None:
        skips = self.terms.promotion.max_skips
        for side in self.ledger.each():
            line, model = self.in_line(side), self.models[side.room]
            holds.the_ledger_counts_right(side, self.rsvps)
            if self.at_once:
                self.everybody_is_where_the_model_has_them(side, line)
            if self.at_once and model.drained:
                model.drained = False
                holds.freed_seats_are_used_or_held_for_who_was_passed_too_often(side, line, max_skips=skips)

    def everybody_is_where_the_model_has_them(self, side: Ledger, line: list[Rsvp]) -> None:
        model, rsvps = self.models[side.room], self.of(side)
        assert [(r.member_id, r.order, r.seats, r.skips) for r in line] == [
            (p.member, p.order, p.seats, p.skips) for p in model.line
        ]
        assert {r.member_id: r.seats for r in rsvps if r.status == "yes"} == model.seated
        held = {r.member_id: Held(r.seats, expires(r)) for r in rsvps if r.offer is not None}
        assert held == model.offers
        assert {r.member_id for r in rsvps if r.status == "requested"} == model.asked.keys()


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
