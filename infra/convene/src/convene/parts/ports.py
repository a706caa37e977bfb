"""Loopback ports."""

import asyncio
import secrets
import socket

LOOPBACK = "127.0.0.1"
FIRST, LAST = 16_000, 32_000


def free_port() -> int:
    """A port nobody listens on now, below those that the system gives to clients: one of those is soon taken again.

    Another process may still take it before the caller does.
    """
    while True:
        port = FIRST + secrets.randbelow(LAST - FIRST)
        if not is_taken(port):
            return port


def is_taken(port: int) -> bool:
    """Whether a server could not listen on this loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
        return False


async def accepts(host: str, port: int) -> bool:
    """Whether somebody accepts a TCP connection there, within a second."""
    try:
        async with asyncio.timeout(1.0):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
