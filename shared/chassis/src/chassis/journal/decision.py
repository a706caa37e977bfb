"""How a service plugs its decisions into the journal: one `Decider` per command name, assembled in its `decisions/`.

reads (store) -> load (store) -> decide (handlers, domain) -> save (store) -> tell (messages): one direction, and only
`reads` runs before the batch's documents are there.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, fields
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from chassis.frozen import frozen
from chassis.journal.command import Command
from chassis.journal.documents import Documents, Read
from chassis.journal.personal import MARKER, Personal
from chassis.mongo import Document

State = TypeVar("State")


@frozen
class Outcome(Generic[State]):
    """What a decision came to.

    facts: frozen dataclasses, in the order they happened; none = nothing changed.
    state: the aggregate after the facts, in whatever shape `load` gave it.
    answer: the caller's body, plain JSON values; of a refusal nothing but `again_at`, if that is known: when (RFC 3339)
        the wish may be granted.
    created: the answer is about something that was not there before.
    refused: a stable reason (`event-full`); then facts are empty and `detail` is a sentence for the caller.
    """

    state: State
    facts: Sequence[Any] = ()
    answer: Document = field(default_factory=dict)
    created: bool = False
    refused: str | None = None
    detail: str = ""


class Refusal(Protocol):
    """What a service's rules say when they forbid something."""

    @property
    def reason(self) -> str: ...

    @property
    def detail(self) -> str: ...


def refused(state: State, why: Refusal, again_at: datetime | None = None) -> Outcome[State]:
    """What a forbidden wish comes to: everything stays as it is."""
    answer = {} if again_at is None else {"again_at": again_at.isoformat()}
    return Outcome(state, refused=why.reason, detail=why.detail, answer=answer)


@frozen
class Outgoing:
    """A message of this decision. The journal numbers it; the relay sends it.

    topic: registry name; type: `ce_type`; subject: aggregate id in that topic's words; key: record key;
    partition: the text whose murmur2 picks the partition; value: JSON bytes as text, or None for a tombstone;
    trace: W3C traceparent of what caused it, where that is not the command.
    """

    topic: str
    type: str
    subject: str
    key: str
    partition: str
    value: str | None
    trace: str | None = None


@frozen
class Told:
    """What follows from a decision: messages for topics and commands for other aggregates (or for later)."""

    messages: Sequence[Outgoing] = ()
    children: Sequence[Command] = ()


@frozen
class Decider(Generic[State]):
    """One command's way through the rooms.

    root: the collection in which the aggregate's root document lives under the aggregate's id; the journal keeps its
        counters there, under `journal`: `save` must carry that field over (`Documents.get(...)["journal"]`), or leave
        it out for a new document.
    reads: the documents needed, asked again with what is loaded until nothing new is named (at most 5 rounds).
    load: the state that the decision needs, from the loaded documents.
    decide: pure: (state, command, now) -> Outcome. `now` is the database's time, never below an earlier decision's.
    save: the documents after the facts (`Documents.put`, `.delete`).
    tell: messages and children; pure.
    personal: whose own text the command holds, if any, and where.
    """

    root: str
    reads: Callable[[Command, Documents], Iterable[Read]]
    load: Callable[[Command, Documents], State]
    decide: Callable[[State, Command, datetime], Outcome[State]]
    save: Callable[[Command, Documents, Outcome[State], datetime], None]
    tell: Callable[[Command, Outcome[State], datetime], Told]
    personal: Personal | None = None


Deciders = Mapping[str, Decider[Any]]


@frozen
class Result:
    """The journal's answer to a command: the same one for every repeat.

    position: `<topic>:<subject>@<sequence>` of the last message per topic and subject that the command caused.
    """

    answer: Document
    created: bool = False
    refused: str | None = None
    detail: str = ""
    position: tuple[str, ...] = ()

    def document(self) -> Document:
        return {
            "answer": self.answer,
            "created": self.created,
            "refused": self.refused,
            "detail": self.detail,
            "position": list(self.position),
        }

    @staticmethod
    def of(document: Document) -> "Result":
        return Result(
            answer=document["answer"],
            created=document["created"],
            refused=document["refused"],
            detail=document["detail"],
            position=tuple(document["position"]),
        )


def fact_document(fact: Any) -> Document:
    """A fact as the journal keeps it: its name and its fields."""
    kind = type(fact)
    document: Document = {"fact": kind.__name__}
    for name in _shape(kind).names:
        document[name] = getattr(fact, name)
    return document


def own_text(fact: Any) -> tuple[str, ...]:
    """The fields that hold somebody's own text. By the fact's class: another part of the process may have one of the
    same name."""
    return _shape(type(fact)).own


@frozen
class _Shape:
    names: tuple[str, ...]
    own: tuple[str, ...]


_SHAPES: dict[type[Any], _Shape] = {}


def _shape(kind: type[Any]) -> _Shape:
    shape = _SHAPES.get(kind)
    if shape is None:
        named = {field.name: bool(field.metadata.get(MARKER)) for field in fields(kind)}
        shape = _SHAPES[kind] = _Shape(tuple(named), tuple(name for name, own in named.items() if own))
    return shape
