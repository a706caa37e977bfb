"""The bytes that readers get, for each transport; pure, so that one encoding serves all who want it."""

import json
from collections.abc import Mapping, Sequence
from enum import Enum

from events_service.stream.record import Entry


class Framing(Enum):
    """How messages are put on the wire."""

    SSE = "sse"
    """`event`, `id`, `data`; tombstones as `event: deleted`."""
    NDJSON = "ndjson"
    """One JSON object per line; tombstones as `{"deleted": true, ...}`."""
    MEETUP = "meetup"
    """One JSON object and its line break per HTTP chunk; tombstones are not shown."""


def frame(framing: Framing, entry: Entry, name: bytes) -> bytes:
    """One message as HTTP body bytes; `name` is the id of the position after it. Empty when it is not shown."""
    if framing is Framing.SSE:
        kind, data = (b"message", entry.line) if entry.line is not None else (b"deleted", _deleted(entry))
        return b"".join((b"event: ", kind, b"\nid: ", name, b"\ndata: ", data, b"\n"))
    if entry.line is not None:
        return entry.line
    return b'{"deleted":true,"rsvp_id":%d}\n' % entry.rsvp_id if framing is Framing.NDJSON else b""


def _deleted(entry: Entry) -> bytes:
    return b'{"rsvp_id":%d}\n' % entry.rsvp_id


def chunk(body: bytes) -> bytes:
    """The body as one chunk of HTTP/1.1's chunked coding; no bytes for no body, since an empty chunk ends it."""
    return b"%x\r\n%b\r\n" % (len(body), body) if body else b""


def unchunked(chunks: bytes) -> bytes:
    """What whole chunks carry: for clients of HTTP/1.0, who know none."""
    bodies, at = [], 0
    while at < len(chunks):
        line = chunks.index(b"\r\n", at)
        body, size = line + 2, int(chunks[at:line], 16)
        bodies.append(chunks[body : body + size])
        at = body + size + 2
    return b"".join(bodies)


def chunked(framing: Framing, frames: Sequence[bytes]) -> bytes:
    """Frames as they go on the wire: Meetup's clients count on one object per chunk, the others take any cut."""
    if framing is Framing.MEETUP:
        return b"".join([chunk(one) for one in frames])
    return chunk(b"".join(frames))


def opening(framing: Framing, name: bytes, retry_ms: int) -> bytes:
    """What a reader is greeted with: on SSE its position, so that it can resume before the first message."""
    return chunk(b"retry: %d\nid: %b\n\n" % (retry_ms, name)) if framing is Framing.SSE else b""


def heartbeat(framing: Framing, name: bytes) -> bytes:
    """A sign of life; on SSE it moves the position on, elsewhere it is an empty line."""
    return chunk(b": heartbeat\nid: %b\n\n" % name if framing is Framing.SSE else b"\n")


def gap(name: bytes, missing: Sequence[Mapping[str, str | int]]) -> bytes:
    """SSE: what is missing before the messages that follow."""
    return chunk(b"event: gap\nid: %b\ndata: %b\n\n" % (name, _json({"missing": missing})))


def failure(framing: Framing, name: bytes, code: str, message: str) -> bytes:
    """Why the answer ends, and on SSE where to resume."""
    if framing is Framing.SSE:
        return chunk(b"event: error\nid: %b\ndata: %b\n\n" % (name, _json({"code": code, "message": message})))
    return chunk(_json({"errors": [{"code": code, "message": message}]}) + b"\n")


def put_off(retry_ms: int, reason: str) -> bytes:
    """SSE, not in chunks: why there is nothing now, for people; to a program it is a stream that ended early.

    The reader's position stays what it is.
    """
    return b"retry: %d\n: %b\n\n" % (retry_ms, reason.encode())


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
