"""A service as its process: put together in this one, or as a program of its own."""

import os
import sys
from asyncio import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from httpx2 import AsyncClient, HTTPError

from chassis.serve import Process
from chassis.server import HttpServer


@asynccontextmanager
async def started(process: Process) -> AsyncIterator[list[int]]:
    """The process' parts, started and stopped here as `chassis.serve` does it; the ports of its servers."""
    try:
        for part in (*process.servers, *process.parts):
            await part.start()
        process.health.started = True
        yield [server.port for server in process.servers if isinstance(server, HttpServer)]
    finally:
        process.health.stop()
        for part in (*process.servers, *reversed(process.parts)):
            await part.stop()


@asynccontextmanager
async def program(package: str, *words: str, **environment: str) -> AsyncIterator[subprocess.Process]:
    """`python -m <package> <words>` with this environment alone and both outputs piped; killed at the end if it still
    runs."""
    path = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    process = await subprocess.create_subprocess_exec(
        sys.executable,
        "-m",
        package,
        *words,
        env={**path, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def set_up(package: str, **environment: str) -> None:
    """Run the service's `setup`. Raises RuntimeError with what it said when it failed."""
    async with program(package, "setup", **environment) as process:
        _, said = await process.communicate()
        if process.returncode != 0:
            raise RuntimeError(said.decode())


async def is_ready(client: AsyncClient) -> bool:
    """Whether the process takes requests; False while nobody answers."""
    try:
        return (await client.get("/health/ready")).status_code == 200
    except HTTPError:
        return False
