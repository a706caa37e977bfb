"""`rollings`: when a partition of the public topic gets its next record, by `rolling:<number>`."""

from collections.abc import Iterable
from datetime import datetime
from itertools import count

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, Read, Ref
from chassis.relay.record import partition_of
from events_service.domain.rolling import Rolling
from events_service.handlers.rolling import rolling_aggregate

ROLLINGS = "rollings"


def aggregates(partitions: int) -> list[str]:
    """One for each partition, in their order: its id leads there, as an event's does."""
    found: dict[int, str] = {}
    numbers = count()
    while len(found) < partitions:
        name = rolling_aggregate(next(numbers))
        found.setdefault(partition_of(name, partitions), name)
    return [found[partition] for partition in range(partitions)]


class RollingStore:
    """Reads, loads and saves for decisions about one partition."""

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        return (Ref(ROLLINGS, command.aggregate),)

    def load(self, command: Command, documents: Documents) -> Rolling:
        found = documents.get(ROLLINGS, command.aggregate)
        return Rolling(None if found is None else found["due_at"])

    def save(self, command: Command, documents: Documents, outcome: Outcome[Rolling], now: datetime) -> None:
        before = documents.get(ROLLINGS, command.aggregate)
        documents.put(
            ROLLINGS,
            {**(before or {}), "_id": command.aggregate, "v": 1, "due_at": outcome.state.due, "updated_at": now},
        )
