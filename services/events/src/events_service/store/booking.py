"""What decisions about one person's RSVP, and about the line behind it, read, load and save."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, NotRead, Read, Ref
from chassis.mongo import Document
from events_service.domain.desk import Desk
from events_service.domain.group import OUTSIDER, may, standing
from events_service.domain.permission import Action
from events_service.domain.place import FIRST_ROOM, Side
from events_service.domain.waitlist import Party
from events_service.handlers.rsvp import DRAIN, RESPOND, RESPOND_WITH_ANSWERS, Booking
from events_service.store.fairness import tallied
from events_service.store.ledger import LEDGERS, heads, ledger_of, lines_in, moved, terms_of
from events_service.store.projection import (
    GROUPS,
    MEMBERS,
    MEMBERSHIPS,
    KnownGroups,
    membership_id,
    membership_of,
    membership_ref,
    people,
)
from events_service.store.rsvp import (
    RSVP_NUMBERS,
    RSVPS,
    document_id,
    line_query,
    offers_query,
    others,
    rsvp_of,
    save_changes,
)


class RsvpStore:
    """Reads, loads and saves for decisions about one person's RSVP, and about the line behind it."""

    def __init__(self) -> None:
        self._groups = KnownGroups()

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        """The ledger, the person's RSVP and what is known of them; whoever could be promoted by the decision."""
        event_id, member_id = command.aggregate, _member(command)
        own = document_id(event_id, member_id)
        wanted: list[Read] = [
            Ref(LEDGERS, event_id),
            Ref(RSVPS, own),
            Ref(MEMBERS, member_id),
            RSVP_NUMBERS.ref(event_id),
        ]
        try:
            ledger, rsvp = documents.get(LEDGERS, event_id), documents.get(RSVPS, own)
        except NotRead:
            return wanted
        if ledger is not None:
            wanted += (Ref(GROUPS, ledger["group_id"]), membership_ref(ledger["group_id"], member_id))
            if rsvp is not None and _may_free(command, rsvp, ledger):
                for party in heads(ledger):
                    wanted += (Ref(RSVPS, document_id(event_id, party[1])), Ref(MEMBERS, party[1]))
        return wanted

    def load(self, command: Command, documents: Documents) -> Booking:
        event_id, member_id = command.aggregate, _member(command)
        ledger = documents.get(LEDGERS, event_id)
        if ledger is None:
            return Booking(None, None, member_id, people(documents))
        group = self._groups.get(documents, ledger["group_id"])
        if group is None:
            return Booking(None, None, member_id, people(documents))
        found = documents.get(RSVPS, document_id(event_id, member_id))
        known = membership_of(documents.get(MEMBERSHIPS, membership_id(group.id, member_id)))
        desk = Desk(
            terms_of(ledger),
            ledger_of(ledger),
            group,
            standing(group, member_id, known),
            None if found is None else rsvp_of(found),
            None if found is not None else RSVP_NUMBERS.next(documents, event_id),
            others(documents, event_id),
        )
        dates = None if found is None else (found["created_at"], found["updated_at"])
        return Booking(desk, desk.ledger, member_id, people(documents), dates=dates)

    def reads_stewarding(self, command: Command, documents: Documents) -> Iterable[Read]:
        """As for one's own RSVP, and who acts."""
        wanted = list(self.reads(command, documents))
        try:
            ledger = documents.get(LEDGERS, command.aggregate)
        except NotRead:
            return wanted
        return wanted if ledger is None else [*wanted, membership_ref(ledger["group_id"], command.actor or "")]

    def load_stewarding(self, command: Command, documents: Documents) -> Booking:
        booking, actor = self.load(command, documents), command.actor or ""
        desk = booking.desk
        if desk is None:
            return booking
        known = membership_of(documents.get(MEMBERSHIPS, membership_id(desk.group.id, actor)))
        membership = standing(desk.group, actor, known)
        return replace(booking, steward=may(membership, actor in desk.terms.hosts, Action.MANAGE_RSVPS))

    def reads_offers(self, command: Command, documents: Documents) -> Iterable[Read]:
        """The ledger, who has offers, the head of the line, and what is known of them."""
        event_id = command.aggregate
        query = offers_query(event_id)
        yield Ref(LEDGERS, event_id)
        yield query
        if documents.missing([Ref(LEDGERS, event_id), query]):
            return
        ledger = documents.get(LEDGERS, event_id)
        if ledger is None:
            return
        yield Ref(GROUPS, ledger["group_id"])
        for document in documents.range(query):
            yield Ref(MEMBERS, document["member_id"])
        for party in heads(ledger):
            yield Ref(RSVPS, document_id(event_id, party[1]))
            yield Ref(MEMBERS, party[1])

    def load_offers(self, command: Command, documents: Documents) -> Booking:
        booking = self._nobodys(command, documents)
        if booking.desk is None:
            return booking
        found = documents.range(offers_query(command.aggregate))
        return replace(booking, held=[rsvp_of(document) for document in found if document["status"] == "offered"])

    def reads_line(self, command: Command, documents: Documents) -> Iterable[Read]:
        """The ledger, the first in the room's line, and what is known of them."""
        event_id = command.aggregate
        yield Ref(LEDGERS, event_id)
        if documents.missing([Ref(LEDGERS, event_id)]):
            return
        ledger = documents.get(LEDGERS, event_id)
        if ledger is None:
            return
        query = line_query(ledger, _room(command))
        yield query
        yield Ref(GROUPS, ledger["group_id"])
        if documents.missing([query]):
            return
        for document in documents.range(query):
            yield Ref(MEMBERS, document["member_id"])

    def load_line(self, command: Command, documents: Documents) -> Booking:
        booking = self._nobodys(command, documents)
        ledger = documents.get(LEDGERS, command.aggregate)
        if booking.desk is None or ledger is None:
            return booking
        found = documents.range(line_query(ledger, _room(command)))
        waiting = [rsvp for rsvp in found if rsvp["status"] == "waitlist"]
        line = [Party(rsvp["order"], rsvp["member_id"], rsvp["seats"], rsvp["skips"]) for rsvp in waiting]
        return replace(booking, line=line)

    def _nobodys(self, command: Command, documents: Documents) -> Booking:
        """What a decision sees that is about no one person."""
        ledger = documents.get(LEDGERS, command.aggregate)
        group = None if ledger is None else self._groups.get(documents, ledger["group_id"])
        if ledger is None or group is None:
            return Booking(None, None, "", people(documents))
        find = others(documents, command.aggregate)
        desk = Desk(terms_of(ledger), ledger_of(ledger), group, OUTSIDER, None, None, find)
        return Booking(desk, desk.ledger, "", people(documents))

    def save(self, command: Command, documents: Documents, outcome: Outcome[Booking], now: datetime) -> None:
        desk, ledger = outcome.state.desk, outcome.state.ledger
        before = documents.get(LEDGERS, command.aggregate)
        if desk is None or ledger is None or before is None:
            raise ValueError("facts about RSVPs leave a ledger")
        drained = {_room(command): self.load_line(command, documents).line} if command.name == DRAIN else {}
        saved = save_changes(documents, desk.terms, ledger, outcome.facts, now, trace=command.trace)
        lines = {**lines_in(before), **drained} if saved.moves else {}
        documents.put(LEDGERS, tallied(moved(before, ledger), saved.moves, outcome.facts, lines))
        if saved.new:
            RSVP_NUMBERS.take(documents, command.aggregate)


def _member(command: Command) -> str:
    """Who answers, or whom a command of another aggregate names."""
    named: str = command.body.get("member_id") or command.actor or ""
    return named


def _room(command: Command) -> int:
    """Whose line goes on."""
    room: int = command.body.get("room", FIRST_ROOM)
    return room


def _may_free(command: Command, rsvp: Document, ledger: Document) -> bool:
    """Whether the decision could let somebody in line take a seat."""
    if command.name not in (RESPOND, RESPOND_WITH_ANSWERS):
        return True
    if rsvp["status"] not in ("yes", "waitlist", "offered"):
        return False
    body = command.body
    return bool(body["response"] == "no" or body["guests"] < rsvp["guests"] or _moves(body.get("place"), rsvp, ledger))


def _moves(place: Side | None, rsvp: Document, ledger: Document) -> bool:
    """Whether it is wanted on the other side of an event with two."""
    if place is None or ledger.get("online") is None:
        return False
    return bool(ledger["sides"].index(place) + 1 != rsvp.get("room", FIRST_ROOM))
