"""A step of the database's clock is not used until it lasts."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chassis.journal.timeguard import Reading, TimeGuard, apart

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = 3600.0


def reading(at: float, step: float = 0.0, *, took: float = 0.002) -> Reading:
    """Read at a monotonic second, from a clock that has stepped."""
    return Reading(NOON + timedelta(seconds=at + step), at, at + took)


@given(st.lists(st.floats(0, 1e5), max_size=20), st.floats(-59, 59))
def test_a_clock_that_runs_is_used(pauses: list[float], drift: float) -> None:
    guard, at = TimeGuard(), 0.0
    for index, pause in enumerate(pauses):
        at += pause
        assert guard.admits(reading(at, drift if index % 2 else 0.0))


@given(st.one_of(st.floats(61, 1e6), st.floats(-1e6, -61)))
def test_a_step_is_used_when_two_readings_five_seconds_apart_agree(step: float) -> None:
    guard = TimeGuard()
    assert guard.admits(reading(0))
    assert [guard.admits(reading(at, step)) for at in (10, 11, 14.9, 15.1, 16)] == [False, False, False, True, True]


def test_a_step_that_is_taken_back_leaves_no_trace() -> None:
    guard = TimeGuard()
    assert guard.admits(reading(0))
    assert not guard.admits(reading(10, HOUR))
    assert guard.admits(reading(12))
    assert not guard.admits(reading(16, HOUR))
    assert not guard.admits(reading(20, HOUR))


def test_a_clock_that_steps_again_begins_anew() -> None:
    guard = TimeGuard()
    assert guard.admits(reading(0))
    assert not guard.admits(reading(10, HOUR))
    assert not guard.admits(reading(16, 2 * HOUR))
    assert not guard.admits(reading(20, 2 * HOUR))
    assert guard.admits(reading(21.1, 2 * HOUR))


def test_a_process_that_was_frozen_while_it_asked_doubts_nobody() -> None:
    guard = TimeGuard()
    assert guard.admits(reading(0, took=600))
    assert guard.admits(reading(601))
    assert guard.admits(reading(700, 0, took=900))


def test_the_least_distance_is_measured() -> None:
    assert apart(reading(0), reading(10, HOUR)) == HOUR - 0.002
    assert apart(reading(0), reading(10, -HOUR)) == HOUR - 0.002
    assert apart(reading(0), reading(10)) == 0
