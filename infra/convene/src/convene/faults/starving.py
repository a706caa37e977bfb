"""A process that gets hardly any processor, or no more memory."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import psutil

ROUND_S = 0.2


@asynccontextmanager
async def slowed(pid: int, share: float) -> AsyncIterator[None]:
    """Inside the block the process runs for this share of the time, 0 to 1, and is frozen for the rest of it."""

    async def turns() -> None:
        while True:
            os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(ROUND_S * (1 - share))
            os.kill(pid, signal.SIGCONT)
            await asyncio.sleep(ROUND_S * share)

    turning = asyncio.create_task(turns())
    try:
        yield
    finally:
        turning.cancel()
        await asyncio.gather(turning, return_exceptions=True)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


@contextmanager
def without_memory(pid: int, megabytes: int) -> Iterator[None]:
    """Inside the block the process may take so much address space more, and not a byte beyond: allocations fail."""
    process = psutil.Process(pid)
    before = process.rlimit(psutil.RLIMIT_AS)
    process.rlimit(psutil.RLIMIT_AS, (process.memory_info().vms + megabytes * (1 << 20), before[1]))
    try:
        yield
    finally:
        with suppress(psutil.NoSuchProcess):
            process.rlimit(psutil.RLIMIT_AS, before)
