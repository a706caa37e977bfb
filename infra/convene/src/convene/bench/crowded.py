"""Subscribers of a stream, in a process of their own: `python -m convene.bench.crowded PORT NUMBER`.

Prints `reading` when all are connected. When its input is closed it prints one JSON object: bytes by all; messages,
bytes and milliseconds from a message's `mtime` to its arrival of a few who read closely.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import time
from typing import Any, cast

import uvloop

from convene.parts.ports import LOOPBACK
from convene.parts.trouble import Unavailable

PATH = "/v2/stream/rsvps"
CLOSELY = 5
AT_ONCE = 50
_BUFFER = memoryview(bytearray(1 << 18))


class Subscriber(asyncio.BufferedProtocol):
    """Counts bytes."""

    def __init__(self) -> None:
        self.bytes = 0
        self.greeted = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        request = f"GET {PATH} HTTP/1.1\r\nhost: {LOOPBACK}\r\naccept: text/event-stream\r\n\r\n"
        cast(asyncio.Transport, transport).write(request.encode())  # uvloop's is none by its class

    def get_buffer(self, sizehint: int) -> memoryview:
        return _BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        if not self.greeted.done():
            self.greeted.set_result(None)
            return
        self.bytes += nbytes
        self.read(nbytes)

    def read(self, nbytes: int) -> None:
        """What else is to be done with them."""


class Reader(Subscriber):
    """Reads each message."""

    def __init__(self) -> None:
        super().__init__()
        self.delays: list[float] = []
        self._rest = b""

    def read(self, nbytes: int) -> None:
        now = time() * 1000
        *lines, self._rest = (self._rest + bytes(_BUFFER[:nbytes])).split(b"\n")
        for line in lines:
            if line.startswith(b"data: "):
                _, _, mtime = line.partition(b'"mtime":')
                self.delays.append(now - int(mtime[: mtime.index(b",")]))


@asynccontextmanager
async def subscribed(port: int, number: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """So many, connected. Raises Unavailable when they are not let in."""
    command = [sys.executable, "-m", "convene.bench.crowded", str(port), str(number)]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 26
    )
    try:
        said = b"" if process.stdout is None else await process.stdout.readline()
        if said.strip() != b"reading":
            raise Unavailable("The stream did not let all subscribers in.")
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def told(process: asyncio.subprocess.Process) -> dict[str, Any]:
    """What they have counted; they leave."""
    out, _ = await process.communicate(b"")
    found: dict[str, Any] = json.loads(out)
    return found


async def _subscribe(port: int, number: int) -> None:
    loop = asyncio.get_running_loop()
    everybody: list[Subscriber] = []
    for start in range(0, number, AT_ONCE):
        some = [
            loop.create_connection(Reader if n < CLOSELY else Subscriber, LOOPBACK, port)
            for n in range(start, min(start + AT_ONCE, number))
        ]
        new = [protocol for _, protocol in await asyncio.gather(*some)]
        await asyncio.gather(*(one.greeted for one in new))
        everybody += new
    print("reading", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    close = [one for one in everybody if isinstance(one, Reader)]
    print(
        json.dumps(
            {
                "bytes": sum(one.bytes for one in everybody),
                "close_bytes": sum(one.bytes for one in close),
                "close_messages": sum(len(one.delays) for one in close),
                "delays": sorted(delay for one in close for delay in one.delays),
            }
        )
    )


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_subscribe(int(sys.argv[1]), int(sys.argv[2])))
