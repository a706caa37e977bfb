"""How times are written for others."""

from datetime import UTC, datetime, timedelta, timezone

from chassis.times import rfc3339, when


def test_times_are_written_in_utc_to_the_millisecond() -> None:
    there = datetime(2026, 11, 26, 19, 4, 5, 678_999, tzinfo=timezone(timedelta(hours=1)))
    assert rfc3339(there) == when(there) == "2026-11-26T18:04:05.678Z"
    assert rfc3339(datetime(2026, 11, 26, tzinfo=UTC)) == "2026-11-26T00:00:00.000Z"
    assert when(None) is None
