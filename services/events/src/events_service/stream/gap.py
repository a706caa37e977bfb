"""What a reader that comes back can no longer be given: said, never jumped over."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from events_service.stream.position import Vector


@dataclass(frozen=True, slots=True)
class Bounds:
    """The log as it is now, by partition.

    begin: the first offset there is.
    whole: from here on nothing was compacted away: no record before it is younger than the minimum compaction lag.
    end: the last stable offset, where the next committed record will be or is about to be.
    """

    begin: Vector
    whole: Vector
    end: Vector


@dataclass(frozen=True, slots=True)
class Missing:
    """Messages that were, or may have been, in a partition from offset `start` up to `stop`."""

    partition: int
    start: int
    stop: int
    reason: Literal["expired", "beyond-the-end"]

    def words(self) -> str:
        """For people."""
        if self.reason == "expired":
            return f"What was between {self.start} and {self.stop} may be gone."
        return f"The log ends at {self.stop}, before {self.start}."

    def told(self, topic: str) -> dict[str, str | int]:
        return {
            "topic": topic,
            "partition": self.partition,
            "from": self.start,
            "to": self.stop,
            "reason": self.reason,
        }


def judged(vector: Sequence[int], bounds: Bounds) -> tuple[Vector, tuple[Missing, ...]]:
    """Where reading can go on, and what is missing on the way there.

    Too old: superseded messages may be gone, those that are left are still read. Beyond the end: the log is not the
    one the position was in; reading goes on at the end.
    """
    going_on, missing = [], []
    for partition, (at, begin, whole, end) in enumerate(
        zip(vector, bounds.begin, bounds.whole, bounds.end, strict=True)
    ):
        if at > end:
            missing.append(Missing(partition, at, end, "beyond-the-end"))
            going_on.append(end)
        elif at < begin or at < min(whole, end):
            missing.append(Missing(partition, at, min(whole, end), "expired"))
            going_on.append(max(at, begin))
        else:
            going_on.append(at)
    return tuple(going_on), tuple(missing)
