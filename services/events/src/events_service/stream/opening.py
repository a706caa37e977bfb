"""From where a request starts to the position it starts at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from events_service.stream import position
from events_service.stream.gap import Missing, judged
from events_service.stream.log import Log, Unavailable
from events_service.stream.position import END, Place, Vector
from events_service.stream.ring import Ring
from events_service.stream.selection import Selection
from events_service.stream.wish import Last, Now, Resume, Since, Start

_STRETCH: Final = 1_048_576
_FURTHEST_BACK: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Opened:
    """Where to start, what is missing before it, and the ring against which that was found."""

    ring: Ring
    vector: Vector
    missing: Sequence[Missing] = ()


class Opening:
    """Asks memory first, and the log when memory does not go that far."""

    def __init__(self, log: Log) -> None:
        self._log = log

    async def position(self, ring: Ring, start: Start, selection: Selection) -> Opened:
        """Where to start. Raises Junk, Foreign, Unavailable."""
        match start:
            case Now():
                return Opened(ring, ring.end)
            case Last(count=count):
                return Opened(ring, await self._counted(ring, count, selection))
            case Since(ms=ms):
                places: tuple[Place, ...] = (Place(timestamp=ms),) * len(ring.end)
            case Resume(text=text):
                places = position.read(text, self._log.topic, len(ring.end))
        exact = tuple(place.offset for place in places if place.offset is not None and place.offset != END)
        vector = exact if len(exact) == len(places) else await self._log.sought(places)
        return Opened(ring, *await self.checked(ring, vector))

    async def checked(self, ring: Ring, vector: Vector) -> tuple[Vector, Sequence[Missing]]:
        """Where reading can go on from a position, and what is missing on the way. Raises Unavailable.

        What memory holds is whole, whatever has become of the log behind it.
        """
        if position.covers(vector, ring.start) and position.covers(ring.end, vector):
            return vector, ()
        return judged(vector, await self._log.bounds(len(vector)))

    async def _counted(self, ring: Ring, count: int, selection: Selection) -> Vector:
        place = ring.last_matching(count, selection)
        if place is not None:
            return ring.vector(place)
        bounds = await self._log.bounds(len(ring.end))
        back = 2 * count
        while True:
            begin = tuple(max(b, min(e, s) - back) for b, e, s in zip(bounds.begin, ring.end, ring.start, strict=True))
            found = await self._last(begin, ring, count, selection)
            if found is not None:
                return found
            if begin == bounds.begin or back > _FURTHEST_BACK:
                return begin
            back *= 8

    async def _last(self, begin: Vector, ring: Ring, count: int, selection: Selection) -> Vector | None:
        """The position before the last `count` wanted RSVPs between `begin` and what the ring shows."""
        before: list[Vector] = []
        at, stop = begin, ring.end
        while at != stop:
            stretch = await self._log.read(at, stop, _STRETCH)
            for told in stretch.told:
                if told.entry.line is not None and ring.shows(told.entry, selection):
                    before.append(position.advanced(told.after, told.entry.partition, told.entry.offset))
            del before[: -count or None]
            if stretch.position == at:
                raise Unavailable("the log does not go on")
            at = stretch.position
        return before[0] if len(before) == count else None
