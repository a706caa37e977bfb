"""Named places where a process can be made to die at once, so that tests see what a crash there leaves behind."""

import os
from collections.abc import Callable

EXIT_CODE = 137
"""What a shell reports for a process ended by SIGKILL."""


def _unarmed(name: str) -> None:
    return None


_check: Callable[[str], None] = _unarmed


def crash_point(name: str) -> None:
    """Die here, without any clean-up, if `arm` named this place. Otherwise nothing, at the price of two calls."""
    _check(name)


def arm(place: str | None) -> None:
    """`name` dies at the first passing of that place, `name:3` at the third; None disarms.

    ValueError for a count that is not a positive whole number.
    """
    global _check  # noqa: PLW0603 - one process, one place to die
    if not place:
        _check = _unarmed
        return
    name, _, nth = place.partition(":")
    remaining = int(nth or "1")
    if remaining < 1:
        raise ValueError(f"crash place {place!r}: the count starts at 1")

    def check(passed: str) -> None:
        nonlocal remaining
        if passed == name:
            remaining -= 1
            if remaining == 0:
                os._exit(EXIT_CODE)

    _check = check
