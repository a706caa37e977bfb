"""`rsvps`: one document per event and person, and what decisions about them read and change."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, NotRead, Query, Read, Ref
from chassis.journal.numbers import Numbers
from chassis.mongo import Document
from events_service.domain.desk import Desk
from events_service.domain.group import OUTSIDER, standing
from events_service.domain.rsvp import Change, Erased, Fact, Kept, Passed, Rsvp, Shown, Terms
from events_service.domain.waitlist import REACH, Party
from events_service.handlers.rsvp import RESPOND, Booking
from events_service.store.kept import keep
from events_service.store.ledger import LEDGERS, ledger_of, moved, terms_of
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

RSVPS = "rsvps"
RSVP_NUMBERS = Numbers("rsvp")


def document_id(event_id: str, member_id: str) -> str:
    return f"{event_id}:{member_id}"


def rsvp_of(document: Document) -> Rsvp:
    return Rsvp(
        document["member_id"],
        document["number"],
        document["order"],
        document["status"],
        document["guests"],
        document["seats"],
        document["skips"],
        document["seq"],
        document["seen"],
        document["shown"],
        document["mtime"],
    )


def others(documents: Documents, event_id: str) -> Callable[[str], Rsvp | None]:
    """RSVPs to the event among what a batch has loaded. The function raises NotRead for others."""

    def find(member_id: str) -> Rsvp | None:
        document = documents.get(RSVPS, document_id(event_id, member_id))
        return None if document is None else rsvp_of(document)

    return find


def line_query(event_id: str) -> Query:
    """The first in line, in order of acceptance."""
    return Query(RSVPS, (("event_id", event_id), ("status", "waitlist")), (("order", 1),), REACH)


def save_changes(documents: Documents, terms: Terms, facts: Sequence[Fact], now: datetime, *, trace: str | None) -> int:
    """The RSVPs after the facts; how many of them are new. trace: W3C traceparent of the decision."""
    after: dict[str, Document] = {}
    new = 0
    for fact in facts:
        if isinstance(fact, Change):
            id_ = document_id(terms.event_id, fact.member_id)
            before = after.get(fact.member_id) or documents.get(RSVPS, id_)
            new += before is None
            after[fact.member_id] = _changed(before, id_, terms, fact, now)
        elif isinstance(fact, Shown | Kept):
            after[fact.member_id] |= {"shown": fact.response, "mtime": fact.mtime}
            if isinstance(fact, Kept):
                keep(documents, terms.event_id, fact, trace)
        elif isinstance(fact, Erased):
            held = after.get(fact.member_id) or documents.get(RSVPS, document_id(terms.event_id, fact.member_id))
            if held is not None:
                after[fact.member_id] = {**held, "shown": None, "erased": True}
        elif isinstance(fact, Passed):
            before = documents.get(RSVPS, document_id(terms.event_id, fact.member_id))
            if before is not None:
                after[fact.member_id] = {**(after.get(fact.member_id) or before), "skips": fact.skips}
    for document in after.values():
        documents.put(RSVPS, document)
    return new


def _changed(before: Document | None, id_: str, terms: Terms, change: Change, now: datetime) -> Document:
    """`live`: it holds a seat, a turn or a request; `asked_at`: when its place in line was given."""
    same_turn = before is not None and before["order"] == change.order
    return {
        "_id": id_,
        "v": 1,
        "event_id": terms.event_id,
        "group_id": terms.group_id,
        "member_id": change.member_id,
        "number": change.number,
        "order": change.order,
        "status": change.status,
        "live": change.status != "no",
        "guests": change.guests,
        "seats": change.seats,
        "skips": change.skips,
        "seq": change.seq,
        "seen": change.seen,
        "shown": None if before is None else before["shown"],
        "mtime": 0 if before is None else before["mtime"],
        "starts": terms.starts,
        "asked_at": before["asked_at"] if before is not None and same_turn else now,
        "created_at": now if before is None else before["created_at"],
        "updated_at": now,
    }


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
            if rsvp is not None and ledger["head"] and _may_free(command, rsvp):
                for party in ledger["head"]:
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

    def reads_line(self, command: Command, documents: Documents) -> Iterable[Read]:
        """The ledger, the first in line, and what is known of them."""
        event_id = command.aggregate
        query = line_query(event_id)
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

    def load_line(self, command: Command, documents: Documents) -> Booking:
        event_id = command.aggregate
        ledger = documents.get(LEDGERS, event_id)
        group = None if ledger is None else self._groups.get(documents, ledger["group_id"])
        if ledger is None or group is None:
            return Booking(None, None, "", people(documents))
        find = others(documents, event_id)
        desk = Desk(terms_of(ledger), ledger_of(ledger), group, OUTSIDER, None, None, find)
        waiting = [rsvp for rsvp in documents.range(line_query(event_id)) if rsvp["status"] == "waitlist"]
        line = [Party(rsvp["order"], rsvp["member_id"], rsvp["seats"], rsvp["skips"]) for rsvp in waiting]
        return Booking(desk, desk.ledger, "", people(documents), line)

    def save(self, command: Command, documents: Documents, outcome: Outcome[Booking], now: datetime) -> None:
        desk, ledger = outcome.state.desk, outcome.state.ledger
        before = documents.get(LEDGERS, command.aggregate)
        if desk is None or ledger is None or before is None:
            raise ValueError("facts about RSVPs leave a ledger")
        documents.put(LEDGERS, moved(before, ledger))
        if save_changes(documents, desk.terms, outcome.facts, now, trace=command.trace):
            RSVP_NUMBERS.take(documents, command.aggregate)


def _member(command: Command) -> str:
    """Who answers, or whom a command of another aggregate names."""
    named: str = command.body.get("member_id") or command.actor or ""
    return named


def _may_free(command: Command, rsvp: Document) -> bool:
    """Whether the decision could let somebody in line take a seat."""
    if command.name != RESPOND:
        return True
    if rsvp["status"] not in ("yes", "waitlist"):
        return False
    return bool(command.body["response"] == "no" or command.body["guests"] < rsvp["guests"])
