"""A bank on a database of the test's own, and writers that do not outlive their test."""

from collections.abc import AsyncIterator, Awaitable, Callable

import bank
import pytest

from chassis.journal import Journal, prepare
from chassis.mongo import Database, connect


@pytest.fixture
async def database(mongo_url: str) -> AsyncIterator[Database]:
    found = connect(mongo_url)
    await prepare(found)
    await bank.prepare(found)
    yield found
    found.close()


Start = Callable[..., Awaitable[Journal]]


@pytest.fixture
async def start_journal(database: Database) -> AsyncIterator[Start]:
    """Start another replica; its deciders and its lease may be given."""
    running: list[Journal] = []

    async def start(deciders: object = None, *, lease_seconds: float = 1.0, on: Database | None = None) -> Journal:
        journal = Journal(on or database, deciders or bank.DECIDERS, lease_seconds=lease_seconds)  # type: ignore[arg-type]  # a test's own table
        await journal.start()
        running.append(journal)
        return journal

    yield start
    for journal in running:
        await journal.stop()


@pytest.fixture
async def journal(start_journal: Start) -> Journal:
    return await start_journal()
