"""A process from start to end, as its supervisor sees it: real processes, real signals, real sockets."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from convene.parts.ports import free_port
from testkit import eventually

PROGRAM = Path(__file__).parent.parent / "living.py"


class Living:
    """A started process: `lines` are its log, `http` talks to it."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process = process
        self.lines: list[dict[str, Any]] = []
        self.http = httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10)
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def said(self, event: str) -> bool:
        return any(line["event"] == event for line in self.lines)

    async def ready(self) -> None:
        await eventually(lambda: self.said("ready"))

    async def ended(self) -> int:
        async with asyncio.timeout(60):
            code = await self.process.wait()
            await self._reading
        return code

    async def end(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.ended()
        await self.http.aclose()


@asynccontextmanager
async def living(mode: str = "", *, port: int = 0, **environment: str) -> AsyncIterator[Living]:
    port = port or free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(PROGRAM),
        mode,
        str(port),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
    )
    found = Living(process, port)
    try:
        yield found
    finally:
        await found.end()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
async def test_told_to_stop_it_finishes_what_it_began_and_stops_in_reverse(sign: signal.Signals) -> None:
    async with living() as process:
        await process.ready()
        assert (await process.http.get("/health/ready")).status_code == 200
        slow = asyncio.create_task(process.http.get("/slow"))
        await eventually(lambda: process.said("slow request came"))
        process.process.send_signal(sign)
        answer = await slow
        assert (answer.status_code, answer.text) == (200, "done")
        assert await process.ended() == 0
        order = [line["part"] for line in process.lines if line["event"] in {"started", "stopped part"}]
        assert order == ["first", "second", "second", "first"]
        assert process.lines[-1]["event"] == "stopped"
        assert process.lines[-1]["clean"] is True


async def test_a_stream_may_end_itself_when_the_process_stops() -> None:
    async with living() as process:
        await process.ready()
        async with process.http.stream("GET", "/stream") as answer:
            lines = answer.aiter_lines()
            assert await anext(lines) == "first"
            process.process.terminate()
            assert await anext(lines) == "last"
        assert await process.ended() == 0


async def test_it_lives_but_is_not_ready_while_parts_start() -> None:
    async with living("slow-start") as process:
        await eventually(lambda: process.said("started"))
        assert (await process.http.get("/health/live")).status_code == 200
        assert (await process.http.get("/health/ready")).json()["checks"] == {"process": "starting"}
        process.process.terminate()
        assert await process.ended() == 0
        assert not process.said("ready")


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        ("dies", "the work went wrong"),
        ("ends", "Worker: task second ended"),
        ("cannot-start", "no database"),
    ],
)
async def test_a_part_that_breaks_ends_the_process_with_a_log_line(mode: str, says: str) -> None:
    async with living(mode) as process:
        assert await process.ended() == 1
        told = [line for line in process.lines if line["event"] == "the process cannot go on"]
        assert says in told[0]["exception"]
        stopped = [line["part"] for line in process.lines if line["event"] == "stopped part"]
        assert stopped == ["second", "first"]


async def test_a_part_that_does_not_stop_is_left_behind_in_time() -> None:
    async with living("never-stops") as process:
        await process.ready()
        process.process.terminate()
        assert await process.ended() == 1
        assert process.said("did not stop in time")
        assert [line["part"] for line in process.lines if line["event"] == "stopped part"] == ["first"]


async def test_told_twice_it_ends_at_once() -> None:
    async with living("never-stops") as process:
        await process.ready()
        process.process.terminate()
        await eventually(lambda: process.said("told to stop"))
        process.process.terminate()
        assert await process.ended() == 128 + signal.SIGTERM


async def test_a_taken_port_is_said_plainly() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with living(port=port) as process:
            assert await process.ended() == 1
            assert f"cannot listen on 127.0.0.1 port {port}" in process.lines[0]["exception"]


async def test_an_armed_process_dies_where_it_is_told_and_nowhere_else() -> None:
    async with living(CONVENE_CRASH_AT="answering:2") as process:
        await process.ready()
        assert (await process.http.get("/slow")).text == "done"
        with pytest.raises(httpx2.RemoteProtocolError):
            await process.http.get("/slow")
        assert await process.ended() == 137
        assert not process.said("stopped")
