"""A wire that breaks: a TCP proxy that resets connections in the middle of whatever is being said."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import chain, repeat

_RESET = struct.pack("ii", 1, 0)


class Cutter:
    """Listens on `port`. The first connections pass only so many bytes from the server on, then they are reset."""

    def __init__(self, to_port: int, cut_after: Iterator[int | None]) -> None:
        self.port = 0
        self.cuts = 0
        self._to_port = to_port
        self._cut_after = cut_after
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            upstream, to_server = await asyncio.open_connection("127.0.0.1", self._to_port)
        except OSError:
            _reset(writer)
            return
        upwards = asyncio.create_task(_all(reader, to_server))
        self._tasks.add(upwards)
        upwards.add_done_callback(self._tasks.discard)
        left = next(self._cut_after)
        try:
            while piece := await upstream.read(65_536):
                if left is not None and left <= len(piece):
                    writer.write(piece[:left])
                    await writer.drain()
                    self.cuts += 1
                    break
                left = None if left is None else left - len(piece)
                writer.write(piece)
                await writer.drain()
        except (ConnectionError, OSError):
            pass
        upwards.cancel()
        _reset(to_server)
        _reset(writer)


async def _all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(65_536):
            writer.write(piece)
            await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


@asynccontextmanager
async def cutter(to_port: int, *cut_after: int) -> AsyncIterator[Cutter]:
    """cut_after: bytes that the first, second, ... connection passes; later ones are left alone."""
    found = Cutter(to_port, chain(cut_after, repeat(None)))
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
