"""The stream role put together: the tail that reads, and the server that tells."""

import asyncio
from collections.abc import Mapping
from typing import Any

from prometheus_client import Gauge

from chassis import clock
from chassis.health import Health
from chassis.kafka import KafkaSettings
from chassis.server import HttpServer
from contracts.public import PublicRsvp
from contracts.registry import topics
from events_service.stream.edge import StreamEdge
from events_service.stream.limits import Limits
from events_service.stream.live import Live
from events_service.stream.log import Log
from events_service.stream.tail import Tail
from events_service.stream.wire import StreamProtocol

_DAY_MS = 86_400_000
_READERS = Gauge("convene_stream_readers", "Streams open now")


class Stream:
    """A part: from `start` on the log is followed into memory. Kafka may be away then; it is not ready meanwhile.

    health: of its own server. What else the process serves needs no Kafka, so the process' readiness is left alone.
    """

    def __init__(self, kafka: KafkaSettings, health: Health, limits: Limits) -> None:
        lag = topics()[PublicRsvp.topic].min_compaction_lag_days
        self.live = Live()
        self.log = Log(kafka, kafka.topic(PublicRsvp.topic), keep_ms=None if lag is None else lag * _DAY_MS)
        self.tail = Tail(self.log, self.live, warm=limits.warm, ring_bytes=limits.ring_bytes)
        self.edge = StreamEdge(self.live, self.log, limits, prefix=kafka.prefix)
        self.health = health.beside()
        self._ending: asyncio.Task[None] | None = None
        self.health.ready_when("stream", self._caught_up)
        self.health.progress_of("stream", self.progress)
        _READERS.set_function(lambda: len(self.edge.admission))

    @property
    def tasks(self) -> "list[asyncio.Task[None]]":
        return self.tail.tasks

    async def start(self) -> None:
        self.live.start()
        self.tail.start()
        self._ending = asyncio.create_task(self._end_with_process(), name="stream ending")

    async def stop(self) -> None:
        self.live.stop()
        if self._ending is not None:
            self._ending.cancel()
            await asyncio.gather(self._ending, return_exceptions=True)
        await self.tail.stop()
        await self.log.stop()

    async def progress(self) -> Mapping[str, Any]:
        """For /health/progress."""
        return {"readers": len(self.edge.admission), "silent_seconds": clock.monotonic() - self.tail.progressed}

    async def _caught_up(self) -> bool:
        return self.live.ready.is_set()

    async def _end_with_process(self) -> None:
        """The server stops first and waits for its answers to end; these would not by themselves."""
        await self.health.until_stopping()
        self.live.stop()


def stream_server(stream: Stream, *, host: str, port: int, trusted_proxies: tuple[str, ...]) -> HttpServer:
    """The stream's own server. It belongs to the process' servers, the stream to its parts."""
    return HttpServer(
        stream.edge.app(stream.health),
        host=host,
        port=port,
        trusted_proxies=trusted_proxies,
        protocol=StreamProtocol,
        drain=5.0,
    )
