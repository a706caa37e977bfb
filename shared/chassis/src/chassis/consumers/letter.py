"""A dead letter's way to `<service>.dead-letters.v1`: a command of this service's journal, published by its relay.

The record itself stays in the database, whole; the message carries as much of it as a message may: of topics that carry
what members say of themselves no value, because dead letters are kept whatever becomes of the member.
"""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from chassis.consumers.decode import Decoded, Refusal, trace_of
from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Decider, Outcome, Outgoing, Told
from chassis.journal.documents import Documents, Read, Ref
from chassis.mongo import Document
from contracts.dead_letters import DeadLetter, DeadLetterHeader
from contracts.registry import topics

RECORD = "dead-letter.record"
ROOTS = "dead_letter_roots"

MAX_VALUE = 128 * 1024
MAX_HEADERS = 16 * 1024


@dataclass(frozen=True, slots=True)
class DeadLettered:
    """A record was put aside; its content is not in the fact."""

    record: str
    topic: str
    reason: str


def command(item: Decoded, group: str) -> Command:
    """The command that publishes this dead letter, the same for every redelivery and for every failed replay."""
    record, address, refusal = item.record, item.address, item.refusal or Refusal("rejected", "")
    line = address.subject if address else f"partition-{record.partition}"
    value = None if topics()[record.topic].personal else record.value
    aggregate = f"{record.topic}/{line}"[:900]
    letter = DeadLetter(
        id=record.id,
        group=group,
        from_topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        source=address.source if address else None,
        subject=address.subject if address else None,
        sequence=item.sequence if address else None,
        reason=refusal.kind,
        detail=refusal.detail,
        key_base64=None if record.key is None else _text(record.key[:MAX_HEADERS]),
        headers=list(_headers(record.headers)),
        value_base64=None if value is None else _text(value[:MAX_VALUE]),
        value_bytes=len(record.value or b""),
        cut=len(value or b"") > MAX_VALUE,
    )
    return Command(
        id=derived_id("dead-letter", group, record.id, refusal.kind),
        name=RECORD,
        aggregate=aggregate,
        body=letter.model_dump(mode="json"),
        trace=item.received.trace if item.received else trace_of(record),
    )


def _text(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def _headers(headers: Iterable[tuple[str, bytes]]) -> Iterable[DeadLetterHeader]:
    room = MAX_HEADERS
    for name, value in headers:
        room -= len(name) + len(value or b"") + 64  # what the JSON around them takes
        if room < 0:
            return
        yield DeadLetterHeader(name=name.encode("utf-8", "replace").decode(), value_base64=_text(value or b""))


def decider(service: str) -> Decider[int]:
    """For the service's table of decisions; the state is how many letters its line has had."""
    return Decider(root=ROOTS, reads=_reads, load=_load, decide=_decide, save=_save, tell=partial(_tell, service))


def _reads(command: Command, documents: Documents) -> Iterable[Read]:
    return [Ref(ROOTS, command.aggregate)]


def _load(command: Command, documents: Documents) -> int:
    root = documents.get(ROOTS, command.aggregate)
    return 0 if root is None else int(root["count"])


def _decide(count: int, command: Command, now: datetime) -> Outcome[int]:
    body = command.body
    return Outcome(state=count + 1, facts=[DeadLettered(body["id"], body["from_topic"], body["reason"])])


def _save(command: Command, documents: Documents, outcome: Outcome[int], now: datetime) -> None:
    root: Document = documents.get(ROOTS, command.aggregate) or {"_id": command.aggregate, "v": 1}
    documents.put(ROOTS, {**root, "count": outcome.state, "last": now})


def _tell(service: str, command: Command, outcome: Outcome[Any], now: datetime) -> Told:
    return Told(
        messages=[
            Outgoing(
                topic=f"{service}.dead-letters.v1",
                type=f"convene.{service}.dead-letter.recorded.v1",
                subject=command.aggregate,
                key=command.body["id"],
                partition=command.aggregate,
                value=DeadLetter.model_validate(command.body).model_dump_json(exclude_none=True),
            )
        ]
    )
