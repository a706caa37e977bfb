"""Much to do, a bounded part of it at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
AT_ONCE = 48


async def each(work: Callable[[T], Awaitable[None]], items: Iterable[T], *, at_once: int = AT_ONCE) -> None:
    """All of them; the first failure ends the rest and is raised in an ExceptionGroup."""
    waiting = iter(items)

    async def take() -> None:
        for item in waiting:
            await work(item)

    async with asyncio.TaskGroup() as hands:
        for _ in range(at_once):
            hands.create_task(take())
