"""Starts the platform in order, starts again what dies, and stops it in the opposite order."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from time import monotonic
from typing import Any

from convene.parts.running import Running
from convene.parts.trouble import Unavailable
from convene.parts.waiting import until
from convene.stack.backoff import Backoff
from convene.stack.plan import SERVICES
from convene.stack.servers import START_S, Part, Servers
from convene.stack.state import Entry

WATCH_S = 0.1

Say = Callable[[str], None]


class Supervisor:
    """Owns the processes of one platform. All methods belong to one event loop."""

    def __init__(self, servers: Servers, *, say: Say, changed: Callable[[list[Entry]], None]) -> None:
        """``say`` takes a line for the person in front; ``changed`` the processes whenever one was started."""
        self._servers = servers
        self._say = say
        self._changed = changed
        self._layers: list[list[Part]] = []
        self._watchers: list[asyncio.Task[None]] = []

    def entries(self) -> list[Entry]:
        """What runs now, servers first."""
        return [
            Entry(part.running.name, part.running.pid, _without_credentials(part.running.address), part.health_port)
            for layer in self._layers
            for part in layer
        ]

    @contextlib.asynccontextmanager
    async def up(self) -> AsyncIterator[None]:
        """The platform is ready inside the block, watched while it lasts, and down after it.

        Raises Unavailable when something does not start; nothing is left running then.
        """
        try:
            await self._start()
            self._watchers = [asyncio.create_task(self._watch(part)) for layer in self._layers for part in layer]
            yield
        finally:
            await self._stop()

    async def _start(self) -> None:
        plan, servers = self._servers.plan, self._servers
        self._say("starting " + ", ".join(self._names_of_servers()))
        first: list[Coroutine[Any, Any, Part]] = [servers.outside()]
        if plan.starts_kafka:
            first.append(servers.kafka())
        if plan.own_databases:
            first.append(servers.mongod())
        if plan.traces:
            first.append(servers.zipkin())
        layer: list[Part] = []
        self._layers.append(layer)
        await together(*(_into(layer, start) for start in first))
        self._say("setting up topics and collections")
        await together(*(servers.set_up(service) for service in SERVICES))
        self._say("starting " + ", ".join(process.name for process in plan.processes))
        services = [servers.service(process) for process in plan.processes]
        self._layers.append(services)
        for part in services:
            part.running.spawn()
        self._changed(self.entries())
        await together(*(part.running.wait_ready(START_S) for part in services))

    def _names_of_servers(self) -> list[str]:
        plan = self._servers.plan
        return [
            "issuer and mail catcher",
            *(["kafka"] if plan.starts_kafka else []),
            *(["mongod"] if plan.own_databases else []),
            *(["zipkin"] if plan.traces else []),
        ]

    async def _watch(self, part: Part) -> None:
        running, backoff, since = part.running, Backoff(), monotonic()
        while True:
            if running.alive:
                await asyncio.sleep(WATCH_S)
                continue
            backoff = backoff.after_a_death(monotonic() - since)
            self._say(f"{_how_it_ended(running)}; starting it again in {backoff.delay_s:g} s")
            await asyncio.sleep(backoff.delay_s)
            since = monotonic()
            running.spawn()
            self._changed(self.entries())
            await self._say_when_back(part, since)

    async def _say_when_back(self, part: Part, since: float) -> None:
        async def back_or_gone() -> bool:
            return not part.running.alive or await part.running.is_ready()

        if await until(back_or_gone, START_S) and part.running.alive:
            self._say(f"{part.running.name} is ready again after {monotonic() - since:.1f} s")

    async def _stop(self) -> None:
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        for layer in reversed(self._layers):
            await asyncio.gather(*(part.running.stop() for part in layer))
        self._layers.clear()


async def together(*starts: Coroutine[Any, Any, object]) -> None:
    """Run all; the first failure cancels the others and is raised itself."""
    try:
        async with asyncio.TaskGroup() as group:
            for start in starts:
                group.create_task(start)
    except BaseExceptionGroup as troubles:
        sentences, _ = troubles.split(Unavailable)
        if sentences is None:
            raise
        raise sentences.exceptions[0] from troubles


async def _into(layer: list[Part], start: Coroutine[Any, Any, Part]) -> None:
    layer.append(await start)


def _how_it_ended(running: Running) -> str:
    code = running.exit_code or 0
    if code < 0:
        return f"{running.name} was killed by signal {-code}"
    return f"{running.name} ended with code {code} ({running.last_words()})"


def _without_credentials(address: str) -> str:
    scheme, separator, rest = address.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}" if separator else address
