"""The clock of the service: what is due in a group is asked for, whether or not anybody looks at the group."""

import asyncio

import structlog

from chassis.mongo import errors
from groups_service.store.due import DueGroups

EVERY_SECONDS = 5.0

_log = structlog.get_logger(__name__)


class DueWorker:
    """A part of a process; any number may run."""

    def __init__(self, groups: DueGroups) -> None:
        self._groups = groups
        self._oldest = 0.0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="due groups")

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        return [] if self._task is None else [self._task]

    async def stop(self) -> None:
        """Nothing is in hand that another look would not find again."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def progress(self) -> dict[str, float]:
        """For how long what the last look found first had been due."""
        return {"oldest_seconds": self._oldest}

    async def _run(self) -> None:
        while True:
            try:
                self._oldest = await self._groups.hand_over()
            except errors.PyMongoError as error:
                _log.warning("groups that are due are looked for later", error=type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)
