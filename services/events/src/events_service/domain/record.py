"""A group's memory of one member: how often they came, stayed away and were excused (behaviour 9.14)."""

from collections.abc import Sequence
from dataclasses import replace

from chassis.frozen import frozen
from events_service.domain.attendance import Mark


@frozen
class Record:
    """Events of the group with a note of the member. forgotten: the person was, since the last of them."""

    group_id: str
    member_id: str
    attended: int = 0
    no_show: int = 0
    excused: int = 0
    forgotten: bool = False


@frozen
class Recorded:
    """An event's note came, changed or went."""

    was: Mark | None
    mark: Mark | None


@frozen
class RecordForgotten:
    """The person is forgotten, and how often they came with them."""


Fact = Recorded | RecordForgotten


def note(record: Record, was: Mark | None, mark: Mark | None) -> list[Fact]:
    return [] if was == mark else [Recorded(was, mark)]


def forget(record: Record) -> list[Fact]:
    """Twice changes nothing."""
    return [] if record.forgotten else [RecordForgotten()]


def evolve(record: Record, facts: Sequence[Fact]) -> Record:
    """The record after the facts."""
    for fact in facts:
        if isinstance(fact, RecordForgotten):
            record = Record(record.group_id, record.member_id, forgotten=True)
            continue
        record = replace(record, forgotten=False)
        if fact.was is not None:
            record = replace(record, **{fact.was: getattr(record, fact.was) - 1})
        if fact.mark is not None:
            record = replace(record, **{fact.mark: getattr(record, fact.mark) + 1})
    return record
