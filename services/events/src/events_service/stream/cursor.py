"""One reader's place in the stream, from memory or on its way there.

A position from another process, or from an earlier life of this one, need not lie on this ring's way: another order of
merging leads over other vectors. Such a reader has a floor: it is told only what lies beyond, and under ids of its own,
until the ring has reached the floor in every partition; from then on its ids are everybody's.
"""

from events_service.stream import position
from events_service.stream.framing import Framing, chunked, frame
from events_service.stream.position import Vector
from events_service.stream.ring import Ring
from events_service.stream.selection import Selection


class Cursor:
    """vector: where the reader stands; exact at any time, also when the ring has dropped what lies behind."""

    __slots__ = ("_floor", "_framing", "_place", "_ring", "_selection", "_topic", "vector")

    def __init__(self, topic: str, vector: Vector, framing: Framing, selection: Selection) -> None:
        self.vector = vector
        self._topic = topic
        self._framing = framing
        self._selection = selection
        self._ring: Ring | None = None
        self._place = 0
        self._floor: Vector | None = None

    def seated(self, ring: Ring) -> bool:
        """Take the place in memory; False when the ring does not go back that far, so that the log must be read."""
        if self._ring is ring and self._place >= ring.first:
            return True
        self._ring = None
        if not position.covers(self.vector, ring.start):
            return False
        self._ring, self._place = ring, ring.place_of(self.vector)
        self._floor = None if position.covers(ring.vector(self._place), self.vector) else self.vector
        return True

    def moved(self, vector: Vector) -> None:
        """The reader was told from the log up to there."""
        self.vector, self._ring = vector, None

    @property
    def name(self) -> bytes:
        """The id of where the reader stands."""
        ring = self._ring
        if ring is None or self._floor is not None or self._place < ring.first:
            return position.written(self._topic, self.vector)
        return ring.name(self._place)

    def waits(self) -> bool:
        """Whether everything in memory has been told; only for a reader that is seated."""
        return self._ring is not None and self._place == self._ring.last

    def take(self, most_bytes: int) -> bytes:
        """What to put on the wire next, maybe nothing; only for a reader that is seated."""
        ring = self._ring
        if ring is None:
            raise RuntimeError("the reader has no place in memory")
        if self._floor is not None:
            return self._above(ring, self._floor, most_bytes)
        taken = ring.take(self._framing, self._selection, self._place, most_bytes)
        self._place = taken.place
        self.vector = ring.vector(taken.place)
        return taken.wire

    def _above(self, ring: Ring, floor: Vector, most_bytes: int) -> bytes:
        frames, size = [], 0
        while self._place < ring.last and size < most_bytes:
            step = ring.step(self._place)
            self._place += 1
            entry = step.entry
            if entry.offset < floor[entry.partition]:
                continue
            self.vector = position.furthest(step.after, floor)
            if ring.shows(entry, self._selection):
                frames.append(frame(self._framing, entry, position.written(self._topic, self.vector)))
                size += len(frames[-1])
            if position.covers(step.after, floor):
                self._floor = None
                break
        if self._floor is not None and position.covers(ring.vector(self._place), floor):
            self._floor = None
        self.vector = position.furthest(ring.vector(self._place), floor)
        return chunked(self._framing, frames)
