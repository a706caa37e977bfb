"""What keeps dying is started again ever more slowly; what lived long is not punished for the past."""

from convene.stack.backoff import FIRST_S, LONGEST_S, STEADY_S, Backoff


def test_delays_double_up_to_half_a_minute() -> None:
    backoff, delays = Backoff(), []
    for _ in range(9):
        backoff = backoff.after_a_death(lived_s=1)
        delays.append(backoff.delay_s)
    assert delays == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_a_long_life_starts_the_count_again() -> None:
    tired = Backoff(failures=8)
    assert tired.after_a_death(lived_s=STEADY_S).delay_s == FIRST_S
    assert tired.after_a_death(lived_s=STEADY_S - 1).delay_s == LONGEST_S


def test_failing_for_days_does_not_overflow() -> None:
    assert Backoff(failures=1_000_000).delay_s == LONGEST_S
