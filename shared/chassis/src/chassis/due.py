"""The clock of the service: what is due is asked for, whether or not anybody looks at it."""

import asyncio
from typing import Protocol

import structlog

from chassis.mongo import errors
from chassis.one_task import OneTask

EVERY_SECONDS = 5.0

_log = structlog.get_logger(__name__)


class Due(Protocol):
    """What happens by itself at a time."""

    async def hand_over(self) -> float:
        """Ask for what is due; for how many seconds it had been. Raises the driver's errors."""


class DueWorker(OneTask):
    """A part of a process; any number may run."""

    def __init__(self, due: Due, name: str) -> None:
        super().__init__(name)
        self._due = due
        self._oldest = 0.0

    async def progress(self) -> dict[str, float]:
        """For how long what the last look found first had been due."""
        return {"oldest_seconds": self._oldest}

    async def _run(self) -> None:
        while True:
            try:
                self._oldest = await self._due.hand_over()
            except errors.PyMongoError as error:
                _log.warning("what is due is looked for later", what=self._name, error=type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)
