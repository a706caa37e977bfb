"""The last messages of the topic in memory, in the one order in which this process tells them to everybody.

A place in the ring is a number that only grows; it stays valid when older messages are dropped. Messages become
visible together at a tick, so that readers stand at the same places and share the bytes made for one of them.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

from events_service.stream import position
from events_service.stream.framing import Framing, chunked, frame
from events_service.stream.position import Vector
from events_service.stream.record import Entry
from events_service.stream.selection import Selection

Hidden = Callable[[Entry], bool]
_WEIGHT = 600
"""Bytes that an entry costs besides its line, roughly."""


@dataclass(frozen=True, slots=True)
class Step:
    """A message, the position after it, and that position's id."""

    entry: Entry
    after: Vector
    name: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """Bytes for the wire, and the place up to which they tell."""

    wire: bytes
    place: int


class Ring:
    """Written by one tail, read by all readers of the process.

    hidden: whether a message must not be shown any more, because a tombstone of its key came later.
    """

    def __init__(self, topic: str, start: Vector, *, max_bytes: int, hidden: Hidden) -> None:
        self.topic = topic
        self.start = start
        self._steps: list[Step] = []
        self._dropped = 0
        self._cut = 0
        self._bytes = 0
        self._max_bytes = max_bytes
        self._hidden = hidden
        self._written = start
        self.end = start
        self.end_name = position.written(topic, start)
        self._visible = 0
        self._tick = 0
        self._shared: dict[tuple[Framing, Selection, int], Taken] = {}

    @property
    def first(self) -> int:
        """The place of the oldest message still here."""
        return self._dropped + self._cut

    @property
    def last(self) -> int:
        """The place after the newest visible message; its position is `end`."""
        return self._visible

    def append(self, entry: Entry, after: Vector) -> None:
        """Add a message; it is seen from the next tick on."""
        self._steps.append(Step(entry, after, position.written(self.topic, after)))
        self._written = after
        self._bytes += _weight(entry)

    def moved(self, vector: Vector) -> None:
        """The log was read up to there; what lies between is nobody's message."""
        self._written = vector

    def tick(self) -> bool:
        """Make visible what was added; whether there is anything to tell."""
        newest = self._dropped + len(self._steps)
        news = newest != self._visible
        if self._written != self.end:
            self.end = self._written
            newest_told = self._steps[-1] if news else None
            exact = newest_told is not None and newest_told.after == self.end
            self.end_name = newest_told.name if newest_told and exact else position.written(self.topic, self.end)
        self._tick, self._visible = self._visible, newest
        self._shared.clear()
        self._drop()
        return news

    def vector(self, place: int) -> Vector:
        """The position of a reader at that place."""
        if place == self._visible:
            return self.end
        return self._steps[place - 1 - self._dropped].after if place > self.first else self.start

    def name(self, place: int) -> bytes:
        """The id of a reader at that place."""
        if place == self._visible:
            return self.end_name
        if place > self.first:
            return self._steps[place - 1 - self._dropped].name
        return position.written(self.topic, self.start)

    def place_of(self, vector: Vector) -> int:
        """The place before the first message that a reader at `vector`, not before the start, has not seen."""
        found = bisect_left(
            self._steps,
            True,
            self._cut,
            self._visible - self._dropped,
            key=lambda step: not position.covers(vector, step.after),
        )
        return found + self._dropped

    def step(self, place: int) -> Step:
        return self._steps[place - self._dropped]

    def shows(self, entry: Entry, selection: Selection) -> bool:
        return selection.wants(entry) and not (entry.line is not None and self._hidden(entry))

    def take(self, framing: Framing, selection: Selection, place: int, most_bytes: int) -> Taken:
        """What a reader at that place is told next, at most about so many bytes of it."""
        key = (framing, selection, place)
        known = self._shared.get(key)
        if known is not None:
            return known
        frames, size, at = [], 0, place
        while at < self._visible and size < most_bytes:
            step = self._steps[at - self._dropped]
            at += 1
            if self.shows(step.entry, selection):
                frames.append(frame(framing, step.entry, step.name))
                size += len(frames[-1])
        taken = Taken(chunked(framing, frames), at)
        if place >= self._tick:
            # only those who keep up share; what laggards read is their own and must not pile up
            self._shared[key] = taken
        return taken

    def last_matching(self, count: int, selection: Selection) -> int | None:
        """The place before the last `count` RSVPs that a selection wants; None when fewer are here."""
        at = self._visible
        while count > 0 and at > self.first:
            at -= 1
            entry = self._steps[at - self._dropped].entry
            if entry.line is not None and self.shows(entry, selection):
                count -= 1
        return at if count == 0 else None

    def _drop(self) -> None:
        while self._bytes > self._max_bytes and self.first < self._visible:
            step = self._steps[self._cut]
            self._bytes -= _weight(step.entry)
            self.start = step.after
            self._cut += 1
        if self._cut > 1024 and self._cut * 2 > len(self._steps):
            del self._steps[: self._cut]
            self._dropped, self._cut = self.first, 0


def _weight(entry: Entry) -> int:
    return _WEIGHT + len(entry.line or b"")
