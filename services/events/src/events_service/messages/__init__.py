"""What happened, in the words that other services read. The only module that knows facts and contracts.

RSVP messages are written as JSON straight away, in the contract's order of fields: there are many of them, and a test
holds them against the models.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic_core import to_json

from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Outgoing, Told
from chassis.times import when
from contracts.events import JoinAsked, MemberSeen, RsvpChanged
from events_service.domain import event as events
from events_service.domain import rsvp as rsvps
from events_service.domain.membership import Settled, Spread
from events_service.domain.person import FORGOTTEN, NumberArrived, Seen
from events_service.domain.place import FIRST_ROOM
from events_service.domain.rsvp import Admitted, Change, Dropped, Offered, OffersSeen, Shown, Terms
from events_service.domain.waitlist import DrainLeft
from events_service.handlers.answer import offer_id, rsvp_id
from events_service.handlers.event import Agenda
from events_service.handlers.membership import SETTLE, Sweep
from events_service.handlers.offer import LAPSE
from events_service.handlers.person import SEE, Known, see_command
from events_service.handlers.publicity import RELEASE_KEPT
from events_service.handlers.rsvp import APPROVE, DRAIN, RELEASE, RESPOND, RESPOND_WITH_ANSWERS, Booking
from events_service.handlers.sight import REVIEW
from events_service.messages.event import TOLD, copies_made, event_told, leaving
from events_service.messages.outgoing import outgoing
from events_service.messages.public import PublicStream, following, hidden

_RSVP = "convene.events.rsvp"
_RSVP_TYPES: dict[type[Change], str] = {
    rsvps.Requested: f"{_RSVP}.requested.v1",
    rsvps.Confirmed: f"{_RSVP}.confirmed.v1",
    rsvps.Waitlisted: f"{_RSVP}.waitlisted.v1",
    rsvps.Promoted: f"{_RSVP}.promoted.v1",
    rsvps.Offered: f"{_RSVP}.offered.v1",
    rsvps.Expired: f"{_RSVP}.expired.v1",
    rsvps.Admitted: f"{_RSVP}.admitted.v1",
    rsvps.Declined: f"{_RSVP}.declined.v1",
    rsvps.Released: f"{_RSVP}.released.v1",
    rsvps.Dropped: f"{_RSVP}.released.v1",
}
_JOIN = JoinAsked.types[0]
_SEEN = MemberSeen.types[0]


class Messages:
    """public: writes what everybody may see."""

    def __init__(self, public: PublicStream) -> None:
        self._public = public

    def tell_booking(self, command: Command, outcome: Outcome[Booking], now: datetime) -> Told:
        """Messages about RSVPs and the public stream, and what has to follow."""
        booking = outcome.state
        desk = booking.desk
        if desk is None:
            return Told()
        messages: list[Outgoing] = []
        children = list(_following(command, outcome.facts, booking.person_of))
        for fact in outcome.facts:
            if isinstance(fact, Change):
                messages.append(rsvp_changed(desk.terms, fact))
            elif isinstance(fact, Shown):
                messages.append(self._public.shown(desk.terms, desk.group, fact, booking.person_of(fact.member_id)))
            elif isinstance(fact, rsvps.Erased) and fact.shown:
                messages.append(hidden(desk.terms.event_id, fact.number))
            elif isinstance(fact, rsvps.JoinAsked):
                messages.append(_join_asked(desk.terms.event_id, fact))
        if command.name in (RESPOND, RESPOND_WITH_ANSWERS):
            children += _seeing(command, booking)
        return Told(messages, children)

    def tell_event(self, command: Command, outcome: Outcome[Agenda], now: datetime) -> Told:
        """The event's state once it is published; then what an edit means for RSVPs."""
        agenda = outcome.state
        event, group = agenda.event, agenda.group
        if event is None or group is None:
            return Told()
        made = tuple(copies_made(event, outcome.facts))
        if event.status == "draft":
            return Told(made, list(leaving(command, event, outcome.facts)))
        terms = event.terms()
        messages: list[Outgoing] = [*made]
        for fact in outcome.facts:
            if isinstance(fact, TOLD):
                messages.append(event_told(event, fact))
            elif isinstance(fact, Change):
                messages.append(rsvp_changed(terms, fact))
            elif isinstance(fact, Shown):
                messages.append(self._public.shown(terms, group, fact, agenda.person_of(fact.member_id)))
        children = [*_following(command, outcome.facts, agenda.person_of)]
        return Told(messages, [*children, *leaving(command, event, outcome.facts)])


