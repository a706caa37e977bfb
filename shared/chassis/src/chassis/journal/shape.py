"""How the journal looks in the database: lane names, batch ids, entries.

One function builds `{lane, n}` because MongoDB compares documents field by field, in order.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.frozen import frozen
from chassis.journal.command import Command
from chassis.journal.decision import Outgoing, fact_document
from chassis.mongo import Document

JOURNAL = "journal"
RESULTS = "results"
HANDOFFS = "handoffs"
LANES = "lanes"
RELAYS = "relays"
TRIMMED = "trimmed"
FLOORS = "floors"
KEYS = "keys"

_BEYOND = 2**62
_NONE: Mapping[str, int] = {}


def lane_name(generation: int, index: int) -> str:
    return f"{generation}.{index}"


def batch_id(lane: str, n: int) -> Document:
    return {"lane": lane, "n": n}


def batches_after(lane: str, n: int) -> Document:
    """Filter: the lane's batches beyond n."""
    return {"_id": {"$gt": batch_id(lane, n), "$lt": batch_id(lane, _BEYOND)}}


def counters(root: Document | None) -> Document:
    """An aggregate's numbers: its own `sequence`, and the last `ce_sequence` per topic and subject in `sent`."""
    if root is None or "journal" not in root:
        return {"sequence": 0, "sent": {}}
    found: Document = root["journal"]
    return found


def counter_name(aggregate: str, topic: str, subject: str) -> str:
    """What `sent` calls the counter of a topic and subject."""
    return topic if subject == aggregate else f"{topic}:{subject}"


@frozen
class Numbered:
    """An entry's messages with their sequences, and the aggregate's counters after them."""

    messages: list[Document]
    counters: Document
    position: tuple[str, ...]


def number(
    before: Document,
    aggregate: str,
    messages: list[Outgoing] | tuple[Outgoing, ...],
    floors: Mapping[str, int] = _NONE,
) -> Numbered:
    """Give each message the next `ce_sequence` of its topic and subject, above the floor of `<topic>:<subject>`."""
    sent: dict[str, int] = dict(before["sent"])
    documents: list[Document] = []
    last: dict[str, int] = {}
    for message in messages:
        counter = counter_name(aggregate, message.topic, message.subject)
        where = f"{message.topic}:{message.subject}"
        sequence = max(sent.get(counter, 0), floors.get(where, 0)) + 1
        sent[counter] = sequence
        last[where] = sequence
        document = {
            "topic": message.topic,
            "type": message.type,
            "subject": message.subject,
            "sequence": sequence,
            "key": message.key,
            "partition": message.partition,
            "value": message.value,
        }
        documents.append(document if message.trace is None else {**document, "trace": message.trace})
    position = tuple(f"{where}@{sequence}" for where, sequence in last.items())[-16:]
    return Numbered(documents, {"sequence": before["sequence"] + 1, "sent": sent}, position)


def entry(command: Command, facts: Any, numbered: Numbered) -> Document:
    """One command's line in the batch: what happened and what is to be published."""
    return {
        "aggregate": command.aggregate,
        "sequence": numbered.counters["sequence"],
        "command_id": command.id,
        "name": command.name,
        "actor": command.actor,
        "facts": [fact_document(fact) for fact in facts],
        "messages": numbered.messages,
        "trace": command.trace,
    }


def batch(lane: str, n: int, mark: str, at: datetime, entries: list[Document]) -> Document:
    """The one document per transaction that orders, fences, publishes and remembers. `v` is the shape's version."""
    return {"_id": batch_id(lane, n), "v": 1, "batch": mark, "at": at, "entries": entries}


def seal(lane: str, n: int, mark: str, at: datetime) -> Document:
    """The batch that ends a lane: nothing comes after it."""
    return {**batch(lane, n, mark, at, []), "seal": True}
