"""A whole platform for experiments: ``convene up`` on free ports, in a process of its own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from convene.parts.ports import free_port
from convene.parts.running import Running
from convene.parts.trouble import Unavailable
from convene.parts.waiting import until
from convene.stack.plan import PORTS, plan
from convene.stack.state import Entry, read_state

START_S = 150.0
STOP_S = 90.0


@dataclass(frozen=True, slots=True)
class Platform:
    """A running platform.

    addresses: groups, events, notifications, stream, mail, issuer (URLs) and kafka; ready_s: how long its start took.
    """

    addresses: Mapping[str, str]
    local: Path
    environ: Mapping[str, str]
    supervisor: Running
    ready_s: float

    def processes(self) -> dict[str, Entry]:
        """What runs now, by name, with process ids; servers that were given are not among them."""
        state = read_state(self.local)
        return {} if state is None else {entry.name: entry for entry in state.entries}

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to one of the processes; the supervisor starts again what dies."""
        os.kill(self.processes()[name].pid, number)

    async def convene(self, *arguments: str, exits: Collection[int] = (0,)) -> Any:
        """Run ``convene … --json`` against this platform; what it printed, parsed.

        Raises Unavailable when it exits with another code than these.
        """
        command = [sys.executable, "-m", "convene", *arguments, "--json", "--local", str(self.local)]
        process = await asyncio.create_subprocess_exec(
            *command, env=dict(self.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        out, err = await process.communicate()
        if process.returncode not in exits:
            raise Unavailable(f"convene {' '.join(arguments)}: {err.decode()}{out.decode()}")
        return json.loads(out)

    async def token(self, who: str, *scopes: str) -> str:
        """An access token for this member."""
        asked = [part for scope in scopes for part in ("--scope", scope)]
        answer = await self.convene("token", "--as", who, *asked)
        token: str = answer["access_token"]
        return token

    async def power_off(self) -> None:
        """SIGKILL to everything at once; returns when all is gone. The data stays."""
        os.kill(self.supervisor.pid, signal.SIGSTOP)  # it would start again what dies first
        pids = [entry.pid for entry in self.processes().values()]
        for pid in pids:
            os.killpg(pid, signal.SIGKILL)
        self.supervisor.kill()
        await self.supervisor.wait_end(STOP_S)

        async def gone() -> bool:
            return not any(map(psutil.pid_exists, pids))

        if not await until(gone, STOP_S):
            raise Unavailable(f"Not all of {self.local} is gone {STOP_S:.0f} s after it was killed.")

    async def power_on(self) -> None:
        """Start everything again on the same data and ports; returns when all are ready."""
        _fresh(self.supervisor.log)
        await self.supervisor.start(START_S)

    def log(self, name: str) -> str:
        """All that a process has written."""
        return (self.local / "logs" / f"{name}.log").read_text(errors="replace")


@asynccontextmanager
async def running_platform(
    local: Path, environ: Mapping[str, str] | None = None, *, options: Sequence[str] = ()
) -> AsyncIterator[Platform]:
    """A platform with its data in ``local``; ``environ`` is set for it and wins over the free ports chosen here.

    options: of ``convene up``. Raises Unavailable when it does not start.
    """
    given = dict(environ or {})
    ports = {name: str(free_port()) for name in PORTS}
    more = set(plan(dict(os.environ) | ports | given).ports) - set(PORTS)
    whole = dict(os.environ) | ports | {name: str(free_port()) for name in sorted(more)} | given
    supervisor = Running(
        "the platform",
        [sys.executable, "-m", "convene", "up", "--json", "--local", str(local), *options],
        address=str(local),
        ready=lambda: asyncio.to_thread(lambda: _greeting(supervisor.log) is not None),
        log=_fresh(local / "up.log"),
        env=whole,
        grace=STOP_S,
    )
    await supervisor.start(START_S)
    try:
        greeting = _greeting(supervisor.log) or {}
        yield Platform(greeting["addresses"], local, whole, supervisor, greeting["ready_after_s"])
    finally:
        await supervisor.stop()


def _fresh(log: Path) -> Path:
    """Without what an earlier platform wrote there."""
    log.unlink(missing_ok=True)
    return log


def _greeting(log: Path) -> dict[str, Any] | None:
    """What ``convene up`` prints when all are ready."""
    lines = log.read_text().splitlines(keepends=True)
    found = next((line for line in reversed(lines) if line.startswith('{"ready') and line.endswith("\n")), None)
    return None if found is None else dict(json.loads(found))
