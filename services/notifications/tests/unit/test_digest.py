"""When announcements are gathered, and when their digests go out."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications_service.domain.digest import CLOSES, HOUR, gathered, next_digest
from notifications_service.domain.notice import Kind

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Kiritimati")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_announcements_are_gathered_above_a_number_of_members() -> None:
    assert not gathered(Kind.POST_ANNOUNCED, members=500, above=500)
    assert gathered(Kind.POST_ANNOUNCED, members=501, above=500)
    assert gathered(Kind.POST_ANNOUNCED, members=1, above=0)


def test_nothing_else_waits_for_a_digest() -> None:
    assert {kind for kind in Kind if gathered(kind, members=7_000, above=0)} == {Kind.POST_ANNOUNCED}


@pytest.mark.parametrize(
    ("now", "zone", "due"),
    [
        ("2026-05-01T12:00", "UTC", "2026-05-02T08:00"),
        ("2026-05-01T07:49", "UTC", "2026-05-01T08:00"),
        ("2026-05-01T12:00", "America/New_York", "2026-05-02T12:00"),
        ("2026-05-01T11:30", "America/New_York", "2026-05-01T12:00"),
        ("2026-05-01T12:00", "Asia/Kathmandu", "2026-05-02T02:15"),
        # clocks go forward, and back, in the night before
        ("2026-03-28T12:00", "Europe/Berlin", "2026-03-29T06:00"),
        ("2026-10-24T12:00", "Europe/Berlin", "2026-10-25T07:00"),
        # not known here
        ("2026-05-01T12:00", "Moon/Tranquility", "2026-05-02T08:00"),
        ("2026-05-01T12:00", "../etc/passwd", "2026-05-02T08:00"),
    ],
)
def test_a_digest_goes_out_at_eight_by_its_members_own_clock(now: str, zone: str, due: str) -> None:
    assert next_digest(at(now), zone) == at(due)


def test_what_comes_shortly_before_a_digest_waits_for_the_next_one() -> None:
    eight = at("2026-05-02T08:00")
    assert next_digest(eight - CLOSES - timedelta(seconds=1), "UTC") == eight
    assert next_digest(eight - CLOSES, "UTC") == eight + timedelta(days=1)
    assert next_digest(eight, "UTC") == eight + timedelta(days=1)


@settings(deadline=None)
@given(
    later=st.timedeltas(min_value=timedelta(), max_value=timedelta(days=3650)),
    zone=st.sampled_from(ZONES),
)
def test_a_digest_is_never_late_nor_far_away(later: timedelta, zone: str) -> None:
    now = at("2026-01-01T00:00") + later
    due = next_digest(now, zone)
    assert CLOSES < due - now <= timedelta(hours=25) + CLOSES
    assert due.astimezone(ZoneInfo(zone)).time() == HOUR
