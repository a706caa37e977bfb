"""Wall times in every zone there is: gaps, folds, and what a window comes to."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from events_service.domain.schedule import duration, instant, moment

TODAY = datetime(2026, 11, 26, tzinfo=UTC)
TRANSITIONS = 10
LOOK_AHEAD = timedelta(days=365 * 6)
STEP = timedelta(days=7)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def offset(zone: ZoneInfo, time: datetime) -> timedelta:
    return time.astimezone(zone).utcoffset() or timedelta()


def transitions(zone: ZoneInfo) -> Iterator[datetime]:
    """The first instants of the zone's next offsets, found without asking the code under test."""
    time, now = TODAY, offset(zone, TODAY)
    while time < TODAY + LOOK_AHEAD:
        later = time + STEP
        then = offset(zone, later)
        if now != then:
            low, high = time, later
            while high - low > SECOND:
                middle = low + (high - low) // 2
                middle -= timedelta(microseconds=middle.microsecond)
                low, high = (middle, high) if offset(zone, middle) == now else (low, middle)
            yield high
        time, now = later, then


def wall(zone: ZoneInfo, time: datetime) -> datetime:
    return time.astimezone(zone).replace(tzinfo=None)


def test_every_zones_next_ten_transitions() -> None:
    seen = 0
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        for _, change in zip(range(TRANSITIONS), transitions(zone), strict=False):
            seen += 1
            before, after = offset(zone, change - SECOND), offset(zone, change)
            first, last = change.replace(tzinfo=None) + before, change.replace(tzinfo=None) + after
            assert instant(wall(zone, change - DAY), name) == change - DAY
            assert instant(wall(zone, change + DAY), name) == change + DAY
            if after > before:  # a gap, from `first` until `last`: all of it is the instant at which it ends
                assert instant(first - SECOND, name) == change - SECOND
                for skipped in (first, first + (last - first) / 2, last - SECOND):
                    assert instant(skipped, name) == change, (name, skipped)
                assert instant(last, name) == change
            else:  # a fold, from `last` until `first`: each of its wall times is the first of the two
                for twice in (last, last + (first - last) / 2, first - SECOND):
                    assert instant(twice, name) == twice.replace(tzinfo=UTC) - before, (name, twice)
                assert instant(first, name) == first.replace(tzinfo=UTC) - after
    assert seen > 1_000, "zones without transitions prove nothing"


def test_wall_times_in_gaps_and_folds() -> None:
    def at(wall: str, zone: str) -> str:
        return instant(datetime.fromisoformat(wall), zone).isoformat()

    assert at("2026-03-29T02:30", "Europe/Berlin") == "2026-03-29T01:00:00+00:00"
    assert at("2026-10-25T02:30", "Europe/Berlin") == "2026-10-25T00:30:00+00:00"
    assert at("2026-06-01T18:30", "Asia/Tokyo") == "2026-06-01T09:30:00+00:00"


def test_a_day_that_a_zone_left_out_begins_with_the_day_after() -> None:
    assert instant(datetime(2011, 12, 30, 18, 30), "Pacific/Apia").isoformat() == "2011-12-30T10:00:00+00:00"  # noqa: DTZ001 - a wall time


def test_windows_are_durations_instants_or_wall_times() -> None:
    start = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
    assert duration("P1DT2H30M") == timedelta(days=1, hours=2, minutes=30)
    assert (duration("P"), duration("PT"), duration("2H")) == (None, None, None)
    assert moment("PT2H", start, "Asia/Tokyo") == datetime(2026, 6, 1, 7, 30, tzinfo=UTC)
    assert moment("2026-06-01T12:00", start, "Asia/Tokyo") == datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
    assert moment("2026-06-01T12:00:00+02:00", start, "Asia/Tokyo") == datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
    fine = moment("2026-06-01T12:00:00.123456Z", start, "Asia/Tokyo")
    assert fine == datetime(2026, 6, 1, 12, 0, 0, 123_000, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "tomorrow", "PT", "P1X", "25:00"])
def test_what_is_no_window_is_none(text: str) -> None:
    assert moment(text, TODAY, "UTC") is None


@pytest.mark.parametrize(
    ("text", "timezone"),
    [
        ("0001-01-01T00:00:00+14:00", "UTC"),
        ("9999-12-31T23:59:59-14:00", "UTC"),
        ("0001-01-01", "Asia/Tokyo"),
        ("9999-12-31T23:59:59", "America/New_York"),
    ],
)
def test_what_no_calendar_reaches_is_no_window(text: str, timezone: str) -> None:
    assert moment(text, TODAY, timezone) is None
