"""Toxiproxy: TCP links that can be cut, left half open, slowed and broken up. Built once with Go, for this user."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from convene.parts.cache import cache_dir
from convene.parts.ports import LOOPBACK, accepts, free_port
from convene.parts.running import Running
from convene.parts.trouble import Unavailable

VERSION = "2.12.0"
SOURCE = f"github.com/Shopify/toxiproxy/v2/cmd/server@v{VERSION}"
BUILD_S = 600


@dataclass(frozen=True, slots=True)
class Toxic:
    """What is wrong with a link: https://github.com/Shopify/toxiproxy#toxics has kinds and attributes.

    streams: of the two directions, those it is wrong with; `downstream` is from the server to its clients.
    """

    kind: str
    attributes: Mapping[str, int]
    streams: tuple[str, ...] = ("downstream", "upstream")


HALF_OPEN = Toxic("timeout", {"timeout": 0})
"""Connections stay, and nothing comes through."""
RESET = Toxic("reset_peer", {"timeout": 0})
"""Every connection ends with a TCP reset as soon as something is sent."""
CUT_SHORT = Toxic("limit_data", {"bytes": 4_000})
"""Every connection is closed after so many bytes, in the middle of whatever they were."""
CRUMBS = Toxic("slicer", {"average_size": 64, "size_variation": 32, "delay": 2_000})
"""A slow loris: 64 bytes every 2 ms (the attribute is in microseconds)."""
NARROW = Toxic("bandwidth", {"rate": 30})
"""30 KB a second."""
FAR = Toxic("latency", {"latency": 400, "jitter": 200})
"""200 to 600 ms each way."""


class Link:
    """One way to a server, through the proxy."""

    def __init__(self, api: httpx2.AsyncClient, name: str, port: int) -> None:
        self.name = name
        self.port = port
        self._api = api

    @asynccontextmanager
    async def cut(self) -> AsyncIterator[None]:
        """Inside the block nobody gets through: connections are closed, new ones refused."""
        await self._say(f"/proxies/{self.name}", {"enabled": False})
        try:
            yield
        finally:
            await self._say(f"/proxies/{self.name}", {"enabled": True})

    @asynccontextmanager
    async def ill(self, toxic: Toxic) -> AsyncIterator[None]:
        """Inside the block the link has this toxic; connections that it left half open end with it."""
        names = [f"{toxic.kind}-{stream}" for stream in toxic.streams]
        try:
            for name, stream in zip(names, toxic.streams, strict=True):
                body = {"name": name, "type": toxic.kind, "stream": stream, "attributes": dict(toxic.attributes)}
                await self._say(f"/proxies/{self.name}/toxics", body)
            yield
        finally:
            for name in names:
                await self._api.delete(f"/proxies/{self.name}/toxics/{name}")

    async def _say(self, path: str, body: Mapping[str, object]) -> None:
        (await self._api.post(path, json=dict(body))).raise_for_status()


class Toxiproxy:
    """A running toxiproxy."""

    def __init__(self, api: httpx2.AsyncClient) -> None:
        self._api = api

    async def link(self, name: str, upstream: int) -> Link:
        """A free loopback port that leads to the `upstream` one."""
        port = free_port()
        body = {"name": name, "listen": f"{LOOPBACK}:{port}", "upstream": f"{LOOPBACK}:{upstream}", "enabled": True}
        (await self._api.post("/proxies", json=body)).raise_for_status()
        return Link(self._api, name, port)


@asynccontextmanager
async def toxiproxy(log: Path) -> AsyncIterator[Toxiproxy]:
    """A proxy of one's own until the block ends. Raises Unavailable when it cannot be built."""
    program = await asyncio.to_thread(binary)
    port = free_port()
    running = Running(
        "toxiproxy",
        [str(program), "-host", LOOPBACK, "-port", str(port)],
        address=f"http://{LOOPBACK}:{port}",
        ready=lambda: accepts(LOOPBACK, port),
        log=log,
    )
    await running.start()
    try:
        async with httpx2.AsyncClient(base_url=running.address, trust_env=False) as api:
            yield Toxiproxy(api)
    finally:
        await running.stop()


def binary() -> Path:
    """The server, built on the first call on this machine. Raises Unavailable."""
    folder = cache_dir() / f"toxiproxy-{VERSION}"
    program = folder / "toxiproxy-server"
    if program.exists():
        return program
    go = shutil.which("go")
    if go is None:
        raise Unavailable("Links are cut by toxiproxy, which is built with Go; install Go 1.23 or later.")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as made:
        command = [go, "install", SOURCE]
        environ = {**os.environ, "GOBIN": made}
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=BUILD_S)
        if done.returncode != 0:
            last = (done.stderr.strip() or "it said nothing").splitlines()[-1]
            raise Unavailable(f"toxiproxy could not be built ({last[:300]}); check the network and try again.")
        (Path(made) / "server").replace(program)
    return program
