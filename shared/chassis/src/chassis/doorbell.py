"""Hearing that there is work, whichever process wrote it. Who hears also sweeps: a missed ring costs time, no more."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from chassis.mongo import Collection, Document, errors

log = structlog.get_logger(__name__)


async def hear(collection: Collection, ring: Callable[[], None], where: Mapping[str, Any] | None = None) -> None:
    """Ring at every insert into the collection, for ever. where: fields that the new document must have."""
    wanted = {f"fullDocument.{field}": value for field, value in (where or {}).items()}
    pipeline: list[Document] = [{"$match": {"operationType": "insert", **wanted}}, {"$project": {"_id": 1}}]
    while True:
        try:
            async with collection.watch(pipeline) as stream:
                async for _ in stream:
                    ring()
        except errors.PyMongoError as error:
            log.info("the doorbell is silent, sweeping instead", error=type(error).__name__)
            await asyncio.sleep(1.0)
