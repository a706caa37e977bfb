"""Clients as they are published read the stream, are cut off, and resume with nothing lost or doubled.

The stream role runs alone, as a process, over a real Kafka; what the relay does is done here. Each client is cut off in
the middle of frames, then the role is killed, then it is stopped and started.
"""

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from aiohttp import ClientError, ClientSession
from aiohttp_sse_client.client import EventSource
from services.events.tests.cutting import cutter
from services.events.tests.streaming import Publisher, publisher

from chassis.kafka import KafkaSettings
from convene.parts.ports import LOOPBACK, free_port
from convene.parts.running import Running
from convene.stack.probe import is_ok
from testkit import eventually
from testkit.node import node_program

CUTS = (2_500, 5_000, 15_000)
"""Bytes after which a connection is reset: in the second frame, and somewhere in later ones."""
BATCH = 40


@dataclass
class Heard:
    """What a client was told, in order."""

    numbers: list[int] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def note(self, kind: str | None, data: str) -> None:
        """A frame with data; anything but an RSVP would be trouble here."""
        if kind == "message":
            self.numbers.append(json.loads(data)["rsvp_id"])
        else:
            self.troubles.append(f"{kind}: {data}")

    def check(self, up_to: int) -> None:
        """Every RSVP once, those of an event in their order."""
        assert self.troubles == []
        assert sorted(self.numbers) == list(range(1, up_to + 1))
        for event in range(8):
            mine = [number for number in self.numbers if number % 8 == event]
            assert mine == sorted(mine)


@pytest.fixture(scope="session")
def node_reader() -> list[str]:
    """The command of a reader in Node."""
    return node_program(Path(__file__).parent / "eventsource")


Client = Callable[[str, Heard], Coroutine[Any, Any, None]]


@pytest.fixture
async def publish(kafka_bootstrap: str, topic_prefix: str) -> AsyncIterator[Publisher]:
    async with publisher(KafkaSettings(kafka_bootstrap, prefix=topic_prefix)) as found:
        yield found


@pytest.fixture
async def role(publish: Publisher, tmp_path: Path) -> AsyncIterator[Running]:
    """`python -m events_service stream`, and nothing else of the platform."""
    port = free_port()
    environ = {
        **{name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}},
        "KAFKA_BOOTSTRAP": publish.kafka.bootstrap,
        "TOPIC_PREFIX": publish.kafka.prefix,
        "MONGO_URL": f"mongodb://{LOOPBACK}:1/nothing-is-here",
        "HTTP_PORT": str(port),
    }
    url = f"http://{LOOPBACK}:{port}"

    async def ready() -> bool:
        return await is_ok(LOOPBACK, port, "/health/ready")

    running = Running(
        "stream",
        [sys.executable, "-m", "events_service", "stream"],
        address=url,
        ready=ready,
        log=tmp_path / "stream.log",
        env=environ,
    )
    await running.start()
    try:
        yield running
    finally:
        await running.stop()


def port_of(role: Running) -> int:
    return int(role.address.rpartition(":")[2])


async def through_everything(client: Client, role: Running, publish: Publisher) -> None:
    """Let the client read while its wire is cut, the server is killed, and the server is stopped and started."""
    heard = Heard()
    sent = 0

    async def more(count: int = BATCH) -> None:
        nonlocal sent
        await publish.many(range(sent + 1, sent + count + 1), per_transaction=5)
        sent += count

    async def caught_up() -> None:
        await eventually(lambda: len(heard.numbers) >= sent or heard.troubles, within=90, because=str(heard))
        heard.check(sent)

    async with cutter(port_of(role), *CUTS) as wire:
        reading = asyncio.create_task(client(f"http://{LOOPBACK}:{wire.port}/v2/stream/rsvps", heard))
        try:
            # without a position a client starts now, so it has one before anything happens to it
            await eventually(lambda: one_reads(role))
            await more(1)
            await caught_up()
            await more()
            await caught_up()
            assert wire.cuts == len(CUTS)
            role.kill()
            await eventually(lambda: not role.alive)
            await more()
            await role.start()
            await more()
            await caught_up()
            stopping = asyncio.create_task(role.stop())
            await more()
            await stopping
            await role.start()
            await more()
            await caught_up()
        finally:
            heard.over.set()
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
    heard.check(sent)


