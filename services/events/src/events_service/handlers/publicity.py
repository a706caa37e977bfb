"""The command that sends out public changes which waited for somebody's number."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from events_service.domain.group import Group
from events_service.domain.ledger import Ledger, evolve
from events_service.domain.person import Person
from events_service.domain.publicity import release
from events_service.domain.rsvp import Kept, Terms

RELEASE_KEPT: Final = "publicity.release"


@dataclass(frozen=True, slots=True)
class Queue:
    """An event's public changes that wait, the first of them loaded; terms None when there is no such event.

    traces: W3C traceparents of what they follow from, by the RSVP's number and the change's mtime.
    """

    terms: Terms | None
    group: Group | None
    ledger: Ledger | None
    kept: Sequence[Kept]
    traces: Mapping[tuple[int, int], str | None]
    person_of: Callable[[str], Person | None]


def decide_release(queue: Queue, command: Command, now: datetime) -> Outcome[Queue]:
    if queue.terms is None or queue.group is None or queue.ledger is None:
        return Outcome(queue)
    facts = release(queue.terms, queue.group, queue.ledger, queue.kept, queue.person_of)
    after = replace(queue, ledger=evolve(queue.ledger, facts))
    return Outcome(after, facts)
