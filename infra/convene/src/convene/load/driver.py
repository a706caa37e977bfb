"""Callers that share what there is to ask: each has a connection of its own, and asks again until it is answered."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from time import perf_counter
from typing import TypeVar

from convene.load.ledger import Try, What
from convene.load.wire import Answer, Connection, Cut

T = TypeVar("T")

ONE_TRY = 12.0
NOT_NOW = frozenset({429, 502, 503, 504})


class Driver:
    """at_once: requests under way at most; patience: seconds of asking again. Its time counts from when play begins."""

    def __init__(self, url: str, *, at_once: int, patience: float) -> None:
        self._url = url
        self._at_once = at_once
        self._patience = patience
        self._began = perf_counter()

    @property
    def now(self) -> float:
        """Seconds since it began."""
        return perf_counter() - self._began

    async def play(self, work: Callable[[Connection, T], Awaitable[None]], items: Iterable[T]) -> None:
        """All of it, in order, as callers get free."""
        waiting = iter(items)
        self._began = perf_counter()

        async def caller() -> None:
            connection = Connection(self._url)
            for item in waiting:
                await work(connection, item)
            connection.close()

        async with asyncio.TaskGroup() as callers:
            for _ in range(self._at_once):
                callers.create_task(caller())

    async def until(self, due: float) -> None:
        """Wait for a time, in seconds after it began; one that has passed is not waited for."""
        wait = due - self.now
        if wait > 0:
            await asyncio.sleep(wait)

    async def ask(
        self, connection: Connection, request: bytes, tries: list[Try], what: What = "first"
    ) -> Answer | None:
        """Until it is answered, or patience is over: None, its outcome stays unknown. tries: each is added."""
        pause = 0.05
        until = self.now + self._patience
        while True:
            at = self.now
            try:
                answer = await connection.send(request, ONE_TRY)
            except (TimeoutError, *Cut):
                answer = None
            now = self.now
            tries.append(Try(at, now - at, 0 if answer is None else answer.status, what))
            if answer is not None and answer.status not in NOT_NOW:
                return answer
            if now > until:
                return None
            wanted = pause if answer is None or answer.retry_after is None else answer.retry_after
            await asyncio.sleep(min(wanted, 1.0))
            pause = min(pause * 2, 1.0)