def _seeing(command: Command, booking: Booking) -> Iterator[Command]:
    """That somebody was seen of whom the groups service has said nothing, or that they are forgotten."""
    person = booking.person_of(booking.member_id)
    if person is None:
        yield see_command(booking.member_id, trace=command.trace)
    elif person == FORGOTTEN:
        yield command.child(SEE, booking.member_id, {})


def tell_person(command: Command, outcome: Outcome[Known], now: datetime) -> Told:
    """That a member was seen; and the events that waited for their number go on."""
    messages: list[Outgoing] = []
    children: list[Command] = []
    for fact in outcome.facts:
        if isinstance(fact, Seen):
            value = MemberSeen(member_id=fact.member_id).model_dump_json()
            messages.append(outgoing(MemberSeen.topic, _SEEN, fact.member_id, fact.member_id, value))
        elif isinstance(fact, NumberArrived):
            children += [command.child(RELEASE_KEPT, event_id, {}) for event_id in fact.event_ids]
    return Told(messages, children)


def tell_sweep(command: Command, outcome: Outcome[Sweep], now: datetime) -> Told:
    """One command for every event concerned, the rest of a long list, and the other lanes' part."""
    children: list[Command] = []
    # where the lanes have changed meanwhile, each begins anew
    body = {**command.body, "lanes": outcome.state.lanes, "after": ""}
    for fact in outcome.facts:
        if isinstance(fact, Spread):
            children += [command.child(SETTLE, other, body, first=True) for other in fact.aggregates]
        if isinstance(fact, Settled):
            approval = {"member_id": fact.member_id, "version": fact.version}
            children += [command.child(APPROVE, event_id, approval) for event_id in fact.approved]
            freed = {"member_id": fact.member_id, "below": fact.version}
            children += [command.child(RELEASE, event_id, freed) for event_id in fact.released]
            if fact.after is not None:
                further = {**body, "after": fact.after}
                children.append(command.child(SETTLE, command.aggregate, further, first=True))
    return Told(children=children)


def rsvp_changed(terms: Terms, change: Change) -> Outgoing:
    """One decision about one RSVP."""
    value: dict[str, Any] = {
        "rsvp_id": rsvp_id(terms.event_id, change.member_id),
        "number": change.number,
        "event_id": terms.event_id,
        "group_id": terms.group_id,
        "member_id": change.member_id,
        "status": change.status,
        "was": change.was,
        "guests": change.guests,
        "position": change.position,
        "seq": change.seq,
    }
    if isinstance(change, Offered):
        value |= {"offer_id": offer_id(terms.event_id, change.offer), "offer_expires_at": when(change.until)}
    elif isinstance(change, Admitted):
        value |= {"by": change.by, "override": change.override}
    elif isinstance(change, Dropped):
        value["by"] = change.by
    side = terms.side(change.room)
    if side is not None:
        value["place"] = side
    return outgoing(
        RsvpChanged.topic, _RSVP_TYPES[type(change)], terms.event_id, str(change.number), to_json(value).decode()
    )


def _join_asked(event_id: str, fact: rsvps.JoinAsked) -> Outgoing:
    asked = JoinAsked(event_id=event_id, group_id=fact.group_id, member_id=fact.member_id, membership_version=fact.seen)
    return Outgoing(
        topic=JoinAsked.topic,
        type=_JOIN,
        subject=event_id,
        key=f"{fact.group_id}:{fact.member_id}",
        partition=event_id,
        value=asked.model_dump_json(),
    )


def _following(command: Command, facts: Any, person_of: Any) -> Iterator[Command]:
    """The commands that the facts cause."""
    yield from following(command, facts, person_of)
    for fact in facts:
        if isinstance(fact, DrainLeft):
            first = fact.room == FIRST_ROOM
            body = {} if first else {"room": fact.room}
            tag = str(fact.seq) if first else f"{fact.seq}.{fact.room}"
            yield command.child(DRAIN, command.aggregate, body, first=True, tag=tag)
        elif isinstance(fact, OffersSeen) and fact.more:
            yield command.child(LAPSE, command.aggregate, command.body, first=True)
        elif isinstance(fact, events.Restored) or (
            isinstance(fact, events.Changed) and "attendee_list" in fact.changes
        ):
            # nothing went out on the public stream of what was decided while the event was off
            yield command.child(REVIEW, command.aggregate, {}, first=True)
