"""A lean HTTP/1.1 client for one host: keep-alive, one request at a time per connection, nothing but what load needs.

A general client costs ten times as much per request, and would be what is measured.
"""

import asyncio
from typing import NamedTuple, cast
from urllib.parse import urlsplit

Cut = (OSError, ValueError)
"""What a request may end with when the server goes away: it is not known whether it was carried out."""


class Answer(NamedTuple):
    status: int
    body: bytes
    retry_after: float | None


class Connection:
    """Connects when first used, and again after it was cut."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._url = url
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._loop = asyncio.get_running_loop()
        self._link: _Link | None = None

    async def send(self, request: bytes, within: float) -> Answer:
        """One request as bytes on the wire. Raises TimeoutError or one of Cut."""
        link = self._link
        if link is None or link.closed:
            async with asyncio.timeout(within):
                _, link = await self._loop.create_connection(_Link, self._host, self._port)
            self._link = link
        answer = link.ask(request)
        clock = self._loop.call_later(within, link.end, TimeoutError())
        try:
            return await answer
        finally:
            clock.cancel()
            if not answer.done() or answer.cancelled():
                link.close()

    def another(self) -> "Connection":
        """One more to the same host."""
        return Connection(self._url)

    def close(self) -> None:
        if self._link is not None:
            self._link.close()


class _Link(asyncio.Protocol):
    """One connection, until it is cut: an answer that comes after that is for nobody."""

    def __init__(self) -> None:
        self.closed = False
        self._answer: asyncio.Future[Answer] | None = None
        self._heard = b""

    def ask(self, request: bytes) -> asyncio.Future[Answer]:
        answer = self._answer = self._loop.create_future()
        self._transport.write(request)
        return answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._loop = asyncio.get_running_loop()

    def data_received(self, data: bytes) -> None:
        heard = self._heard = self._heard + data if self._heard else data
        end = heard.find(b"\r\n\r\n")
        if end < 0:
            return
        head = heard[: end + 2].lower()
        try:
            length = int(_header(head, b"content-length") or 0)
            if len(heard) < end + 4 + length:
                return
            status = int(head[9:12])
            after = _header(head, b"retry-after") if status >= 400 else None
            answer = Answer(status, heard[end + 4 :], float(after) if after and after.isdigit() else None)
        except ValueError as error:
            self.end(error)
            return
        self._heard = b""
        if _header(head, b"connection") == b"close":
            self.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        self.end(exc or ConnectionResetError())

    def end(self, error: Exception) -> None:
        self.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self._transport.abort()


def _header(head: bytes, name: bytes) -> bytes | None:
    start = head.find(b"\r\n" + name + b":")
    if start < 0:
        return None
    start += len(name) + 3
    return head[start : head.index(b"\r\n", start)].strip()


def get(path: str, token: str) -> bytes:
    """A GET as it goes on the wire."""
    return f"GET {path} HTTP/1.1\r\nhost: convene\r\nauthorization: Bearer {token}\r\n\r\n".encode()


def change(method: str, path: str, token: str, key: str, body: bytes, *, version: int | None = None) -> bytes:
    """A PUT, POST or PATCH of JSON as it goes on the wire. version: of what is edited, for If-Match."""
    head = f"{method} {path} HTTP/1.1\r\nhost: convene\r\nauthorization: Bearer {token}\r\nidempotency-key: {key}\r\n"
    if version is not None:
        head += f'if-match: "{version}"\r\n'
    return f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
