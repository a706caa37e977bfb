"""Loopback ports."""

import asyncio
import secrets
import socket
from itertools import cycle, islice

LOOPBACK = "127.0.0.1"
FIRST, LAST = 16_000, 32_000
# Each process goes on from a place of its own: processes that start at the same time seldom meet.
_turn = islice(cycle(range(FIRST, LAST)), secrets.randbelow(LAST - FIRST), None)


def free_port() -> int:
    """A port nobody listens on now, below those that the system gives to clients: one of those is soon taken again.

    A process is given no port twice before all have been; another process may still take it before the caller does.
    """
    return next(port for port in _turn if not is_taken(port))


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
