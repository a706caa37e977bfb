"""Hearing that there is work, whichever process wrote it: a change stream rings, a sweep makes up for missed rings."""

import asyncio
from typing import Any

import structlog

from chassis.mongo import Database, Document, errors

_log = structlog.get_logger(__name__)


class Doorbell:
    """Rung by inserts into a collection that match `where` (fields of the new document)."""

    def __init__(self, database: Database, collection: str, where: Document | None = None) -> None:
        self._collection = database[collection]
        wanted = {f"fullDocument.{field}": value for field, value in (where or {}).items()}
        self._pipeline: list[Any] = [{"$match": {"operationType": "insert", **wanted}}, {"$project": {"_id": 1}}]
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
        while True:
            try:
                async with self._collection.watch(self._pipeline) as stream:
                    async for _ in stream:
                        self._rung.set()
            except errors.PyMongoError as error:
                _log.info("the doorbell is silent, sweeping instead", error=type(error).__name__)
                await asyncio.sleep(1.0)
