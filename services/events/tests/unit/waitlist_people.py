"""What people do about an event, on the real decisions and on the naive model: they answer, ask, take offers, go."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from events_service.domain import offer
from events_service.domain.admission import approve, release, respond
from events_service.domain.desk import Seated
from events_service.domain.place import Side
from events_service.domain.refusal import Refused

from .waitlist_world import ANYBODY, ASKERS, MEMBERS, PLACES, QUEUED, STARTS, World


class People(World):
    """Of the group and from outside; whoever leaves it or is let in, too."""

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
