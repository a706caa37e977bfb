"""One order over partitions whose records come in any: by the log's append time, each partition's own order kept.

Which record comes next depends only on what the partitions hold from the start on, never on how fetches happened to
arrive: two readers of the same stretch are told the same.
"""

from collections import deque
from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from events_service.stream.position import Vector


class Stamped(Protocol):
    """What the order needs to know of a record."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...


R = TypeVar("R", bound=Stamped)


class Merge(Generic[R]):
    """From `start` to `stop`; both are positions, no record needs to lie right before `stop`."""

    def __init__(self, start: Vector, stop: Vector) -> None:
        self._at = list(start)
        self._stop = stop
        self._waiting: dict[int, deque[R]] = {p: deque() for p in range(len(start)) if start[p] < stop[p]}
        self._read: set[int] = set()

    @property
    def position(self) -> Vector:
        """Up to where records were handed out."""
        return tuple(self._at)

    @property
    def done(self) -> bool:
        return not self._waiting

    def needed(self) -> set[int]:
        """The partitions without whose records nothing more can be handed out."""
        return {p for p, records in self._waiting.items() if not records and p not in self._read}

    def put(self, partition: int, records: Sequence[R], reached: int) -> None:
        """Records of a partition in its order, and the position up to which it was read with them."""
        if partition not in self._waiting:
            return
        self._waiting[partition].extend(record for record in records if record.offset < self._stop[partition])
        if reached >= self._stop[partition]:
            self._read.add(partition)

    def pop(self) -> tuple[int, R] | None:
        """The next record and its partition; None when more must be put first, or all is done."""
        for partition in [p for p, records in self._waiting.items() if not records and p in self._read]:
            self._at[partition] = self._stop[partition]
            del self._waiting[partition]
        if not self._waiting or self.needed():
            return None
        partition = min(self._waiting, key=lambda p: (self._waiting[p][0].timestamp, p))
        record = self._waiting[partition].popleft()
        self._at[partition] = record.offset + 1
        return partition, record
