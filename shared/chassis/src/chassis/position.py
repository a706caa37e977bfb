"""`X-Convene-Position`: waiting until this service has taken in what a caller has seen elsewhere.

The header's value is a comma-separated list, at most 16, of `<topic>:<subject>@<sequence>`.
"""

import asyncio
from collections.abc import Collection
from time import monotonic

from chassis.consumers.marks import MARKS, any_source
from chassis.mongo import Database
from chassis.places import Place, is_left

MAX_PLACES = 16
_MAX_HEADER = 8192
_MAX_SEQUENCE = 2**63 - 1
_FIRST_PAUSE = 0.005
_LONGEST_PAUSE = 0.1


def parse(header: str) -> list[Place]:
    """The places a header names. Raises ValueError when it is malformed or names more than 16."""
    if len(header) > _MAX_HEADER:
        raise ValueError("the position is too long")
    parts = [part.strip() for part in header.split(",")]
    if len(parts) > MAX_PLACES:
        raise ValueError(f"the position names more than {MAX_PLACES} places")
    return [_place(part) for part in parts]


def _place(part: str) -> Place:
    """A topic holds no `:`; a subject may hold `:` and `@`."""
    topic, colon, rest = part.partition(":")
    subject, at, sequence = rest.rpartition("@")
    if not (topic and colon and subject and at and sequence.isascii() and sequence.isdigit()):
        raise ValueError(f"not a position: {part[:80]!r}")
    if len(sequence) > 19 or int(sequence) > _MAX_SEQUENCE:
        raise ValueError(f"not a sequence: {sequence[:80]!r}")
    return Place(topic, subject, int(sequence))


async def wait_until(
    database: Database,
    header: str,
    consumed: Collection[str],
    timeout: float = 2.0,  # noqa: ASYNC109 (it answers False at the deadline, which asyncio.timeout cannot)
) -> bool:
    """Whether this service has reached every place of the header before the time is up: its consumers have, and what
    the messages up to there caused is done.

    consumed: the topics (registry names) this service reads; places in others are ignored. Raises ValueError when the
    header is malformed.
    """
    places = behind = [place for place in parse(header) if place.topic in consumed]
    if not places:
        return True
    deadline = monotonic() + timeout
    pause = _FIRST_PAUSE
    while (behind := await _not_reached(database, behind)) or await is_left(database, places):
        left = deadline - monotonic()
        if left <= 0:
            return False
        await asyncio.sleep(min(pause, left))
        pause = min(pause * 2, _LONGEST_PAUSE)
    return True


async def _not_reached(database: Database, places: list[Place]) -> list[Place]:
    """A state topic's mark may be beyond the place; on a fact topic beyond includes it as well."""
    if not places:
        return []
    asked = {(place.topic, place.subject) for place in places}
    found = await database[MARKS].find({"$or": [any_source(topic, subject) for topic, subject in sorted(asked)]})
    reached: dict[tuple[str, str], int] = {}
    for document in found:
        key = (document["_id"]["topic"], document["_id"]["subject"])
        reached[key] = max(reached.get(key, 0), document["sequence"])
    return [place for place in places if reached.get((place.topic, place.subject), 0) < place.sequence]
