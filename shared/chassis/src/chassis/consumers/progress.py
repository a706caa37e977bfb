"""How far a group is behind, and noticing that it stands still although there is work."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from prometheus_client import Counter, Gauge, Histogram

MESSAGES = Counter("convene_consumer_messages", "Records by what became of them", ["group", "topic", "outcome"])
BATCH = Histogram("convene_consumer_batch_seconds", "Time to take a batch in", ["group"])
LAG = Gauge("convene_consumer_lag", "Records up to the last stable offset that are not taken in yet", ["group"])
HELD = Gauge("convene_consumer_held_subjects", "Subjects whose messages wait behind a parked one", ["group"])
PAUSED = Gauge("convene_consumer_paused", "1 while what the group needs is not there", ["group"])
REQUESTED = Counter("convene_consumer_requests", "Replays and drops carried out", ["group"])

REBUILDING = Gauge("convene_consumer_rebuilding", "1 while a projection is read anew", ["group", "topic"])

Partition = tuple[str, int]


class Stalled(RuntimeError):
    """There is work and nothing moves: only a new process helps."""


@dataclass(slots=True)
class Hearing:
    """Judges whether this member's client still hears Kafka: seconds, monotonic, of `still` as for the watch below."""

    still: float = 60.0
    _deaf: float | None = None

    def heard(self) -> None:
        self._deaf = None

    def missed(self, now: float, *, others_hear: bool) -> None:
        """The client had no answer in time. others_hear: a fresh one has just had one. Raises Stalled."""
        if not others_hear:
            self._deaf = None
        elif self._deaf is None:
            self._deaf = now
        elif now - self._deaf > self.still:
            raise Stalled(f"Kafka answers others and has not answered this client for {now - self._deaf:.0f} s")


@dataclass(slots=True)
class Watch:
    """Judges whether the group stands still. Seconds are monotonic.

    still: how long positions may stay where they are while records wait and nobody works on any.
    in_hand: how long one batch may take; beyond it Kafka has given the partitions away.
    """

    still: float = 60.0
    in_hand: float = 300.0
    _positions: dict[Partition, int] = field(default_factory=dict)
    _moved: float | None = None

    def look(
        self,
        now: float,
        positions: Mapping[Partition, int],
        lag: int,
        *,
        working_since: float | None,
        paused: bool,
    ) -> None:
        """Raises Stalled. positions: of the assigned partitions. A pause for want of a server is no standstill."""
        if paused or working_since is not None or lag <= 0 or not positions or positions != self._positions:
            self._positions, self._moved = dict(positions), now
        if working_since is not None and not paused and now - working_since > self.in_hand:
            raise Stalled(f"a batch has been in hand for {now - working_since:.0f} s")
        if self._moved is not None and now - self._moved > self.still:
            raise Stalled(f"{lag} records wait and no position has moved for {now - self._moved:.0f} s")


def lag(positions: Mapping[Partition, int], ends: Mapping[Partition, int]) -> int:
    """Offsets between positions and ends; some of them hold no record but a transaction's end."""
    return sum(max(0, end - positions[partition]) for partition, end in ends.items() if partition in positions)
