"""Whether the database's clock can be believed: it is held against the writer's monotonic clock from batch to batch.

Times of decisions are the database's. A clock that steps (a failover to a host whose clock is wrong, a careless
correction) would stamp decisions, open and close deadlines by hours; so a step is not used until it proves to last.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

STEP_SECONDS = 60.0
AGREE_AFTER_SECONDS = 5.0
AGREE_WITHIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Reading:
    """The database's time, read at some monotonic moment between `asked` and `heard` (seconds)."""

    now: datetime
    asked: float
    heard: float


def apart(before: Reading, after: Reading) -> float:
    """Seconds by which the database's clock went another way than the monotonic one, at the least; 0 when it may have
    gone the same way. A process that was frozen while it asked knows little about when the reading was taken."""
    went = (after.now - before.now) / timedelta(seconds=1)
    least, most = after.asked - before.heard, after.heard - before.asked
    return max(0.0, went - most, least - went)


@dataclass(slots=True)
class TimeGuard:
    """Remembers the last reading that was used, and the first of those that were not."""

    _used: Reading | None = None
    _doubted: Reading | None = None

    def admits(self, reading: Reading) -> bool:
        """Whether a batch may use this reading: it is at most STEP_SECONDS off since the last one that was used, or
        agrees with a doubted one that is at least AGREE_AFTER_SECONDS older."""
        if self._used is None or apart(self._used, reading) <= STEP_SECONDS or self._confirms(reading):
            self._used, self._doubted = reading, None
            return True
        if self._doubted is None or apart(self._doubted, reading) > AGREE_WITHIN_SECONDS:
            self._doubted = reading
        return False

    def _confirms(self, reading: Reading) -> bool:
        doubted = self._doubted
        if doubted is None or reading.asked - doubted.heard < AGREE_AFTER_SECONDS:
            return False
        return apart(doubted, reading) <= AGREE_WITHIN_SECONDS
