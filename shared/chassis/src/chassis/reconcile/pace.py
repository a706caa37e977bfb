"""Reading much without taking much: after each small step a rest, in proportion to what the step took."""

from asyncio import sleep
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from chassis import clock

LONGEST = 5.0
"""Seconds of one rest: a server that was slow once does not stop a pass."""


@dataclass(frozen=True, slots=True)
class Pace:
    """share: of the time that may go into steps; 1 = no rests."""

    share: float = 1.0

    @asynccontextmanager
    async def step(self) -> AsyncIterator[None]:
        """The block is one step; the rest comes after it, so whatever it opened is closed by then."""
        began = clock.monotonic()
        yield
        took = clock.monotonic() - began
        await sleep(min(took * (1 / self.share - 1), LONGEST))
