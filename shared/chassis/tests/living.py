"""A process to be started, told and watched by the tests of serve: `python living.py MODE PORT`.

It says on standard output, one log line each, what its parts do.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence

import structlog
from issuer import settings
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from chassis import serve
from chassis.crash import crash_point
from chassis.health import Health
from chassis.http.probes import probe_routes
from chassis.server import HttpServer

_log = structlog.get_logger("living")


class Worker:
    """A part with a name and a task."""

    def __init__(self, name: str, mode: str = "") -> None:
        self.name = name
        self.mode = mode
        self._task: asyncio.Task[None] | None = None

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        return [] if self._task is None else [self._task]

    async def start(self) -> None:
        if self.mode == "cannot-start":
            raise RuntimeError("no database")
        if self.mode == "slow-start":
            await asyncio.sleep(60)
        self._task = asyncio.create_task(self._work(), name=self.name)
        _log.info("started", part=self.name)

    async def _work(self) -> None:
        if self.mode == "dies":
            await asyncio.sleep(0.05)
            raise ValueError("the work went wrong")
        if self.mode == "ends":
            return
        await asyncio.sleep(3600)

    async def stop(self) -> None:
        if self.mode == "never-stops":
            await asyncio.sleep(60)
        if self._task is not None:
            self._task.cancel()
        _log.info("stopped part", part=self.name)


def app(health: Health) -> Starlette:
    async def slow(request: Request) -> Response:
        _log.info("slow request came")
        await asyncio.sleep(0.5)
        crash_point("answering")
        return PlainTextResponse("done")

    async def stream(request: Request) -> Response:
        async def lines() -> AsyncIterator[bytes]:
            yield b"first\n"
            await health.until_stopping()
            yield b"last\n"

        return StreamingResponse(lines())

    return Starlette(routes=[*probe_routes(health), Route("/slow", slow), Route("/stream", stream)])


async def build(mode: str, port: int) -> serve.Process:
    health = Health()
    server = HttpServer(app(health), host="127.0.0.1", port=port)
    parts: Sequence[serve.Part] = [Worker("first"), Worker("second", mode)]
    return serve.Process(health=health, parts=parts, servers=[server])


def main() -> int:
    mode, port = sys.argv[1], int(sys.argv[2])
    return serve.run(settings(stop_within=2.0), lambda: build(mode, port), role="test")


if __name__ == "__main__":
    sys.exit(main())
