"""How many more seats a group may give than there are, by its own past events (behaviour 9.14)."""

from collections.abc import Sequence
from math import sqrt
from typing import Final

from chassis.frozen import frozen

LOOKED_AT: Final = 10
"""Of the past events whose attendance was taken, as many of the last ones count."""
LEAST_EVENTS: Final = 3
LEAST_SEATS: Final = 20
"""With fewer events, or fewer seats in all of them, nothing is said."""
_Z: Final = 1.645
"""One-sided 95 %."""


@frozen
class Turnout:
    """A past event. seats: that were given before it, walk-ins left out; absent: those of them that stayed empty."""

    seats: int
    absent: int


@frozen
class Advice:
    """events: that it rests on; absent_share: of the seats in them, 0 to 1; extra_seats: that may be given beyond the
    capacity, None without one."""

    events: int
    absent_share: float
    extra_seats: int | None


def advise(history: Sequence[Turnout], capacity: int | None) -> Advice | None:
    """What the events come to; None where they are too few to say. Whoever is not noted is taken to have come.

    The extra seats rest on the share that is surpassed with 95 % certainty (the lower end of Wilson's interval): few
    events advise fewer seats than many that were alike. Those who stay away decide each for themselves here; where a
    storm keeps everybody at home, the advice is only careful.
    """
    seats = sum(one.seats for one in history)
    if len(history) < LEAST_EVENTS or seats < LEAST_SEATS:
        return None
    absent = min(seats, sum(one.absent for one in history))
    sure = _at_least(absent, seats)
    extra = None if capacity is None else int(capacity * sure / (1 - sure))
    return Advice(len(history), round(absent / seats, 3), extra)


def _at_least(found: int, of: int) -> float:
    """Wilson, E. B. (1927): the lower end of the score interval of a share; below 1 always."""
    share, z2 = found / of, _Z * _Z
    middle, spread = share + z2 / (2 * of), _Z * sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return max(0.0, (middle - spread) / (1 + z2 / of))
