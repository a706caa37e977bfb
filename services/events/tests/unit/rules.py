"""An event with its ledger and its RSVPs, decided one after another; what the tests of the rules share."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from events_service.domain import offer
from events_service.domain.admission import respond
from events_service.domain.desk import Desk, Seated
from events_service.domain.fairness import Tally, counted
from events_service.domain.group import Group, Membership
from events_service.domain.ledger import Ledger
from events_service.domain.move import Move, is_move, moves_of
from events_service.domain.place import ROOMS
from events_service.domain.promotion import Promotion
from events_service.domain.refusal import Refused
from events_service.domain.rsvp import Answered, Change, Rsvp, Terms, rsvp_after
from events_service.domain.waitlist import Passed

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
STARTS = NOW + timedelta(days=10)
GROUP = Group("g", 1, "g", "G", (), "Kyoto", "jp", None, 35.0, 135.8, "public", "open", "active", "olga")
MEMBER = Membership("active", "member", 1)
TERMS = Terms(
    event_id="e",
    group_id="g",
    status="published",
    title="Tea",
    starts=STARTS,
    ends=STARTS + timedelta(hours=2),
    opens=None,
    closes=STARTS,
    guest_limit=3,
    promotion=Promotion(),
    hosts=(),
    attendee_list="everyone",
    venue=None,
    questions=2,
)


@dataclass
class Evening:
    """Everybody is a member of an open group, where nothing else is said."""

    ledger: Ledger
    terms: Terms = TERMS
    group: Group = GROUP
    now: datetime = NOW
    rsvps: dict[str, Rsvp] = field(default_factory=dict)
    asked: dict[str, datetime] = field(default_factory=dict)
    lined: dict[str, int] = field(default_factory=dict)
    offered: dict[str, datetime] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)
    tallies: dict[int, Tally] = field(default_factory=lambda: {room: Tally() for room in ROOMS})

    def desk(self, member: str, membership: Membership = MEMBER) -> Desk:
        number = len(self.rsvps) + 1
        return Desk(self.terms, self.ledger, self.group, membership, self.rsvps.get(member), number, self.rsvps.get)

    def take(self, decided: Seated | Refused) -> str:
        """The reason of the refusal, or nothing."""
        if isinstance(decided, Refused):
            return decided.reason
        before = len(self.moves)
        for fact in decided.facts:
            if isinstance(fact, Change):
                self._changed(fact, decided)
            elif isinstance(fact, Passed):
                self.rsvps[fact.member_id] = replace(self.rsvps[fact.member_id], skips=fact.skips)
            elif isinstance(fact, Answered):
                self.rsvps[fact.member_id] = replace(self.rsvps[fact.member_id], answers=fact.answers)
        for side in self.ledger.each():
            tally = self.tallies[side.room]
            self.tallies[side.room] = counted(tally, self.moves[before:], decided.facts, side.head, side.room)
        self.ledger = decided.ledger
        return ""

    def _changed(self, change: Change, decided: Seated) -> None:
        who, before = change.member_id, self.rsvps.get(change.member_id)
        if is_move(change):
            self.moves += moves_of(
                change,
                decided.facts,
                at=self.now,
                lined=self.lined.get(who, change.seq),
                asked=self.asked.get(who, self.now),
                seats=change.seats if before is None else before.seats,
                capacity_of=lambda room: self.ledger.facing(room).capacity,
                offered=self.offered.get(who),
            )
        if change.status == "offered":
            self.offered[who] = self.now
        if change.status == "waitlist" and (change.was != "waitlist" or change.left is not None):
            self.lined[who], self.asked[who] = change.seq, self.now
        self.rsvps[who] = rsvp_after(before, change)

    def yes(self, member: str, guests: int = 0, **more: Any) -> str:
        self.take(respond(self.desk(member), member, "yes", guests, self.now, **more))
        return self.status(member)

    def no(self, member: str) -> str:
        self.take(respond(self.desk(member), member, "no", 0, self.now))
        return self.status(member)

    def status(self, member: str) -> str:
        return self.rsvps[member].status if member in self.rsvps else ""

    def offer(self, member: str) -> int:
        held = self.rsvps[member].offer
        assert held is not None
        return held.seq

    def worker(self) -> None:
        """What the worker asks for, when it is due."""
        if self.ledger.lapses is not None and self.ledger.lapses <= self.now:
            self.take(offer.lapse(self.desk("nobody"), self.held(), self.now))

    def held(self) -> list[Rsvp]:
        """Those with offers, the first to expire first."""
        return sorted((rsvp for rsvp in self.rsvps.values() if rsvp.offer is not None), key=_until)


def _until(rsvp: Rsvp) -> datetime:
    assert rsvp.offer is not None
    return rsvp.offer.until


def evening(capacity: int | None = 2, **terms: Any) -> Evening:
    return Evening(Ledger(capacity=capacity), replace(TERMS, **terms))


def reason(decided: Seated | Refused) -> str:
    assert isinstance(decided, Refused)
    return decided.reason
