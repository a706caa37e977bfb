"""`convene bench --quick` on a platform of its own: measurements give their figures, and nothing is left running.

Growth and starting make several platforms and are left to `make bench`; what they are made of has tests of its own.
"""

import asyncio
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from convene.bench.sizes import QUICK

MEASURED = ("rsvps", "naive", "relay", "stream", "pulse")

Rows = dict[str, dict[str, list[float]]]


async def bench(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command with its platforms' folders in `folder`."""
    command = [sys.executable, "-m", "convene", "bench", *arguments]
    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, "TMPDIR": str(folder)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = await process.communicate()
    return subprocess.CompletedProcess(command, process.returncode or 0, out, err)


def rows(report: dict[str, Any]) -> Rows:
    """Values by measurement and row."""
    return {
        name: {row["what"]: row["values"] for row in found["figures"]} for name, found in report["measurements"].items()
    }


@pytest.mark.timeout(600)
async def test_measurements_give_their_figures(tmp_path: Path) -> None:
    folder = tmp_path / "platforms"
    folder.mkdir()
    done = await bench(folder, *MEASURED, "--quick", "--rounds", "1", "--report", str(tmp_path / "bench.json"))
    assert done.returncode == 0, done.stderr.decode()
    report = json.loads((tmp_path / "bench.json").read_text())
    found = rows(report)
    assert list(found) == list(MEASURED)
    assert all(measurement["figures"] for measurement in report["measurements"].values())
    values = [value for measured in found.values() for row in measured.values() for value in row]
    assert all(math.isfinite(value) for value in values)
    # what the table says of one run agrees with itself
    many = f"{QUICK.events} events, 128 callers"
    rsvps = found["rsvps"]
    assert rsvps[f"{many}: p50 of the answer"] <= rsvps[f"{many}: p99 of the answer"]
    assert 0 < rsvps[f"{many}: whole way"][0] <= rsvps[f"{many}: answered"][0]
    parts = sum(row[0] for what, row in rsvps.items() if what.startswith("CPU of ") and "record" not in what)
    assert parts == pytest.approx(rsvps[f"{many}: CPU, all processes"][0], rel=0.01)
    # each RSVP without a limit is two messages: the decision, and what the public sees of it
    assert found["relay"]["backlog: messages that waited"][0] >= 2 * QUICK.waiting
    assert found["stream"]["share delivered within a second of the last"][0] > 0
    assert found["naive"]["naive: whole way"][0] > 0
    for size in QUICK.chapters:
        assert found["pulse"][f"{size} chapters: p50 of the answer"][0] > 0
    assert os.listdir(folder) == []
    assert f"{'naive: whole way':<10}" in done.stdout.decode()


async def test_an_unknown_measurement_is_named_with_those_there_are(tmp_path: Path) -> None:
    done = await bench(tmp_path, "everything")
    assert done.returncode == 1
    assert done.stderr.decode().startswith("convene: There is no measurement 'everything'; there are rsvps, ")


async def test_quick_figures_are_not_published(tmp_path: Path) -> None:
    done = await bench(tmp_path, "--quick", "--publish", str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.decode().startswith("convene: Quick figures are not for publishing")
