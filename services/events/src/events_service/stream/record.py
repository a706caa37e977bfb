"""A record of the public topic as the stream needs it: decoded once, whoever reads it."""

import json
from typing import Any, Final

from pydantic_core import from_json

from chassis.frozen import frozen
from contracts.public import NOBODY

RESERVED: Final = str(NOBODY).encode()
"""The key of the daily tombstones that make segments roll; nobody is shown them."""


class Unreadable(Exception):
    """The record is not a public RSVP."""


@frozen
class Keys:
    """What readers choose by, as text, in lower case where case means nothing.

    place: latitude and longitude in degrees of the venue, or of the group where there is none.
    """

    event_id: str
    group_id: str
    group_urlname: str
    topics: frozenset[str]
    country: str
    response: str
    place: tuple[float, float]


@frozen
class Entry:
    """One message at its place in the log.

    line: the RSVP as one line of JSON with its line break; None for a tombstone.
    keys: None for a tombstone.
    """

    partition: int
    offset: int
    rsvp_id: int
    line: bytes | None
    keys: Keys | None


def entry(partition: int, offset: int, key: bytes | None, value: bytes | None) -> Entry | None:
    """The record's entry; None for the reserved key. Raises Unreadable."""
    if key == RESERVED:
        return None
    if key is None or not key.isdigit():
        raise Unreadable("the key is not a number")
    if value is None:
        return Entry(partition, offset, int(key), None, None)
    try:
        rsvp = from_json(value)
        keys = _keys(rsvp)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unreadable(type(error).__name__) from None
    # a line break would end the frame that carries the value
    line = value if b"\n" not in value and b"\r" not in value else _one_line(rsvp)
    return Entry(partition, offset, int(key), line + b"\n", keys)


def _keys(rsvp: dict[str, Any]) -> Keys:
    group, venue = rsvp["group"], rsvp.get("venue")
    place = (group["group_lat"], group["group_lon"]) if venue is None else (venue["lat"], venue["lon"])
    return Keys(
        event_id=str(rsvp["event"]["event_id"]),
        group_id=str(group["group_id"]),
        group_urlname=str(group["group_urlname"]).lower(),
        topics=frozenset(str(topic["urlkey"]).lower() for topic in group.get("group_topics", ())),
        country=str(group["group_country"]).lower(),
        response=str(rsvp["response"]),
        place=(float(place[0]), float(place[1])),
    )


def _one_line(rsvp: dict[str, Any]) -> bytes:
    return json.dumps(rsvp, ensure_ascii=False, separators=(",", ":")).encode()
