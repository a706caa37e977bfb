"""How each process of a running platform is now."""

import asyncio
from dataclasses import dataclass
from typing import Any

import psutil

from convene.parts.ports import LOOPBACK, accepts
from convene.stack.probe import get_json, is_ok
from convene.stack.state import Entry, State


@dataclass(frozen=True, slots=True)
class Health:
    """One process now. ``progress`` is the JSON of its ``/health/progress``, None where it has none."""

    name: str
    pid: int
    address: str
    ready: bool
    memory_mb: float | None
    progress: Any = None


async def look(state: State) -> list[Health]:
    """Ask every process."""
    return list(await asyncio.gather(*map(_look_at, state.entries)))


async def _look_at(entry: Entry) -> Health:
    if entry.health_port is None:
        host, _, port = entry.address.partition("://")[2].partition("/")[0].rpartition(":")
        if not host:
            host, _, port = entry.address.rpartition(":")
        ready, progress = await accepts(host, int(port)), None
    else:
        ready = await is_ok(LOOPBACK, entry.health_port, "/health/ready")
        progress = await get_json(LOOPBACK, entry.health_port, "/health/progress")
    return Health(entry.name, entry.pid, entry.address, ready, memory_mb(entry.pid), progress)


def memory_mb(pid: int) -> float | None:
    """Resident, of a process that may be gone."""
    try:
        return round(psutil.Process(pid).memory_info().rss / 1e6, 1)
    except psutil.Error:
        return None
