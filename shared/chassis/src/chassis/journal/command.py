"""What somebody wants: a command, its identity, and where it came from."""

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from chassis.frozen import frozen
from chassis.ids import derived_id
from chassis.mongo import Document

_MAX_INT = 2**63 - 1
_SENT: Final = "sent:"


class Unstorable(ValueError):
    """The command holds something that neither MongoDB nor Kafka can keep."""


@frozen
class Source:
    """The message that caused a command; those of one subject are decided in ascending sequence."""

    topic: str
    subject: str
    sequence: int


@frozen
class Command:
    """One wish, for one aggregate.

    id: the same for every repeat of the same wish; ids of created things derive from it.
    name: `<concept>.<verb>`, the key in a service's table of decisions.
    aggregate: id of the aggregate that decides; its hash names the lane.
    body: plain JSON values.
    fingerprint: digest of what the caller sent where a caller may repeat it; another one under the same id is refused.
    first: goes before newcomers of the same aggregate (a continuation of work begun).
    trace: W3C traceparent of the cause.
    origin: the message that caused the command by way of others.
    sealed: the member under whose key fields of the body are sealed, and these; only while it is handed over.
    """

    id: str
    name: str
    aggregate: str
    body: Document
    actor: str | None = None
    fingerprint: str | None = None
    source: Source | None = None
    first: bool = False
    trace: str | None = None
    origin: Source | None = None
    sealed: tuple[str, tuple[str, ...]] | None = None

    @property
    def stems_from(self) -> Source | None:
        """The message that caused it, be it by way of others."""
        return self.source or self.origin

    def child(self, name: str, aggregate: str, body: Document, *, first: bool = False, tag: str = "") -> "Command":
        """A command that this one causes; `tag` tells several of one name for one aggregate apart."""
        return replace(
            self,
            id=derived_id("child", self.id, aggregate, name, tag),
            name=name,
            aggregate=aggregate,
            body=body,
            fingerprint=None,
            source=None,
            origin=self.stems_from,
            first=first,
        )


def http_command_id(actor: str, method: str, path: str, key: str) -> str:
    """The id of a request that carries an Idempotency-Key: scoped to caller, route and concrete path."""
    return derived_id("http", actor, method, path, key)


def consumed_command_id(consumer: str, source: str, message_id: str, aggregate: str, name: str) -> str:
    """The id of the command that a consumer derives from a message; a redelivery gives the same one."""
    return derived_id("consumed", consumer, source, message_id, aggregate, name)


def fingerprint(sent: bytes, query: bytes, version: str | None) -> str:
    """A digest of what a caller sent: the body, equal for equal JSON, the query, the If-Match header. No body is one
    that says nothing."""
    try:
        said = json.loads(sent)
        body = b"" if said == {} else json.dumps(said, sort_keys=True).encode()
    except (ValueError, RecursionError):
        body = sent.strip()
    digest = sha256(b"\0".join((query, (version or "").encode(), body)))
    return f"{_SENT}{digest.hexdigest()}"


def is_repeat(known: str | None, asked: str | None) -> bool:
    """Whether fingerprints under one id are of the same request.

    Earlier releases took them of what the service had made of it; those tell nothing about one of these.
    """
    if known is None or asked is None or known.startswith(_SENT) != asked.startswith(_SENT):
        return True
    return known == asked


def check(value: Any, depth: int = 0) -> None:
    """Refuse what cannot be stored: lone surrogates, NUL in keys, integers over 63 bits, nesting over 50.

    Raises Unstorable.
    """
    if depth > 50:
        raise Unstorable("nested too deeply")
    match value:
        case str():
            _check_text(value)
        case bool():
            return
        case int() if not -_MAX_INT <= value <= _MAX_INT:
            raise Unstorable("a number does not fit in 63 bits")
        case dict():
            for key, item in value.items():
                _check_key(key)
                check(item, depth + 1)
        case list() | tuple():
            for item in value:
                check(item, depth + 1)


def _check_key(key: Any) -> None:
    if not isinstance(key, str) or "\x00" in key:
        raise Unstorable("a key is not a plain text")
    _check_text(key)


def _check_text(text: str) -> None:
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Unstorable("text holds half of a character (a lone surrogate)") from None
