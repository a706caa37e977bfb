"""One command that causes many: what is too much for one transaction is handed on by a continuation.

The continuation carries the children that are left. It belongs to the aggregate that causes them and comes before any
newcomer of it, so that what a later command causes elsewhere never overtakes what an earlier one did.
"""

from collections.abc import Sequence
from typing import Any, Final

from chassis.ids import derived_id
from chassis.journal.command import Command, Unstorable
from chassis.journal.decision import Decider, Outcome, Told
from chassis.journal.handoff import command_of, document_of
from chassis.mongo import encode

MAX_WRITTEN: Final = 990
"""Documents of one transaction, with children."""

AT_ONCE = 500
"""Children that one transaction hands over."""

MAX_BYTES: Final = 3_000_000
"""Of a continuation: some 10,000 children. What concerns more documents than that is a sweep."""

SPREAD: Final = "journal.spread"


class TooMuch(Exception):
    """What a decision causes does not fit beside what the batch holds already."""


def beside(written: int, children: Sequence[Command]) -> Sequence[Command]:
    """The children, if they fit beside the documents that the batch writes already. Raises TooMuch."""
    if written + len(children) > MAX_WRITTEN:
        raise TooMuch
    return children


def handed_on(cause: Command, children: Sequence[Command], sequence: int, done: int = 0) -> list[Command]:
    """What one transaction hands over: the first children and, where there are more, the continuation.

    cause: the command that causes them, or a continuation of it; sequence: of its aggregate, by the entry that caused
    them; done: how many were handed over before. Raises Unstorable when the rest is too much to carry.
    """
    if len(children) <= AT_ONCE:
        return list(children)
    body = {
        "v": 1,
        "sequence": sequence,
        "done": done + AT_ONCE,
        "children": [{"_id": child.id, **document_of(child)} for child in children[AT_ONCE:]],
    }
    if len(encode(body)) > MAX_BYTES:
        raise Unstorable("the command causes more others than can be handed on")
    rest = Command(
        id=derived_id("spread", cause.aggregate, str(sequence), str(done + AT_ONCE)),
        name=SPREAD,
        aggregate=cause.aggregate,
        body=body,
        actor=cause.actor,
        first=True,
        trace=cause.trace,
        origin=cause.stems_from,
    )
    return [*children[:AT_ONCE], rest]


def further(continuation: Command) -> list[Command]:
    """What a continuation hands over in its turn."""
    body = continuation.body
    children = [command_of(document) for document in body["children"]]
    return handed_on(continuation, children, body["sequence"], body["done"])


DECIDERS: Final[dict[str, Decider[Any]]] = {
    SPREAD: Decider(
        root="",
        reads=lambda command, documents: (),
        load=lambda command, documents: None,
        decide=lambda state, command, now: Outcome(state),
        save=lambda command, documents, outcome, now: None,
        tell=lambda command, outcome, now: Told(children=further(command)),
    )
}
"""A continuation decides nothing: it changes no document and has no entry."""
