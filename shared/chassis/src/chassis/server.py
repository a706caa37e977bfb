"""An ASGI application on a port, within the process' own loop; signals are the process' business."""

import asyncio
import contextlib
import socket
from collections.abc import Generator, Sequence

import uvicorn
from starlette.types import ASGIApp

from chassis.settings import ServiceSettings


class PortTaken(Exception):
    """Another program listens on that port."""


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class HttpServer:
    """A part. Its `port` is the one it listens on, also when it was asked for port 0 (any free one).

    trusted_proxies: addresses whose X-Forwarded-For and -Proto are believed.
    drain: seconds that requests under way have to end when the server stops; then they are cut off.
    protocol: of a connection; another one for answers that need more of it than ASGI gives.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        host: str,
        port: int,
        trusted_proxies: Sequence[str] = (),
        drain: float = 10.0,
        protocol: type[asyncio.Protocol] | None = None,
    ) -> None:
        self._config = uvicorn.Config(
            app,
            host=host,
            port=port,
            loop="none",
            http=protocol or "httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(trusted_proxies),
            forwarded_allow_ips=list(trusted_proxies),
            timeout_graceful_shutdown=max(1, round(drain)),
            timeout_keep_alive=75,
            backlog=2048,
        )
        self._server = _Server(self._config)
        self._running: asyncio.Task[None] | None = None
        self.port = port

    @staticmethod
    def of(app: ASGIApp, settings: ServiceSettings, *, port: int | None = None) -> "HttpServer":
        """On HTTP_HOST and HTTP_PORT, or another port of that host."""
        return HttpServer(
            app,
            host=settings.http_host,
            port=settings.http_port if port is None else port,
            trusted_proxies=settings.trusted_proxies,
            drain=settings.stop_within / 2,
        )

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        return [] if self._running is None else [self._running]

    async def start(self) -> None:
        """Listen. Raises PortTaken."""
        listening = _listen(self._config.host, self._config.port)
        self.port = listening.getsockname()[1]
        self._running = asyncio.create_task(self._server.serve(sockets=[listening]), name=f"http {self.port}")
        while not self._server.started:
            if self._running.done():
                self._running.result()
                raise RuntimeError("the HTTP server ended while starting")
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """Accept nothing more, let requests under way end."""
        if self._running is not None:
            self._server.should_exit = True
            await self._running


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise PortTaken(f"cannot listen on {host} port {port}: {error.strerror}") from error
    return listening