async def one_reads(role: Running) -> bool:
    async with ClientSession() as session, session.get(f"{role.address}/health/progress") as response:
        return bool((await response.json())["stream"]["readers"] == 1)


async def test_npm_eventsource(role: Running, publish: Publisher, node_reader: list[str]) -> None:
    async def client(url: str, heard: Heard) -> None:
        process = await asyncio.create_subprocess_exec(
            *node_reader, url, stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=1 << 20
        )
        assert process.stdout is not None
        try:
            async for line in process.stdout:
                told = json.loads(line)
                if "rsvp" in told:
                    heard.numbers.append(told["rsvp"]["rsvp_id"])
                elif "opened" not in told:
                    heard.troubles.append(line.decode())
        finally:
            process.kill()
            await process.wait()

    await through_everything(client, role, publish)


async def test_aiohttp_sse_client(role: Running, publish: Publisher) -> None:
    async def client(url: str, heard: Heard) -> None:
        last = ""
        while True:
            headers = {"Last-Event-ID": last} if last else {}
            try:
                async with EventSource(url, headers=headers) as source:
                    async for event in source:
                        last = event.last_event_id
                        heard.note(event.type, event.data)
            except (ConnectionError, ClientError):
                await asyncio.sleep(0.1)

    await through_everything(client, role, publish)


async def test_requests_iter_lines(role: Running, publish: Publisher) -> None:
    async def client(url: str, heard: Heard) -> None:
        await asyncio.to_thread(read_with_requests, url, heard)

    await through_everything(client, role, publish)


def read_with_requests(url: str, heard: Heard) -> None:
    last = ""
    while not heard.over.is_set():
        headers = {"Last-Event-ID": last} if last else {}
        try:
            with requests.get(url, headers=headers, stream=True, timeout=(5, 20)) as response:
                response.raise_for_status()
                frame: dict[str, str] = {}
                for line in response.iter_lines(decode_unicode=True):
                    if line:
                        name, _, value = line.partition(": ")
                        frame[name] = value
                        continue
                    last = frame.get("id", last)
                    if "data" in frame:
                        heard.note(frame["event"], frame["data"])
                    frame = {}
                    if heard.over.is_set():
                        return
        except requests.RequestException:
            heard.over.wait(0.1)


async def test_a_meetup_client_with_requests_asks_again_since_what_it_saw(role: Running, publish: Publisher) -> None:
    """It has no ids: it asks by `mtime`, is told some messages again, and knows them by number and `mtime`."""

    async def client(url: str, heard: Heard) -> None:
        await asyncio.to_thread(read_like_meetup, url.replace("/v2/stream/rsvps", "/2/rsvps"), heard)

    await through_everything(client, role, publish)


def read_like_meetup(url: str, heard: Heard) -> None:
    seen: set[tuple[int, int]] = set()
    since = 0
    while not heard.over.is_set():
        try:
            parameters = {"since_mtime": str(since)} if since else {}
            with requests.get(url, params=parameters, stream=True, timeout=(5, 20)) as response:
                response.raise_for_status()
                for line in response.iter_lines():
                    rsvp = json.loads(line)
                    since = max(since, rsvp["mtime"])
                    if (rsvp["rsvp_id"], rsvp["mtime"]) not in seen:
                        seen.add((rsvp["rsvp_id"], rsvp["mtime"]))
                        heard.numbers.append(rsvp["rsvp_id"])
                    if heard.over.is_set():
                        return
        except (requests.RequestException, ValueError):
            heard.over.wait(0.1)
