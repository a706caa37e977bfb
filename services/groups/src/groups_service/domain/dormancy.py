"""Chapters that sleep: nothing announced for a while, and nothing ahead."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Liveliness:
    """founded_at: of the group; announced_at: its last announcement; scheduled_until: the end of its last event that
    is published and not cancelled, past or ahead.
    """

    founded_at: datetime
    announced_at: datetime | None = None
    scheduled_until: datetime | None = None


def dormant(group: Liveliness, *, dormant_after: int, now: datetime) -> bool:
    """Whether no event was announced for so many days, counted from the founding at the earliest, and none is under
    way or ahead."""
    if group.scheduled_until is not None and group.scheduled_until > now:
        return False
    last = group.founded_at if group.announced_at is None else max(group.announced_at, group.founded_at)
    return last + timedelta(days=dormant_after) <= now
