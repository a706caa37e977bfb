"""What a run cost: processor time of every process of the platform, by name."""

from contextlib import suppress
from pathlib import Path

import psutil

from convene.load.ledger import Ledger
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


def microseconds_each(before: dict[str, float], after: dict[str, float], ledger: Ledger) -> dict[str, int]:
    """Per accepted RSVP, by process, in all of the platform, and of the driver.

    A process that was started anew in between counts from its start.
    """
    spent = {name: after[name] - before.get(name, 0.0) for name in after}
    spent = {name: after[name] if seconds < 0 else seconds for name, seconds in spent.items()}
    number = max(1, ledger.accepted)
    each = {name: round(seconds / number * 1e6) for name, seconds in spent.items()}
    return {**each, "all": sum(each.values()), "driver": round(ledger.driver / number * 1e6)}


def driver_cores(ledger: Ledger) -> float:
    """How much of a core the driver took: near 1 it is the driver that was measured."""
    return round(ledger.driver / max(1e-9, ledger.seconds), 2)
