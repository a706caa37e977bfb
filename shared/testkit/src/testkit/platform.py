"""The whole platform as its users meet it: ``convene up`` on free ports, in a process of its own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convene.parts.running import Running
from convene.stack.apart import running_apart
from convene.stack.state import Entry, read_state


@dataclass(frozen=True, slots=True)
class Platform:
    """A running platform. ``addresses``: groups, events, notifications, stream, mail, issuer (URLs) and kafka."""

    addresses: Mapping[str, str]
    local: Path
    environ: Mapping[str, str]
    supervisor: Running

    def processes(self) -> dict[str, Entry]:
        """What runs now, by name, with process ids; servers that were given are not among them."""
        state = read_state(self.local)
        return {} if state is None else {entry.name: entry for entry in state.entries}

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to one of the processes; the supervisor starts again what dies."""
        os.kill(self.processes()[name].pid, number)

    async def convene(self, *arguments: str) -> Any:
        """Run ``convene … --json`` against this platform; what it printed, parsed. Fails unless it exits with 0."""
        command = [sys.executable, "-m", "convene", *arguments, "--json", "--local", str(self.local)]
        process = await asyncio.create_subprocess_exec(
            *command, env=dict(self.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        out, err = await process.communicate()
        if process.returncode != 0:
            raise AssertionError(f"convene {' '.join(arguments)}: {err.decode()}{out.decode()}")
        return json.loads(out)

    async def token(self, who: str, *scopes: str) -> str:
        """An access token for this member."""
        asked = [part for scope in scopes for part in ("--scope", scope)]
        answer = await self.convene("token", "--as", who, *asked)
        token: str = answer["access_token"]
        return token

    def log(self, name: str) -> str:
        """All that a process has written."""
        return (self.local / "logs" / f"{name}.log").read_text(errors="replace")


@asynccontextmanager
async def running_platform(local: Path, environ: Mapping[str, str] | None = None) -> AsyncIterator[Platform]:
    """A platform with its data in ``local``; ``environ`` is set for it and wins over free ports."""
    async with running_apart(local, environ) as apart:
        yield Platform(apart.addresses, local, apart.environ, apart.supervisor)
