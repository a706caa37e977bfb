"""Asking a local HTTP server, without the weight of a client library."""

import asyncio
import json
from typing import Any

LARGEST = 1_000_000


async def get(host: str, port: int, path: str, within: float = 2.0) -> tuple[int, bytes]:
    """Status and body of a plain GET. Raises OSError when there is no answer."""
    try:
        async with asyncio.timeout(within):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(f"GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\nAccept: application/json\r\n\r\n".encode())
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.read(LARGEST)
            finally:
                writer.close()
        return int(head.split(b" ", 2)[1]), body
    except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, IndexError) as error:
        raise OSError(f"no answer from {host}:{port}") from error


async def is_ok(host: str, port: int, path: str) -> bool:
    """Whether it answers 200."""
    try:
        status, _ = await get(host, port, path)
    except OSError:
        return False
    return status == 200


async def get_json(host: str, port: int, path: str) -> Any:
    """The JSON of an answer of whatever status, None when there is none."""
    try:
        _, body = await get(host, port, path)
        return json.loads(body)
    except (OSError, ValueError):
        return None
