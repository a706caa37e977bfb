"""Named places where a process can be made to die at once, so that tests see what a crash there leaves behind."""

import os
from collections.abc import Callable
from pathlib import Path

EXIT_CODE = 137
"""What a shell reports for a process ended by SIGKILL."""

FOLDER = "@"


def _unarmed(name: str) -> None:
    return None


_check: Callable[[str], None] = _unarmed


def crash_point(name: str) -> None:
    """Die here, without any clean-up, if `arm` named this place. Otherwise nothing, at the price of two calls."""
    _check(name)


def arm(place: str | None, service: str = "") -> None:
    """`name` dies at the first passing of that place, `name:3` at the third; None disarms.

    `@FOLDER` is armed while the process runs: by a file of that folder, named after the service, whose text is a place
    as above. Who dies removes it first, so that what is started again, with the same environment, lives.

    ValueError for a count that is not a positive whole number.
    """
    global _check  # noqa: PLW0603 - one process, one place to die
    if not place:
        _check = _unarmed
    elif place.startswith(FOLDER):
        _check = _by_file(Path(place.removeprefix(FOLDER)) / service)
    else:
        _check = _by_count(place, lambda: True)


def _by_count(place: str, mine: Callable[[], bool]) -> Callable[[str], None]:
    """mine: asked when it is time; False leaves the process alive."""
    name, _, nth = place.partition(":")
    remaining = int(nth or "1")
    if remaining < 1:
        raise ValueError(f"crash place {place!r}: the count starts at 1")

    def check(passed: str) -> None:
        nonlocal remaining
        if passed == name:
            remaining -= 1
            if remaining == 0 and mine():
                os._exit(EXIT_CODE)

    return check


def _by_file(file: Path) -> Callable[[str], None]:
    armed: tuple[int, Callable[[str], None]] = (0, _unarmed)

    def check(passed: str) -> None:
        nonlocal armed
        try:
            written = file.stat().st_mtime_ns
            if written != armed[0]:
                armed = written, _by_count(file.read_text(), lambda: _removed(file))
        except FileNotFoundError:
            return
        armed[1](passed)

    return check


def _removed(file: Path) -> bool:
    """False when another process was faster: one death per file."""
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    return True
