"""A person as the events service knows them: what the groups service says of a member, and what it still has to say."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

from chassis.frozen import frozen

Attendance = Literal["everyone", "members", "nobody"]


@frozen
class Person:
    """A member's last published profile. `number` is the only id of theirs that public streams show."""

    number: int
    name: str
    photo: str | None
    attendance: Attendance


FORGOTTEN: Final = Person(0, "", None, "nobody")
"""Of who is forgotten nothing may be shown any more."""


@frozen
class Visitor:
    """What this service keeps of a member itself.

    seen: the other services were told of their first call; waiting: events whose public changes wait for their number.
    """

    member_id: str
    seen: bool = False
    waiting: tuple[str, ...] = ()


@frozen
class Seen:
    member_id: str


@frozen
class NumberWanted:
    """An event's public changes cannot go out before the member's number is known."""

    member_id: str
    event_id: str


@frozen
class NumberArrived:
    """The events that waited may go on."""

    member_id: str
    event_ids: tuple[str, ...]


Fact = Seen | NumberWanted | NumberArrived


def see(visitor: Visitor, *, forgotten: bool = False) -> list[Fact]:
    """A member's authenticated call; only the first one is news, and each of who was forgotten and is back, until they
    are known again."""
    return [Seen(visitor.member_id)] if forgotten or not visitor.seen else []


def want_number(visitor: Visitor, event_id: str, *, known: bool) -> list[Fact]:
    """An event waits for the number; when it has come meanwhile, the event goes on at once."""
    if known:
        return [NumberArrived(visitor.member_id, (event_id,))]
    return [] if event_id in visitor.waiting else [NumberWanted(visitor.member_id, event_id)]


def number_arrived(visitor: Visitor) -> list[Fact]:
    """The number is known: every event that waits for it may go on."""
    return [NumberArrived(visitor.member_id, visitor.waiting)] if visitor.waiting else []


def evolve(visitor: Visitor, facts: Sequence[Fact]) -> Visitor:
    """The visitor after the facts."""
    for fact in facts:
        match fact:
            case Seen():
                visitor = replace(visitor, seen=True)
            case NumberWanted(_, event_id):
                visitor = replace(visitor, waiting=(*visitor.waiting, event_id))
            case NumberArrived(_, event_ids):
                visitor = replace(visitor, waiting=tuple(id_ for id_ in visitor.waiting if id_ not in event_ids))
    return visitor
