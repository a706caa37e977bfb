"""The connection under an answer that has no end.

ASGI's `send` neither tells how much a slow client has left unread nor lets a last word be put behind it, and it frames
every call as a chunk. So the answer's head and end go through ASGI, and what lies between is written here, in frames
that were made once for all who get them.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from events_service.stream.framing import unchunked


class Wire:
    """One client's connection. `lost` once it is gone; nothing written after that arrives."""

    __slots__ = ("_chunked", "_flow", "_on_lost", "_transport", "lost")

    def __init__(self, transport: asyncio.Transport, flow: FlowControl) -> None:
        self._transport = transport
        self._flow = flow
        self._on_lost: Callable[[], None] | None = None
        self._chunked = True
        self.lost = False

    @property
    def full(self) -> bool:
        """Whether the client reads more slowly than it is written to; write no more until it is not."""
        return self._flow.write_paused and not self.lost

    def plainly(self, cycle: RequestResponseCycle) -> None:
        """Write what chunks carry without them, for HTTP/1.0: the answer ends with the connection. Before its head."""
        self._chunked = False
        # uvicorn would name the chunks in the head, and end with one, whatever the client's version
        cycle.chunked_encoding = False

    def write(self, chunks: bytes) -> None:
        """Bytes in chunked coding. Never blocks; look at `full` before."""
        if not self.lost and not self._transport.is_closing():
            self._transport.write(chunks if self._chunked else unchunked(chunks))

    async def drained(self, within: float) -> None:
        """Until the client has read most of what was written, is gone, or so many seconds have passed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._flow.drain()

    def unread(self) -> int:
        """Bytes that wait in this process for the client."""
        return 0 if self.lost else self._transport.get_write_buffer_size()

    def when_lost(self, told: Callable[[], None] | None) -> None:
        """Who is told when the connection goes; one at a time."""
        self._on_lost = told

    def lose(self) -> None:
        self.lost = True
        if self._on_lost is not None:
            self._on_lost()

    def end_with(self, chunks: bytes) -> None:
        """Close behind these last bytes, as soon as the client has read everything."""
        self.write(chunks + b"0\r\n\r\n")
        self._transport.close()

    def abort(self) -> None:
        """Cut the connection; what the client has not read is lost."""
        self._transport.abort()


class StreamProtocol(HttpToolsProtocol):
    """HTTP with the connection in reach of the application, `scope["state"]["wire"]`, and uvicorn's own side of the
    answer, `scope["state"]["cycle"]`."""

    wire: Wire

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        super().connection_made(transport)
        self.wire = Wire(transport, self.flow)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.wire.lose()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        state: dict[str, Any] = self.scope["state"]
        state["wire"] = self.wire

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self.scope["state"]["cycle"] = self.cycle
