"""From a record's bytes to a message, without ever raising: what cannot be read says why, and whose it is if it can."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, Protocol

from pydantic import ValidationError

from chassis.consumers.message import Received
from chassis.frozen import frozen
from chassis.ids import derived_id
from contracts.message import Message
from contracts.registry import messages_by_type, topics

MAX_VALUE_BYTES = 1024 * 1024
MAX_NAME = 512
"""The longest subject, source or id: they are index keys."""

_MAX_SEQUENCE = 2**63 - 1
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


@frozen
class Record:
    """A record as Kafka gave it, or as it was parked; `topic` is the registry name."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]

    @property
    def id(self) -> str:
        """The same for a redelivery of the same record."""
        return derived_id("record", self.topic, str(self.partition), str(self.offset), str(self.timestamp))


@frozen
class Address:
    """Whose turn it is: messages of one address are applied in order, those of others do not wait for it."""

    topic: str
    source: str
    subject: str


@frozen
class Refusal:
    """Why a record cannot be applied.

    kind: `unreadable` for what no release will read, `newer` for a type that a later release may know,
        `rejected` for what the service's handler said or stumbled over, `gap` for the first one behind a missing one.
    """

    kind: Literal["unreadable", "newer", "rejected", "gap"]
    detail: str


@frozen
class Decoded:
    """A record with what could be read of it. Without an address it can only be put aside alone.

    Either `received` or `refusal` is there, and neither of one that was emptied while it was parked. stored: it comes
    from the parked ones.
    """

    record: Record
    address: Address | None
    sequence: int
    received: Received[Any] | None
    refusal: Refusal | None
    stored: bool = False

    @property
    def deletes(self) -> bool:
        """Whether all that its subject is goes by it: a deletion whose key is the subject."""
        one = self.received
        return one is not None and one.body is None and one.key == one.subject


class KafkaRecord(Protocol):
    """What aiokafka hands over."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


def record_of(raw: KafkaRecord, name: str) -> Record:
    return Record(name, raw.partition, raw.offset, raw.timestamp, raw.key, raw.value, tuple(raw.headers))


def decode(record: Record, *, stored: bool = False) -> Decoded:
    """Read headers and value; the topic must be one of the registry's."""
    headers = _headers(record)
    address, sequence, flaw = _address(record.topic, headers)
    if address is None or flaw is not None:
        return Decoded(record, None, 0, None, Refusal("unreadable", flaw or "no address"), stored)
    try:
        received = _received(record, headers, address, sequence)
    except _NewerError as newer:
        return Decoded(record, address, sequence, None, Refusal("newer", str(newer)), stored)
    except (ValidationError, ValueError) as error:
        return Decoded(record, address, sequence, None, Refusal("unreadable", _said(error)), stored)
    return Decoded(record, address, sequence, received, None, stored)


def place_in_line(record: Record) -> tuple[Address, int] | None:
    """Whose turn it is, and at which sequence; None where that cannot be read."""
    address, sequence, flaw = _address(record.topic, _headers(record))
    return None if address is None or flaw is not None else (address, sequence)


class _NewerError(Exception):
    """The type is not known to this release."""


def trace_of(record: Record) -> str | None:
    """The traceparent it came with, if it is well-formed; also of a record that cannot be read."""
    return _trace(_headers(record))


def _trace(headers: Mapping[str, str | None]) -> str | None:
    trace = headers.get("traceparent")
    return trace if trace and _TRACEPARENT.fullmatch(trace) else None


def _headers(record: Record) -> dict[str, str | None]:
    """Header texts; None for what is not UTF-8."""
    found: dict[str, str | None] = {}
    for name, value in record.headers:
        try:
            found[name] = value.decode()
        except (UnicodeDecodeError, AttributeError):
            found[name] = None
    return found


def _address(topic: str, headers: Mapping[str, str | None]) -> tuple[Address | None, int, str | None]:
    for name in ("ce_source", "ce_subject", "ce_sequence"):
        value = headers.get(name)
        if not value or len(value) > MAX_NAME:
            return None, 0, f"header {name} is missing or unreadable"
    sequence = headers["ce_sequence"] or ""
    if not (sequence.isascii() and sequence.isdigit()) or len(sequence) > 19 or int(sequence) > _MAX_SEQUENCE:
        return None, 0, "header ce_sequence is not a whole number"
    return Address(topic, headers["ce_source"] or "", headers["ce_subject"] or ""), int(sequence), None


def _received(record: Record, headers: Mapping[str, str | None], address: Address, sequence: int) -> Received[Any]:
    required = {}
    for name in ("ce_id", "ce_type", "ce_time"):
        value = headers.get(name)
        if not value or len(value) > MAX_NAME:
            raise ValueError(f"header {name} is missing or unreadable")
        required[name] = value
    return Received(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=None if record.key is None else record.key.decode(),
        type=required["ce_type"],
        id=required["ce_id"],
        source=address.source,
        subject=address.subject,
        sequence=sequence,
        actor=headers.get("ce_actor") or None,
        time=_time(required["ce_time"]),
        trace=_trace(headers),
        body=_body(record, required["ce_type"]),
    )


@lru_cache(maxsize=64)
def _time(text: str) -> datetime:
    """All messages of a journal batch have the same."""
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("header ce_time has no offset")
    return time


def _body(record: Record, ce_type: str) -> Message | None:
    model = _model(record.topic, ce_type)
    if record.value is None:
        if gapless(record.topic):
            raise ValueError("a fact without a value")
        return None
    if len(record.value) > MAX_VALUE_BYTES:
        raise ValueError(f"the value has {len(record.value)} bytes, more than {MAX_VALUE_BYTES}")
    return model.model_validate_json(record.value)


def _model(topic: str, ce_type: str) -> type[Message]:
    """State is state whatever changed it: an unknown type on a state topic is read as the topic's one model."""
    model = messages_by_type().get(ce_type)
    if model is not None:
        if model.topic != topic:
            raise ValueError(f"type {ce_type} does not belong here")
        return model
    known = {candidate for candidate in messages_by_type().values() if candidate.topic == topic}
    if not gapless(topic) and len(known) == 1:
        return known.pop()
    raise _NewerError(f"type {ce_type[:200]} is not known to this release")


def gapless(topic: str) -> bool:
    """Whether every sequence of the topic must be seen: not where compaction removes some."""
    return topics()[topic].cleanup != "compact"


def _said(error: Exception) -> str:
    """Where it is wrong, never what was there: values may be personal."""
    if isinstance(error, ValidationError):
        flaws = [f"{'.'.join(str(part) for part in flaw['loc']) or 'value'}: {flaw['type']}" for flaw in error.errors()]
        return "; ".join(flaws[:5])
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    return str(error)[:300]
