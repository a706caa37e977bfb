"""The service's decisions over a database of their own, in as many lanes as wanted; no HTTP, no Kafka."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from chassis import journal
from chassis.journal import Command, Journal
from chassis.journal.port import Ask
from chassis.mongo import Database, connect
from groups_service.decisions import decisions
from groups_service.domain.group import Details
from groups_service.store import schema
from testkit import MongoServer, eventually

DETAILS = Details("", "Rust São Paulo", "São Paulo", "BR", -23.55, -46.63, "America/Sao_Paulo")


def wish(actor: str, number: int) -> Ask:
    """The actor's n-th."""

    def ask(*, name: str, aggregate: str, body: dict[str, Any]) -> Command:
        return Command(id=f"wish-{actor}-{number}", name=name, aggregate=aggregate, body=body, actor=actor)

    return ask


@asynccontextmanager
async def deciding(mongo_server: MongoServer, lanes: int = 1) -> AsyncIterator[tuple[Journal, Database]]:
    """A journal that writes every lane, and its database."""
    async with mongo_server.database() as url:
        database = connect(url)
        await journal.prepare(database, lanes=lanes)
        await schema.prepare(database)
        found = Journal(database, decisions())
        await found.start()
        try:
            await eventually(lambda: found.writes)
            yield found, database
        finally:
            await found.stop()
            database.close()
