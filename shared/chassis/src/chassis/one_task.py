"""The plainest part of a process: one task."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable

AGAIN_SECONDS = 1.0


async def end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel them until they are done: clients' libraries may take a cancellation for a time-out of their own."""
    left = given = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=AGAIN_SECONDS)
    await asyncio.gather(*given, return_exceptions=True)


class OneTask(ABC):
    """Runs from the start of the process until it stops, and ends at once then."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._task: asyncio.Task[None] | None = None

    @abstractmethod
    async def _run(self) -> None:
        """Until cancelled, at any moment: what is left half done, another look must find again."""

    async def start(self) -> None:
        """Begin; servers may be away."""
        self._task = asyncio.create_task(self._run(), name=self._name)

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """What the process cannot live without."""
        return [] if self._task is None else [self._task]

    async def stop(self) -> None:
        """Nothing is finished or handed over."""
        await end(self.tasks)
