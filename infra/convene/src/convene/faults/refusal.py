"""A handler that fails for one id: the database refuses what it writes about it, as a bug in the handler would show.

A validator on the collection does it, so nothing of the service is changed; it is set as root, for services may not.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pymongo import AsyncMongoClient


@asynccontextmanager
async def refusing(root_url: str, database: str, collection: str, field: str, value: str) -> AsyncIterator[None]:
    """Inside the block no document of the collection can be written whose `field` is `value`; reads go on."""
    async with AsyncMongoClient[dict[str, Any]](root_url) as root:
        await root[database].command("collMod", collection, validator={field: {"$ne": value}}, validationLevel="strict")
        try:
            yield
        finally:
            await root[database].command("collMod", collection, validator={}, validationLevel="off")
