"""A process dies where it was told to, once: by count, or by a file that is there while it runs."""

import subprocess
import sys
from pathlib import Path

import pytest

from chassis.crash import EXIT_CODE, arm

PASSES = """
import sys
from chassis.crash import arm, crash_point
arm(sys.argv[1], "bank")
for _ in range(3):
    crash_point("here")
    crash_point("there")
"""


def passing(place: str) -> int:
    """The exit code of a process that passes two places three times."""
    return subprocess.run([sys.executable, "-c", PASSES, place], check=False, timeout=60).returncode  # noqa: S603 - this file


@pytest.mark.parametrize(("place", "dies"), [("here", True), ("there:3", True), ("there:4", False), ("gone", False)])
def test_by_count(place: str, dies: bool) -> None:
    assert passing(place) == (EXIT_CODE if dies else 0)


@pytest.mark.parametrize(("place", "dies"), [("here:2", True), ("here:4", False), ("gone", False)])
def test_by_a_file_which_whoever_dies_takes_along(tmp_path: Path, place: str, dies: bool) -> None:
    file = tmp_path / "bank"
    file.write_text(place)
    assert passing(f"@{tmp_path}") == (EXIT_CODE if dies else 0)
    assert file.exists() is not dies
    assert passing(f"@{tmp_path}") == 0


def test_another_services_file_arms_nothing(tmp_path: Path) -> None:
    (tmp_path / "market").write_text("here")
    assert passing(f"@{tmp_path}") == 0


def test_a_count_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="starts at 1"):
        arm("here:0")
