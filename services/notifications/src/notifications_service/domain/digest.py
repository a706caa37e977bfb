"""Digests: in a large group announcements do not go out as a mail each, but gathered, one mail a day."""

from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from notifications_service.domain.notice import Kind

GATHERED: Final = frozenset({Kind.POST_ANNOUNCED})
"""The kinds that a digest may take up."""

HOUR: Final = time(8)
"""When a digest goes out, by its member's own clock."""

CLOSES: Final = timedelta(minutes=10)
"""How long before that it takes nothing more up: longer than any transaction that puts something into it."""


def gathered(kind: Kind, *, members: int, above: int) -> bool:
    """Whether its mails wait for digests, in a group of so many members that wants digests `above` a number of them."""
    return kind in GATHERED and members > above


def next_digest(now: datetime, timezone: str) -> datetime:
    """The instant (UTC) of the first digest that still takes something up; timezone: the member's, an IANA name.

    One that is not known here counts as UTC: nobody else's digest waits for it.
    """
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    day = (now + CLOSES).astimezone(zone).date()
    while True:
        at = datetime.combine(day, HOUR, zone).astimezone(UTC)
        if at - now > CLOSES:
            return at
        day += timedelta(days=1)
