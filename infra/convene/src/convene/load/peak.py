"""Peak figures by a compiled driver: wrk asks as fast as its connections are answered, and keeps no ledger.

Every request is a member's first answer to an event. wrk tells how many were accepted, not which: all lines of the
ledger stay unknown, and the audit finds in the journal what became of each.
"""

import asyncio
import json
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from convene.acting.platform import Platform
from convene.load.ledger import Ledger, Line
from convene.load.setting import Field
from convene.parts.trouble import Unavailable

SCRIPT = Path(__file__).with_name("peak.lua")
PATIENCE = "12s"


@dataclass(frozen=True, slots=True)
class Peak:
    """What wrk says. answered: requests with any answer; refused: those with a status above 399.

    repeated: sent again because every member had answered every event; cut: socket errors and timeouts.
    """

    issued: int
    repeated: int
    seconds: float
    answered: int
    refused: int
    cut: int
    p50_ms: float
    p99_ms: float

    @property
    def accepted(self) -> int:
        return max(0, self.answered - self.refused - self.repeated)


def check() -> str:
    """Where wrk is. Raises Unavailable."""
    found = shutil.which("wrk")
    if found is None:
        raise Unavailable("wrk is not installed; install it (Debian and Ubuntu: `apt install wrk`) and run this again.")
    return found


async def peak(
    platform: Platform, field: Field, *, connections: int, seconds: int, step: Callable[[int], None]
) -> tuple[Peak, Ledger]:
    """wrk for so many seconds, or until every member has answered every event. step: told of each second.

    Raises Unavailable when wrk is missing or fails.
    """
    wrk = check()
    with TemporaryDirectory(prefix="convene-peak-") as folder:
        members = _written(Path(folder, "members"), (platform.person(member).token for member in field.members))
        events = _written(Path(folder, "events"), field.events)
        numbers = ["-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--timeout", PATIENCE]
        command = [wrk, *numbers, "-s", str(SCRIPT), platform.addresses["events"], "--", str(members), str(events)]
        used = _children()
        process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        ticking = asyncio.create_task(_tick(seconds, step))
        try:
            out, _ = await process.communicate()
        finally:
            ticking.cancel()
            if process.returncode is None:
                process.kill()
    found = Peak(**_told(out.decode(errors="replace")))
    lines = [Line(*pair, "yes", 0, f"peak-{number}") for number, pair in enumerate(asked(field, found.issued))]
    driver = _children() - used
    return found, Ledger(lines, found.seconds, driver, told=found.accepted, cut=connections + found.cut)


def asked(field: Field, number: int) -> Iterator[tuple[str, str]]:
    """The first so many pairs of member and event, in wrk's order: the same member only after all others."""
    members, events = field.members, field.events
    for place in range(number):
        turn, member = divmod(place, len(members))
        yield members[member], events[(member + turn) % len(events)]


def _written(path: Path, lines: Iterable[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def _children() -> float:
    """Processor seconds of programs that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _told(out: str) -> dict[str, Any]:
    last = next((line for line in reversed(out.splitlines()) if line.startswith('{"issued"')), None)
    if last is None:
        raise Unavailable(f"wrk failed: {out.strip()[-300:]}")
    found: dict[str, Any] = json.loads(last)
    return found


async def _tick(seconds: int, step: Callable[[int], None]) -> None:
    for _ in range(seconds):
        await asyncio.sleep(1)
        step(1)
