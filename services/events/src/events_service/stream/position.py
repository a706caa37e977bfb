"""Where a reader stands: the next offset of every partition of the topic, and its text form, the SSE id.

The text is a JSON array of `{"topic", "partition", "offset"}`, one per partition in order, without spaces; a client may
name a `timestamp` (ms, sought by the log's append time) in the place of an offset, and the offset -1 for the end.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

Vector = tuple[int, ...]
"""The next offset by partition."""

END: Final = -1
"""As an offset: what is written from now on."""
LONGEST: Final = 65_536
"""Characters of an id."""
_FARTHEST: Final = 2**63 - 1


class Junk(Exception):
    """The id is not one of ours."""


class Foreign(Exception):
    """The id names another topic."""


@dataclass(frozen=True, slots=True)
class Place:
    """One partition's part of an id: exactly one of both is set."""

    offset: int | None = None
    timestamp: int | None = None


def written(topic: str, vector: Sequence[int]) -> bytes:
    """The id of a position."""
    parts = [f'{{"topic":"{topic}","partition":{p},"offset":{offset}}}' for p, offset in enumerate(vector)]
    return f"[{','.join(parts)}]".encode()


def read(text: str, topic: str, partitions: int) -> tuple[Place, ...]:
    """The places that an id names, by partition. Raises Foreign, and Junk unless each partition is named once."""
    found: dict[int, Place] = {}
    for part in _parts(text):
        if part.get("topic") != topic:
            raise Foreign("the id names another topic than this stream's")
        partition = _number(part, "partition")
        if partition is None or not 0 <= partition < partitions:
            raise Junk("the id names a partition that the topic does not have")
        if partition in found:
            raise Junk("the id names a partition twice")
        found[partition] = _place(part)
    if len(found) != partitions:
        raise Junk(f"the id names {len(found)} of {partitions} partitions; the others would be skipped")
    return tuple(found[partition] for partition in range(partitions))


def _parts(text: str) -> list[dict[str, Any]]:
    if len(text) > LONGEST:
        raise Junk("the id is too long")
    try:
        parts = json.loads(text)
    except (ValueError, RecursionError):
        raise Junk("the id is not JSON") from None
    if not isinstance(parts, list) or not parts or not all(isinstance(part, dict) for part in parts):
        raise Junk("the id is not a JSON array of objects")
    if not all(isinstance(part.get("topic"), str) for part in parts):
        raise Junk("the id has a part without a topic")
    return parts


def _place(part: dict[str, Any]) -> Place:
    offset, timestamp = _number(part, "offset"), _number(part, "timestamp")
    if offset is not None and END <= offset <= _FARTHEST:
        return Place(offset=offset)
    if offset is None and timestamp is not None and 0 <= timestamp <= _FARTHEST:
        return Place(timestamp=timestamp)
    raise Junk("each part of the id needs an offset or a timestamp")


def _number(part: dict[str, Any], name: str) -> int | None:
    value = part.get(name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise Junk(f"{name} is not a whole number")


def covers(further: Iterable[int], nearer: Iterable[int]) -> bool:
    """Whether `further` has reached `nearer` in every partition."""
    return all(a >= b for a, b in zip(further, nearer, strict=True))


def furthest(one: Iterable[int], other: Iterable[int]) -> Vector:
    """The later offset of each partition."""
    return tuple(max(a, b) for a, b in zip(one, other, strict=True))


def advanced(vector: Vector, partition: int, offset: int) -> Vector:
    """The position after that partition's part has become `offset`."""
    return (*vector[:partition], offset, *vector[partition + 1 :])
