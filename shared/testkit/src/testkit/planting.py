"""Damage that a test plants in a database is gone after it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol


class Database(Protocol):
    """As `chassis.mongo` has it."""

    def __getitem__(self, name: str) -> Any: ...


@asynccontextmanager
async def kept(database: Database, *names: str) -> AsyncIterator[None]:
    """These collections are after the block what they were before it; nobody else may write to them meanwhile."""
    before = {name: await database[name].find({}) for name in names}
    try:
        yield
    finally:
        for name, documents in before.items():
            await database[name].delete_many({})
            if documents:
                await database[name].insert_many(documents)
