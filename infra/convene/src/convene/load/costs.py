"""What a run cost: processor time of every process of the platform, and of the driver."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import psutil

from convene.stack.state import read_state


@dataclass(frozen=True, slots=True)
class Spent:
    """Processor seconds so far: by process of the platform, and of the driver with its children. at: monotonic."""

    by_process: dict[str, float]
    driver: float
    at: float


def spent(local: Path) -> Spent:
    state = read_state(local)
    found: dict[str, float] = {}
    for entry in state.entries if state else ():
        with suppress(psutil.Error):
            times = psutil.Process(entry.pid).cpu_times()
            found[entry.name] = times.user + times.system
    return Spent(found, sum(psutil.Process().cpu_times()[:4]), monotonic())


def microseconds_each(before: Spent, after: Spent, number: int) -> dict[str, int]:
    """By process, and in all without the driver. A process that was started anew in between counts from its start."""
    used = {name: seconds - before.by_process.get(name, 0.0) for name, seconds in after.by_process.items()}
    used = {name: after.by_process[name] if seconds < 0 else seconds for name, seconds in used.items()}
    each = {name: round(seconds / max(1, number) * 1e6) for name, seconds in used.items()}
    return {**each, "all": sum(each.values()), "driver": round((after.driver - before.driver) / max(1, number) * 1e6)}


def driver_share(before: Spent, after: Spent) -> float:
    """How much of one core the driver took: near 1 it is the driver that was measured."""
    return round((after.driver - before.driver) / max(1e-9, after.at - before.at), 2)
