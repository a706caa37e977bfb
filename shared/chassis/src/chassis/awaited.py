"""A database that is away when the process starts is waited for: whoever supervises it has nothing to mend here."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from chassis.mongo import Database, errors

PAUSE_SECONDS = 0.5

_log = structlog.get_logger(__name__)

Verify = Callable[[Database], Awaitable[None]]


class Awaited:
    """A part, started before those that use the database; until it has started the process lives and is not ready.

    verify: whether the database has what the service's `setup` makes; what it raises ends the process, but for a
        database that cannot be reached or has no primary.
    """

    def __init__(self, database: Database, verify: Verify) -> None:
        self._database = database
        self._verify = verify

    async def start(self) -> None:
        """Wait as long as it takes."""
        waits = False
        while True:
            try:
                await self._verify(self._database)
            except errors.ConnectionFailure as error:
                if not waits:
                    _log.warning("waiting for the database", error=f"{type(error).__name__}: {error}"[:300])
                waits = True
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                if waits:
                    _log.info("the database is there")
                return

    async def stop(self) -> None:
        """Nothing is held."""
