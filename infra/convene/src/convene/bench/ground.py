"""What is measured on: a platform with its folder, either one that runs or one made for the purpose."""

import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from chassis.kafka import KafkaSettings
from convene.acting.platform import Platform, client, reach
from convene.operating.access import access
from convene.parts.trouble import Unavailable
from convene.parts.waiting import until
from convene.stack.plan import Plan, plan
from convene.stack.probe import is_ok
from convene.stack.spawned import running_platform
from convene.stack.state import Entry, read_state

SAMPLED = {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.01"}
"""The targets are with tracing on, one way in a hundred recorded."""
BACK_S = 60.0


@dataclass(frozen=True, slots=True)
class Ground:
    """environ: what names the platform's ports."""

    local: Path
    environ: Mapping[str, str]
    platform: Platform

    @property
    def kafka(self) -> KafkaSettings:
        return access(self.local, "events").kafka

    @property
    def plan(self) -> Plan:
        return plan(self.environ)

    def entries(self) -> dict[str, Entry]:
        """The platform's processes by name. Raises Unavailable when it is down."""
        state = read_state(self.local)
        if state is None:
            raise Unavailable(f"The platform in {self.local} went down while it was measured; look at its logs.")
        return {entry.name: entry for entry in state.entries}

    async def restart(self, name: str) -> None:
        """End one process and wait until the supervisor has it ready again."""
        before = self.entries()[name]
        os.kill(before.pid, 15)

        async def back() -> bool:
            entry = self.entries().get(name)
            if entry is None or entry.pid == before.pid or entry.health_port is None:
                return False
            return await is_ok("127.0.0.1", entry.health_port, "/health/ready")

        if not await until(back, BACK_S):
            raise Unavailable(f"{name} was not ready again after {BACK_S:.0f} s; look at its logs.")


@asynccontextmanager
async def standing(local: Path) -> AsyncIterator[Ground]:
    """The platform that runs from this folder. Raises Unavailable."""
    async with client() as http:
        yield Ground(local, os.environ, reach(local, http))


@asynccontextmanager
async def throwaway(*, traced: bool = False) -> AsyncIterator[Ground]:
    """A new platform in a temporary folder, down and gone after the block. traced: with Zipkin, sampled."""
    with tempfile.TemporaryDirectory(prefix="convene-bench-") as folder:
        local = Path(folder)
        options = ("--traces",) if traced else ()
        async with running_platform(local, SAMPLED if traced else {}, options=options) as apart, client() as http:
            yield Ground(local, apart.environ, reach(local, http, apart.environ))
