"""`kept`: public changes that wait for a member's number, by event and place in its queue."""

from collections.abc import Iterable
from datetime import datetime

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, Read, Ref
from chassis.mongo import Document
from events_service.domain.publicity import STEPS
from events_service.domain.rsvp import Kept, KeptDone
from events_service.handlers.publicity import Queue
from events_service.store.ledger import LEDGERS, ledger_of, moved, terms_of
from events_service.store.projection import GROUPS, MEMBERS, known_group, people

KEPT = "kept"


def kept_id(event_id: str, place: int) -> str:
    return f"{event_id}:{place}"


def keep(documents: Documents, event_id: str, kept: Kept, trace: str | None) -> None:
    """trace: W3C traceparent of the decision that it follows from."""
    documents.put(
        KEPT,
        {
            "_id": kept_id(event_id, kept.place),
            "v": 1,
            "event_id": event_id,
            "place": kept.place,
            "member_id": kept.member_id,
            "number": kept.number,
            "response": kept.response,
            "guests": kept.guests,
            "mtime": kept.mtime,
            "trace": trace,
        },
    )


def kept_of(document: Document) -> Kept:
    return Kept(
        document["place"],
        document["member_id"],
        document["number"],
        document["response"],
        document["guests"],
        document["mtime"],
    )


def _places(ledger: Document) -> range:
    first = ledger["kept_first"]
    return range(first, min(ledger["kept_last"], first + STEPS - 1) + 1)


class KeptStore:
    """Reads, loads and saves for sending out what waited."""

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        """The ledger, its group, the first of the queue, and their members."""
        event_id = command.aggregate
        yield Ref(LEDGERS, event_id)
        if documents.missing([Ref(LEDGERS, event_id)]):
            return
        ledger = documents.get(LEDGERS, event_id)
        if ledger is None:
            return
        yield Ref(GROUPS, ledger["group_id"])
        for place in _places(ledger):
            ref = Ref(KEPT, kept_id(event_id, place))
            yield ref
            kept = None if documents.missing([ref]) else documents.get(KEPT, ref.id)
            if kept is not None:
                yield Ref(MEMBERS, kept["member_id"])

    def load(self, command: Command, documents: Documents) -> Queue:
        event_id = command.aggregate
        ledger = documents.get(LEDGERS, event_id)
        if ledger is None:
            return Queue(None, None, None, (), {}, people(documents))
        waiting = [documents.get(KEPT, kept_id(event_id, place)) for place in _places(ledger)]
        found = [document for document in waiting if document is not None]
        return Queue(
            terms_of(ledger),
            known_group(documents, ledger["group_id"]),
            ledger_of(ledger),
            [kept_of(document) for document in found],
            {(document["number"], document["mtime"]): document.get("trace") for document in found},
            people(documents),
        )

    def save(self, command: Command, documents: Documents, outcome: Outcome[Queue], now: datetime) -> None:
        ledger, before = outcome.state.ledger, documents.get(LEDGERS, command.aggregate)
        if ledger is None or before is None:
            raise ValueError("a queue belongs to a ledger")
        for fact in outcome.facts:
            if isinstance(fact, KeptDone):
                for place in range(before["kept_first"], fact.last + 1):
                    documents.delete(KEPT, kept_id(command.aggregate, place))
        documents.put(LEDGERS, moved(before, ledger))
