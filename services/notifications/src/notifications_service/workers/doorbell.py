"""Hearing that there is work, whichever process wrote it: a change stream rings, a sweep makes up for missed rings."""

import asyncio

from chassis.doorbell import hear
from chassis.mongo import Database, Document


class Doorbell:
    """Rung by inserts into a collection that match `where` (fields of the new document)."""

    def __init__(self, database: Database, collection: str, where: Document | None = None) -> None:
        self._collection = database[collection]
        self._where = where
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, at_most: float) -> None:
        """Until it rings, or for that many seconds."""
        try:
            async with asyncio.timeout(at_most):
                await self._rung.wait()
        except TimeoutError:
            return
        finally:
            self._rung.clear()

    async def listen(self) -> None:
        """Hear the rings of all processes, for ever."""
        await hear(self._collection, self.ring, self._where)
