"""A platform apart from others: ``convene up`` on free ports, in a process of its own, for as long as a block lasts."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convene.parts.ports import free_port
from convene.parts.running import Running
from convene.stack.plan import PORTS

START_S = 150.0
STOP_S = 90.0


@dataclass(frozen=True, slots=True)
class Apart:
    """addresses: as ``convene up --json`` tells them; ready_s: how long it took; environ: what names its ports."""

    addresses: Mapping[str, str]
    ready_s: float
    local: Path
    environ: Mapping[str, str]
    supervisor: Running


@asynccontextmanager
async def running_apart(
    local: Path, environ: Mapping[str, str] | None = None, *, options: tuple[str, ...] = ()
) -> AsyncIterator[Apart]:
    """A platform with its data in ``local``, down after the block. ``environ`` wins over the free ports chosen here.

    options: of ``convene up``. Raises Unavailable when it does not start.
    """
    ports = {name: str(free_port()) for name in PORTS}
    whole = dict(os.environ) | ports | dict(environ or {})
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
        yield Apart(greeting["addresses"], greeting["ready_after_s"], local, whole, supervisor)
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
