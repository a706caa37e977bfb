"""What a run cost: processor time of every process of the platform, by name."""

from contextlib import suppress
from pathlib import Path

import psutil

from convene.stack.state import read_state


def processor_seconds(local: Path) -> dict[str, float]:
    """User and system time of each process so far; without the load's own."""
    state = read_state(local)
    found: dict[str, float] = {}
    for entry in state.entries if state else ():
        with suppress(psutil.Error):
            times = psutil.Process(entry.pid).cpu_times()
            found[entry.name] = times.user + times.system
    return found


def microseconds_each(before: dict[str, float], after: dict[str, float], number: int) -> dict[str, int]:
    """By process, and in all. A process that was started anew in between counts from its start."""
    spent = {name: after[name] - before.get(name, 0.0) for name in after}
    spent = {name: after[name] if seconds < 0 else seconds for name, seconds in spent.items()}
    each = {name: round(seconds / max(1, number) * 1e6) for name, seconds in spent.items()}
    return {**each, "all": sum(each.values())}
