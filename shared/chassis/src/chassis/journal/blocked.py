"""Lines of handoffs left alone for a while: the next one of each cannot be decided by this release."""

from collections.abc import Collection
from dataclasses import dataclass, field
from time import monotonic

import structlog

from chassis.journal.measures import LANE_ALARM

SECONDS = 5.0

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Blocked:
    """By aggregate, each until its own moment."""

    _until: dict[str, float] = field(default_factory=dict)

    @property
    def aggregates(self) -> Collection[str]:
        return self._until.keys()

    def block(self, aggregates: Collection[str]) -> None:
        """Add these, with an alarm; forget those whose time is over."""
        now = monotonic()
        self._until = {aggregate: until for aggregate, until in self._until.items() if until > now}
        if aggregates:
            LANE_ALARM.labels("handoff").inc()
            log.error("handoffs are held back", aggregates=sorted(aggregates)[:10])
            self._until |= dict.fromkeys(aggregates, now + SECONDS)
