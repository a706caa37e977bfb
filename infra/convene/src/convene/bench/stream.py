"""The public stream by one process: what an open connection costs while nothing comes, and deliveries a second."""

import asyncio
import json
import resource
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from itertools import count
from secrets import token_hex
from time import perf_counter, time

import psutil
from aiokafka import AIOKafkaProducer

from chassis import topics
from chassis.kafka import KafkaSettings
from contracts.public import PublicRsvp
from contracts.registry import topics as registry
from convene.bench.crowded import subscribed, told
from convene.bench.ground import Ground
from convene.bench.measuring import Bench, Variant
from convene.operating.access import access
from convene.parts.ports import LOOPBACK, free_port
from convene.parts.running import Running
from convene.parts.trouble import Unavailable
from convene.stack.probe import is_ok

NAME = "stream"
TITLE = "The public stream, one process"
STEP_S = 0.02
LAST_S = 1.0
FEW = 20


@dataclass(frozen=True, slots=True)
class Served:
    """A stream process on a topic of its own; pid, port: its."""

    kafka: KafkaSettings
    running: Running
    port: int


@asynccontextmanager
async def measured(bench: Bench, ground: Ground) -> AsyncIterator[list[Variant]]:
    sizes, figures = bench.sizes, bench.figures
    _allow_files(4 * max(sizes.idle, sizes.subscribers) + 1_000)

    async def idle() -> None:
        async with _served(ground) as served:
            process = psutil.Process(served.running.pid)
            async with subscribed(served.port, FEW):
                before = process.memory_info().rss
                async with subscribed(served.port, sizes.idle):
                    grown = process.memory_info().rss - before
        figures.add(
            NAME, f"memory of an idle connection, of {sizes.idle:,}", grown / sizes.idle / 1e3, "kB", target="< 20"
        )

    async def busy() -> None:
        async with _served(ground) as served, subscribed(served.port, sizes.subscribers) as crowd:
            process = psutil.Process(served.running.pid)
            began, before = perf_counter(), sum(process.cpu_times()[:2])
            sent = await _produce(served.kafka, sizes.offered, sizes.seconds)
            seconds = perf_counter() - began
            await asyncio.sleep(LAST_S)
            spent = sum(process.cpu_times()[:2]) - before
            found = await told(crowd)
        if not found["delays"]:
            raise Unavailable("Nothing was delivered; look at the log of the measured stream.")
        delivered = found["bytes"] / max(1, found["close_bytes"]) * found["close_messages"]
        figures.add(NAME, f"{sizes.subscribers:,} subscribers: messages offered", sent / seconds, "messages/s")
        figures.add(NAME, "deliveries", delivered / seconds, "deliveries/s", target="> 300,000")
        figures.add(
            NAME, "share delivered within a second of the last", delivered / sent / sizes.subscribers * 100, "%"
        )
        delays = found["delays"]
        figures.add(NAME, "sent → delivered, p99", delays[int(0.99 * len(delays))], "ms", target="< 110")
        figures.add(NAME, "CPU of the stream", spent / delivered * 1e6, "µs/delivery")

    yield [idle, busy]


def _allow_files(number: int) -> None:
    """For this process and those it starts, as far as the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = number if hard == resource.RLIM_INFINITY else min(number, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


@asynccontextmanager
async def _served(ground: Ground) -> AsyncIterator[Served]:
    """As the platform's own, but nobody else's messages are there and one address may have all connections."""
    prefix, port = f"bench-{token_hex(3)}.", free_port()
    kafka = replace(ground.kafka, prefix=prefix)
    topic = registry()[PublicRsvp.topic]
    await topics.apply(kafka, {topic.name: topic})
    running = Running(
        "the measured stream",
        [sys.executable, "-m", "events_service", "stream"],
        address="",
        ready=lambda: is_ok(LOOPBACK, port, "/health/ready"),
        log=ground.local / "logs" / "bench-stream.log",
        env={
            **access(ground.local, "events-stream").variables,
            "TOPIC_PREFIX": prefix,
            "HTTP_PORT": str(port),
            "STREAM_CONNECTIONS_PER_ADDRESS": "1000000",
        },
    )
    await running.start()
    try:
        yield Served(kafka, running, port)
    finally:
        await running.stop()


async def _produce(kafka: KafkaSettings, rate: int, seconds: float) -> int:
    """Public RSVPs of many events; how many were sent."""
    example = files("contracts").joinpath("examples", PublicRsvp.topic, f"{PublicRsvp.types[0]}.json").read_text()
    value = json.loads(example)["value"]
    producer = AIOKafkaProducer(**kafka.client_options())
    await producer.start()
    try:
        began, numbers = perf_counter(), count(1)
        sent = 0
        while (passed := perf_counter() - began) < seconds:
            for _ in range(int(passed * rate) - sent):
                number = next(numbers)
                message = json.dumps({**value, "rsvp_id": number, "mtime": int(time() * 1000)}, separators=(",", ":"))
                await producer.send(kafka.topic(PublicRsvp.topic), message.encode(), str(number).encode())
                sent += 1
            await asyncio.sleep(STEP_S)
        await producer.flush()
        return sent
    finally:
        await producer.stop()
