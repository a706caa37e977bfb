"""`records`: how often somebody came to a group's events, by `record:<group id>:<member id>`."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Final

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, Read, Ref
from chassis.mongo import Document
from events_service.domain.record import Record

RECORDS: Final = "records"
_FIELDS: Final = ("group_id", "member_id", "attended", "no_show", "excused", "forgotten")


def record_of(document: Document) -> Record:
    return Record(**{name: document[name] for name in _FIELDS})


class RecordStore:
    """Reads, loads and saves one group's memory of one member."""

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        return (Ref(RECORDS, command.aggregate),)

    def load(self, command: Command, documents: Documents) -> Record:
        found = documents.get(RECORDS, command.aggregate)
        return Record(command.body["group_id"], command.body["member_id"]) if found is None else record_of(found)

    def save(self, command: Command, documents: Documents, outcome: Outcome[Record], now: datetime) -> None:
        before = documents.get(RECORDS, command.aggregate) or {}
        documents.put(RECORDS, {**before, "_id": command.aggregate, "v": 1, **asdict(outcome.state)})
