"""A service as its process: put together in this one, or as a program of its own."""

import asyncio
import os
import sys
from asyncio import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from httpx2 import AsyncClient, HTTPError

from chassis.mongo import Database, connect
from chassis.serve import Process
from chassis.server import HttpServer
from chassis.settings import ServiceSettings
from testkit.issuer import ISSUER

S = TypeVar("S", bound=ServiceSettings)
S_contra = TypeVar("S_contra", bound=ServiceSettings, contravariant=True)


class App(Protocol[S_contra]):
    """A service's composition root; its module will do."""

    async def build(self, settings: S_contra, roles: Sequence[str]) -> Process: ...


@dataclass(frozen=True)
class Serving(Generic[S]):
    """A service in this process: its parts, who calls its API, and what is behind it."""

    process: Process
    client: AsyncClient
    database: Database
    settings: S


def settings_for(kind: type[S], *, mongo_url: str, kafka_bootstrap: str, prefix: str, keys: str, **more: Any) -> S:
    """Of a service on these servers, which believes the tests' issuer and takes any port. keys: where the issuer's
    are."""
    return kind(
        env="test",
        mongo_url=mongo_url,
        kafka_bootstrap=kafka_bootstrap,
        topic_prefix=prefix,
        oidc_issuer=ISSUER,
        oidc_jwks_url=keys,
        http_port=0,
        **more,
    )


@asynccontextmanager
async def serving(app: App[S], settings: S, roles: Sequence[str]) -> AsyncIterator[Serving[S]]:
    """The service with these roles, one of which is the api; its database and topics must be set up."""
    process = await app.build(settings, roles)
    database = connect(settings.mongo_url.get_secret_value())
    async with (
        started(process) as ports,
        AsyncClient(base_url=f"http://127.0.0.1:{ports[0]}", timeout=60) as client,
    ):
        yield Serving(process, client, database, settings)
    database.close()


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


@asynccontextmanager
async def heard(process: subprocess.Process) -> AsyncIterator[None]:
    """A program that says much does not wait for somebody to listen."""
    streams = [stream for stream in (process.stdout, process.stderr) if stream is not None]
    listening = [asyncio.create_task(stream.read()) for stream in streams]
    try:
        yield
    finally:
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)


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
