"""Wall times, zones and the instants they name: what an event's start, end and RSVP window come to."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

_DURATION: Final = re.compile(r"P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?)?")

_STEP: Final = timedelta(days=7)
"""No zone changes its clocks and changes them back within a week."""


def instant(wall: datetime, timezone: str) -> datetime:
    """The UTC instant of a local wall time.

    In a gap (clocks went forward over it) the next valid instant; in a fold (it comes twice) the first.
    """
    zone = ZoneInfo(timezone)
    local = wall.replace(tzinfo=zone, fold=0)
    utc = local.astimezone(UTC)
    if utc.astimezone(zone).replace(tzinfo=None) == wall:
        return utc
    return _end_of_gap(wall, zone)


def _end_of_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant after the clocks went forward over `wall`: where the offset after the gap begins."""
    after, before = (_offset(wall.replace(tzinfo=zone, fold=fold)) for fold in (1, 0))
    earlier, later = (wall - after).replace(tzinfo=UTC), (wall - before).replace(tzinfo=UTC)
    offset = _offset(later.astimezone(zone))
    while later - earlier > timedelta(seconds=1):
        middle = earlier + (later - earlier) / 2
        if _offset(middle.astimezone(zone)) == offset:
            later = middle
        else:
            earlier = middle
    return later.replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class ClockChange:
    """A zone's clocks change. at: the first instant with the new offset; name: what the zone is called from then on."""

    at: datetime
    before: timedelta
    after: timedelta
    name: str
    summer: bool


@lru_cache(maxsize=4096)  # a calendar may ask for hundreds of years, each of which asks the zone some fifty times
def clock_changes(timezone: str, year: int) -> tuple[ClockChange, ...]:
    """When the zone's clocks change from the start of a year until that of the next one, both in UTC."""
    zone, found = ZoneInfo(timezone), []
    time, until = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    now = _offset(time.astimezone(zone))
    while time < until:
        later = min(time + _STEP, until)
        then = _offset(later.astimezone(zone))
        if then != now:
            low, high = time, later
            while high - low > timedelta(seconds=1):
                middle = (low + (high - low) / 2).replace(microsecond=0)
                low, high = (middle, high) if _offset(middle.astimezone(zone)) == now else (low, middle)
            local = high.astimezone(zone)
            found.append(ClockChange(high, now, then, local.tzname() or timezone, bool(local.dst())))
        time, now = later, then
    return tuple(found)


def _offset(time: datetime) -> timedelta:
    return time.utcoffset() or timedelta()


def duration(text: str) -> timedelta | None:
    """An ISO 8601 duration of weeks, days, hours and minutes; None when the text is none."""
    found = _DURATION.fullmatch(text)
    if found is None or text[-1] in "PT":
        return None
    weeks, days, hours, minutes = (int(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)


def moment(text: str, start: datetime, timezone: str) -> datetime | None:
    """When a window opens or closes: a duration before `start`, an instant with offset, or a wall time in the zone.

    To the millisecond, as it is kept. None when the text is none of them, or beyond what a calendar reaches.
    """
    before = duration(text)
    if before is not None:
        return start - before
    try:
        time = datetime.fromisoformat(text)
        time = time.replace(microsecond=time.microsecond // 1000 * 1000)
        return instant(time, timezone) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
