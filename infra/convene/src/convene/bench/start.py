"""Starting the platform as `make run` does, and what it takes while nobody does anything."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from convene.bench.measuring import Bench, Variant
from convene.load.costs import processor_seconds
from convene.stack.spawned import running_platform
from convene.stack.state import read_state

NAME = "start"
TITLE = "Starting, and sitting there"
IDLE_S = 10.0


@asynccontextmanager
async def measured(bench: Bench) -> AsyncIterator[list[Variant]]:
    figures = bench.figures

    async def start() -> None:
        for _ in range(bench.rounds):
            with tempfile.TemporaryDirectory(prefix="convene-bench-") as folder:
                local = Path(folder)
                async with running_platform(local) as apart:
                    figures.add(NAME, "first start, all downloaded", apart.ready_s, "s", target="< 120 with download")
                async with running_platform(local) as apart:
                    figures.add(NAME, "later start", apart.ready_s, "s", target="< 10")
                    before = processor_seconds(local)
                    await asyncio.sleep(IDLE_S)
                    after = processor_seconds(local)
                    used = sum(after.values()) - sum(before.values())
                    figures.add(NAME, "idle: memory, all processes", _memory(local), "MB", target="< 1,200")
                    figures.add(NAME, "idle: processor", used / IDLE_S * 100, "% of a core")

    yield [start]


def _memory(local: Path) -> float:
    """MB of all processes and their supervisor; what several share is divided among them."""
    state = read_state(local)
    pids = [] if state is None else [state.pid, *(entry.pid for entry in state.entries)]
    return sum(psutil.Process(pid).memory_full_info().pss for pid in pids) / 1e6
