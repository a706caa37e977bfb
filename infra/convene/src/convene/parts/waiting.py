"""Waiting for a condition."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

POLL = 0.05
"""Seconds between two looks."""


async def until(condition: Callable[[], Awaitable[bool]], within: float) -> bool:
    """Look until the condition holds (True), or until ``within`` seconds are over (False); at least once."""
    deadline = monotonic() + within
    while True:
        if await condition():
            return True
        if monotonic() > deadline:
            return False
        await asyncio.sleep(POLL)
