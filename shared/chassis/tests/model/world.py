"""Processes, their servers, and the network between them, in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from contextvars import Context, copy_context
from random import Random
from typing import Any

from aiokafka.errors import KafkaError

from chassis.journal import Journal, prepare
from chassis.journal.schema import COLLECTIONS
from chassis.kafka import KafkaSettings
from chassis.mongo import errors
from chassis.relay import Relay
from contracts.registry import Topic
from model.broker import Broker
from model.client import BLOCKED_PAUSE, SOCKET_TIMEOUT, ModelDatabase
from model.faults import Faults
from model.kafka import ModelConsumer, ModelProducer
from model.ledger import ACCOUNTS, OTHER_TOPIC, TOPIC, deciders
from model.loop import RUNNER, Runner, VirtualLoop
from model.mongod import EPOCH, Locked, Mongod

LEASE = 0.6
NEWEST = 2
SERVICE = "events"
KAFKA = KafkaSettings("model")
REGISTRY = {
    name: Topic(name, kind="fact", writers=(SERVICE,), key="{id}", partition="subject", partitions=2)
    for name in (TOPIC, OTHER_TOPIC)
}


class Process:
    """One process of the service: its client, its journal, and what runs in it."""

    def __init__(self, world: "World", label: str, release: int) -> None:
        self.world = world
        self.label = label
        self.release = release
        self.runner = Runner()
        self.wall = 0.0
        self.database = ModelDatabase(world, label)
        self.relay = Relay(self.database, KAFKA, SERVICE, lease_seconds=LEASE, registry=REGISTRY)
        self.journal = Journal(self.database, deciders(release), lease_seconds=LEASE, published=self.relay.ring)
        self.ready = False
        self.stopping = False

    @property
    def serves(self) -> bool:
        return self.ready and self.runner.alive and not self.stopping

    def spawn(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Run something in this process: it freezes and dies with it."""
        context = self.world.outside.copy()
        context.run(RUNNER.set, self.runner)
        return self.world.loop.create_task(work, context=context)

    async def start(self) -> None:
        await self._insist(self.journal.start)
        if self.world.publishes:
            await self._insist(self.relay.start)
        self.ready = True

    async def _insist(self, start: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await start()
            except errors.PyMongoError:
                await asyncio.sleep(0.1)
            else:
                return

    def kill(self) -> None:
        self.world.note(self.label, "killed")
        self.runner.alive = False

    def freeze(self) -> None:
        self.world.note(self.label, "frozen")
        self.runner.frozen = True

    def thaw(self) -> None:
        if self.runner.frozen:
            self.world.note(self.label, "thawed")
            self.world.loop.thaw(self.runner)

    async def stop(self) -> None:
        self.world.note(self.label, "stops")
        self.stopping = True
        await self.journal.stop()
        await self.relay.stop()
        self.runner.alive = False


class World:
    """Everything of one seed."""

    collections = COLLECTIONS

    def __init__(self, seed: int, *, trace: list[str] | None = None) -> None:
        self.seed = seed
        self.rng = Random(seed)
        self.loop = VirtualLoop()  # type: ignore[abstract]  # the rest of a loop is not used
        self.outside: Context = copy_context()
        self.trace = trace
        self.faults = Faults.drawn(self.rng)
        self.mongod = Mongod(self.rng, self.loop.time)
        self.mongod.unique[ACCOUNTS] = "name"
        self.mongod.committed = self._ring
        self.publishes = self.rng.random() < 0.5
        self.naming = self.rng.choice((0.1, 0.4))
        self.broker = Broker(self.rng, self.loop.time, self.later)
        self.bells: dict[str, list[asyncio.Queue[None]]] = {}
        self.lanes = self.rng.choice((1, 1, 2))
        self.processes: list[Process] = []
        self.calls = 0
        self._started = 0
        self._ids = 0

    # What the code under test sees

    def monotonic(self) -> float:
        return self.loop.now

    def time_ns(self) -> int:
        here = self._here()
        skew = 0.0 if here is None else here.wall
        return int((EPOCH.timestamp() + self.loop.now + skew) * 1e9)

    def token_bytes(self, length: int) -> bytes:
        self._ids += 1
        return self._ids.to_bytes(length, "big")

    def producer(self, **options: Any) -> ModelProducer:
        return ModelProducer(self, **options)

    def consumer(self, **options: Any) -> ModelConsumer:
        return ModelConsumer(self, **options)

    def _here(self) -> Process | None:
        runner = RUNNER.get()
        return next((process for process in self.processes if process.runner is runner), None)

    def client(self, label: str) -> ModelDatabase:
        return ModelDatabase(self, label)

    # Processes

    async def prepare(self) -> None:
        on, self.faults.on = self.faults.on, False
        await prepare(ModelDatabase(self, "setup"), lanes=self.lanes)
        self.faults.on = on

    def start(self, release: int) -> Process:
        self._started += 1
        release = release if self.faults.on else NEWEST
        process = Process(self, f"p{self._started}", release)
        self.processes.append(process)
        self.note(process.label, f"starts with release {release}")
        process.spawn(process.start())
        return process

    def serving(self) -> list[Process]:
        return [process for process in self.processes if process.serves]

    # The network

    def note(self, who: str, what: str) -> None:
        if self.trace is not None:
            self.trace.append(f"{self.loop.now:9.4f} {who:>7} {what}")

    async def travel(self, label: str, what: str, effect: Callable[[], Any]) -> Any:
        """One call of a process to MongoDB, there and back."""
        call = Call(self, self.mongod, label, what, effect)
        call.send()
        return await call.future

    async def kafka(self, what: str, effect: Callable[[], Any]) -> Any:
        """One call of this process to Kafka, there and back."""
        here = self._here()
        call = Call(self, self.broker, here.label if here else "reader", what, effect)
        call.send()
        return await call.future

    def later(self, seconds: float, step: Callable[..., object], *args: Any) -> None:
        """A step of nobody's: it comes whatever becomes of the processes."""
        self.loop.call_later(seconds, step, *args, context=self.outside)

    def _ring(self, collections: list[str]) -> None:
        for name in sorted(set(collections) & self.bells.keys()):
            for bell in self.bells[name]:
                if not self.faults.on or self.rng.random() < 0.8:
                    self.later(self.faults.delay(), bell.put_nowait, None)


class Call:
    """A request on its way to the server, and the answer on its way back."""

    __slots__ = ("effect", "fate", "future", "label", "sent", "server", "starts", "what", "world")

    def __init__(self, world: World, server: Mongod | Broker, label: str, what: str, effect: Callable[[], Any]) -> None:
        world.calls += 1
        self.world = world
        self.server = server
        self.label = label
        self.what = what
        self.effect = effect
        self.future: asyncio.Future[Any] = world.loop.create_future()
        self.fate = world.faults.fate(label)
        self.sent = world.loop.now
        self.starts = server.starts

    def send(self) -> None:
        faults = self.world.faults
        if self.fate in ("before", "late"):
            self._fail(faults.delay())
        if self.fate != "before":
            self.world.later(faults.long() if self.fate == "late" else faults.delay(), self._arrive)

    def _arrive(self) -> None:
        world = self.world
        if not self.server.up:
            self._fail(world.rng.uniform(0.01, 0.3))
            return
        error, result = None, None
        try:
            result = self.effect()
        except Locked:
            if world.loop.now - self.sent < SOCKET_TIMEOUT:
                world.later(BLOCKED_PAUSE, self._arrive)
                return
            self._fail(0)
            return
        except (errors.PyMongoError, KafkaError) as refused:
            error = refused
        if world.trace is not None:
            said = f"refused {getattr(error, 'code', '')} {error}"[:90] if error else ""
            world.note(self.label, f"{self.what} {self.fate} {said}")
        if self.fate == "after":
            self._fail(world.faults.delay())
        elif self.fate == "":
            world.later(world.faults.delay(), self._answer, error, result)

    def _answer(self, error: Exception | None, result: Any) -> None:
        if self.starts != self.server.starts:
            self._fail(0)
        elif not self.future.done():
            if error is None:
                self.future.set_result(result)
            else:
                self.future.set_exception(error)

    def _fail(self, after: float) -> None:
        self.world.later(after, self._broken)

    def _broken(self) -> None:
        if not self.future.done():
            self.world.note(self.label, f"{self.what}: connection lost ({self.fate or 'server down'})")
            self.future.set_exception(self.server.lost())


def quietly(task: "asyncio.Task[Any]") -> None:
    """An outcome nobody asks for."""
    with suppress(asyncio.CancelledError):
        task.exception()
