"""What a service's consumer is given, and how it says that a message can never be applied."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from chassis.frozen import frozen
from chassis.journal.command import Command
from chassis.journal.port import Ask
from chassis.mongo import Database
from contracts.message import Message

if TYPE_CHECKING:
    from chassis.consumers.effects import Effects

M = TypeVar("M", bound=Message)


@frozen
class Received(Generic[M]):
    """One message, decoded.

    topic: registry name, without a deployment's prefix.
    type, id, source, subject, sequence, actor, time: the CloudEvents attributes; `sequence` counts per
        (topic, source, subject), without gaps on fact topics, rising on state topics.
    trace: W3C traceparent to hand on to what this message causes.
    body: the contract's model, or None for a tombstone (the subject's state is gone).
    """

    topic: str
    partition: int
    offset: int
    key: str | None
    type: str
    id: str
    source: str
    subject: str
    sequence: int
    actor: str | None
    time: datetime
    trace: str | None
    body: M | None


Apply = Callable[[Sequence[Received[Any]], "Effects"], Awaitable[None]]
Overdue = Callable[[Database, Ask], AsyncIterator[Sequence[Command]]]


@frozen
class Subscription:
    """A topic (registry name) and what is done with its messages.

    `apply` gets messages of this topic alone, in order per subject, each once. It may run again for the same messages
    when its transaction did not stand, so it changes nothing but through `Effects`.
    projects: the collections whose rows are the topic's subjects and come from it alone, put there by `Effects.put`;
        a state topic with such rows can be read anew when the place in it is lost.
    overdue: finds what the service should have been asked to do, by its documents, and was not, because the messages
        that asked for it were lost; in portions that take seconds at most, also empty ones. Looked for at the end of a
        rebuild, from which nothing else follows.
    """

    topic: str
    apply: Apply
    projects: tuple[str, ...] = ()
    overdue: Overdue | None = None


class Permanent(Exception):
    """The message can never be applied: it becomes a dead letter and its subject waits behind it."""


class Transient(Exception):
    """The message may well be applied in a moment: tried again in place for a while, then parked."""
