"""The platform that a scenario is played on, as those who do the faults see it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from convene.acting.platform import Platform as Outside
from convene.operating.health import look, memory_mb
from convene.parts.trouble import Unavailable
from convene.parts.waiting import until
from convene.stack.spawned import Platform
from convene.stack.state import read_state

HOLDERS = {"writer": ("events", "journal"), "publisher": ("events-relay", "relay")}
"""Parts that processes compete for: whose they may be, and what those say about them in /health/progress."""

FOUND_WITHIN = 15.0


@dataclass(slots=True)
class Stage:
    """platform: its processes; outside: its addresses and people; crashes: the folder that arms crash points."""

    platform: Platform
    outside: Outside
    crashes: Path
    _holding: int = field(default=0)

    @property
    def pids(self) -> dict[str, int]:
        return {name: entry.pid for name, entry in self.platform.processes().items()}

    def apis(self) -> list[str]:
        """URLs of the events service, one for each of its replicas."""
        state = read_state(self.platform.local)
        return [] if state is None else [entry.address for entry in state.replicas("events")]

    async def who(self, victim: str) -> str:
        """The process that is meant. Raises Unavailable when nobody turns out to be it."""
        if victim not in {*HOLDERS, "bystander"}:
            return victim
        kind, part = HOLDERS.get(victim, HOLDERS["writer"])
        deadline = monotonic() + FOUND_WITHIN
        while monotonic() < deadline:
            holding = await self._holding_lanes(kind, part)
            found = [name for name, held in holding.items() if held is not (victim == "bystander")]
            if True in holding.values() and found:
                return found[0]
            await asyncio.sleep(0.1)
        raise Unavailable(f"No process of {kind} is the {victim}.")

    async def _holding_lanes(self, kind: str, part: str) -> dict[str, bool]:
        state = read_state(self.platform.local)
        found = await look(state) if state else []
        wanted = {entry.name for entry in state.replicas(kind)} if state else set()
        return {
            health.name: bool(health.progress[part]["lanes"])
            for health in found
            if health.name in wanted and health.progress and "lanes" in health.progress.get(part, {})
        }

    @asynccontextmanager
    async def nothing_starts_again(self) -> AsyncIterator[None]:
        """Inside the block what dies stays dead."""
        self._holding += 1
        os.kill(self.platform.supervisor.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            self._holding -= 1
            if not self._holding:
                os.kill(self.platform.supervisor.pid, signal.SIGCONT)

    async def back(self, gone: Collection[int], within: float) -> bool:
        """Whether every process is ready within so many seconds, and none has one of these ids any more."""

        async def all_ready() -> bool:
            state = read_state(self.platform.local)
            if state is None or not state.entries:
                return False
            found = await look(state)
            return all(health.ready and health.pid not in gone for health in found)

        return await until(all_ready, within)

    def memory(self) -> dict[str, float]:
        """Resident MB of our own processes, by name."""
        names = {name: pid for name, pid in self.pids.items() if name not in {"kafka", "mongod"}}
        return {name: size for name, pid in names.items() if (size := memory_mb(pid)) is not None}
