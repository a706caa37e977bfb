"""What a request asks for: transport, messages, and from where on. Pure; parameters that nobody knows are ignored, but
for `callback` on `/2/rsvps`: whoever asks for JSONP can read nothing else.

Where to start, the first that is there counts: `Last-Event-ID`, `since`, `since_mtime`, `since_count`, now. All of them
must make sense, also those that do not count.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from events_service.stream.framing import Framing
from events_service.stream.selection import BadParameter, Selection, selected, single

MOST_COUNTED: Final = 10_000
LONGEST_PAUSE: Final = 300.0
_TYPES: Final[Mapping[str, Framing]] = {
    "text/event-stream": Framing.SSE,
    "application/x-ndjson": Framing.NDJSON,
    "application/json": Framing.NDJSON,
}
_MS = re.compile(r"\d{1,15}", re.ASCII)

Parameters = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Resume:
    """From the position that an id names."""

    text: str


@dataclass(frozen=True, slots=True)
class Since:
    """From that time on (ms), by the log's append time and a minute earlier: more is possible, less is not."""

    ms: int


@dataclass(frozen=True, slots=True)
class Last:
    """The last so many RSVPs that are wanted, then what comes."""

    count: int


@dataclass(frozen=True, slots=True)
class Now:
    """What comes from now on."""


Start = Resume | Since | Last | Now


@dataclass(frozen=True, slots=True)
class Wish:
    """heartbeat: seconds of silence after which there is a sign of life; None for none."""

    framing: Framing
    content_type: str
    selection: Selection
    start: Start
    heartbeat: float | None


def wished(parameters: Parameters, last_event_id: str | None, accept: str | None, *, default_heartbeat: float) -> Wish:
    """A request to `/v2/stream/rsvps`. Raises BadParameter."""
    content_type = negotiated(accept)
    framing = _TYPES[content_type]
    heartbeat = _heartbeat(parameters)
    if heartbeat is None and framing is Framing.SSE:
        heartbeat = default_heartbeat
    return Wish(framing, content_type, selected(parameters), _start(parameters, last_event_id), heartbeat)


def wished_by_meetup(parameters: Parameters, last_event_id: str | None) -> Wish:
    """A request to `/2/rsvps`. Raises BadParameter."""
    if "callback" in parameters:
        raise BadParameter("callback: there is no JSONP here, only one JSON object a line")
    start = _start(parameters, last_event_id)
    return Wish(Framing.MEETUP, "application/json", selected(parameters), start, _heartbeat(parameters))


def negotiated(accept: str | None) -> str:
    """The content type for an Accept header: the best that we know; SSE for who does not mind."""
    best, best_quality = "text/event-stream", 0.0
    for part in (accept or "").split(","):
        name, _, parameters = part.partition(";")
        quality = _quality(parameters)
        if name.strip().lower() in _TYPES and quality > best_quality:
            best, best_quality = name.strip().lower(), quality
    return best


def _quality(parameters: str) -> float:
    found = re.search(r"(?:^|;)\s*q=([01](?:\.\d{0,3})?)\s*(?:;|$)", parameters)
    return min(1.0, float(found[1])) if found else 1.0


def _start(parameters: Parameters, last_event_id: str | None) -> Start:
    since, mtime, count = _since(parameters), _mtime(parameters), _count(parameters)
    if mtime is not None and count is not None:
        raise BadParameter("since_mtime and since_count do not go together")
    if last_event_id:
        return Resume(last_event_id)
    ms = since if since is not None else mtime
    if ms is not None:
        return Since(ms)
    return Last(count) if count else Now()


def _since(parameters: Parameters) -> int | None:
    text = single(parameters, "since")
    if text is None or _MS.fullmatch(text):
        return None if text is None else int(text)
    try:
        # a "+" that was not escaped in the query arrives as a space
        at = datetime.fromisoformat(re.sub(r" (?=\d\d:?\d\d$)", "+", text))
        at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        return max(0, round(at.timestamp() * 1000))
    except (ValueError, OverflowError):
        raise BadParameter("since is neither milliseconds nor ISO 8601") from None


def _mtime(parameters: Parameters) -> int | None:
    text = single(parameters, "since_mtime")
    if text is None:
        return None
    if not _MS.fullmatch(text):
        raise BadParameter("since_mtime is not a number of milliseconds")
    return int(text)


def _count(parameters: Parameters) -> int | None:
    text = single(parameters, "since_count")
    if text is None:
        return None
    if not _MS.fullmatch(text) or int(text) > MOST_COUNTED:
        raise BadParameter(f"since_count is a number up to {MOST_COUNTED}")
    return int(text)


def _heartbeat(parameters: Parameters) -> float | None:
    text = single(parameters, "heartbeat")
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 1.0 <= seconds <= LONGEST_PAUSE:
        raise BadParameter(f"heartbeat is a number of seconds from 1 to {LONGEST_PAUSE:.0f}")
    return seconds
