"""A lean HTTP/1.1 client for one host: keep-alive, one request at a time per connection, nothing but what load needs.

A general client costs ten times as much per request, and would be what is measured.
"""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

Cut = (OSError, asyncio.IncompleteReadError, ValueError)
"""What a request may end with when the server goes away: it is not known whether it was carried out."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    retry_after: float | None = None


class Connection:
    """Connects when first used, and again after it was cut."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, request: bytes, within: float) -> Answer:
        """One request as bytes on the wire. Raises TimeoutError or one of Cut."""
        try:
            async with asyncio.timeout(within):
                if self._streams is None:
                    self._streams = await asyncio.open_connection(self._host, self._port)
                reader, writer = self._streams
                writer.write(request)
                return await self._read(reader)
        except BaseException:
            self.close()
            raise

    async def _read(self, reader: asyncio.StreamReader) -> Answer:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        status = int(head[9:12])
        length = _header(head, b"content-length")
        body = await reader.readexactly(int(length)) if length else b""
        after = _header(head, b"retry-after")
        if _header(head, b"connection") == b"close":
            self.close()
        return Answer(status, body, float(after) if after and after.isdigit() else None)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def _header(head: bytes, name: bytes) -> bytes | None:
    start = head.find(b"\r\n" + name + b":")
    if start < 0:
        return None
    start += len(name) + 3
    return head[start : head.index(b"\r\n", start)].strip()


def put(path: str, token: str, key: str, body: bytes) -> bytes:
    """A PUT of JSON as it goes on the wire."""
    head = (
        f"PUT {path} HTTP/1.1\r\nhost: convene\r\nauthorization: Bearer {token}\r\nidempotency-key: {key}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
