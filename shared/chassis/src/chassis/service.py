"""What one service is, beside what every service is; and what is done with it once, by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from chassis import consumers, journal, privacy, reconcile, topics
from chassis.consumers import Consumers, Subscription
from chassis.journal import Deciders
from chassis.journal.numbers import Numbers
from chassis.mongo import Database, connect
from chassis.reconcile import Books, Check, Report
from chassis.relay.restored import Renewed, new_generation
from chassis.settings import ServiceSettings
from contracts.registry import topics as registry


class Schema(Protocol):
    """The service's collections and indexes; a module will do."""

    async def prepare(self, database: Database) -> None:
        """Make what is missing; safe to run again."""

    async def verify(self, database: Database) -> None:
        """Raise when something that `prepare` makes is missing."""


@dataclass(frozen=True)
class Service:
    """decisions: every command it decides. subscriptions: what it takes in from others' topics. checks: what its own
    documents must satisfy. numbers: what it gives out by counting.
    """

    settings: ServiceSettings
    decisions: Deciders
    subscriptions: Sequence[Subscription]
    schema: Schema
    checks: Sequence[Check]
    numbers: Sequence[Numbers] = ()

    @property
    def name(self) -> str:
        return self.settings.service

    @property
    def consumed(self) -> list[str]:
        """Registry names of the topics it reads."""
        return [subscription.topic for subscription in self.subscriptions]

    def consumers(self, database: Database) -> Consumers:
        """Its consumer group."""
        return Consumers(self.name, database, self.settings.kafka(), self.subscriptions)

    def books(self, database: Database) -> Books:
        """What it has to prove: the journal, the topics, and its own documents."""
        return Books(
            database,
            self.settings.kafka(),
            self.name,
            self.decisions,
            consumed=self.consumed,
            group=self.consumers(database).group,
            checks=self.checks,
            secret=self.settings.journal_secret(),
        )

    async def setup(self) -> None:
        """Make the collections, indexes and topics that are missing; safe to run again."""
        database = connect(self.settings.mongo_url.get_secret_value())
        try:
            await journal.prepare(database)
            await consumers.prepare(database)
            await reconcile.prepare(database)
            await privacy.prepare(database)
            await self.schema.prepare(database)
            await topics.apply(self.settings.kafka(), registry())
        finally:
            database.close()

    async def reconciled(self) -> Report:
        """Whether the books agree, by one whole pass."""
        database = connect(self.settings.mongo_url.get_secret_value())
        try:
            return await reconcile.reconcile(self.books(database))
        finally:
            database.close()

    async def renewed(self) -> Renewed:
        """A new generation of lanes after the database was restored. Raises NotAhead."""
        database = connect(self.settings.mongo_url.get_secret_value())
        kafka, secret = self.settings.kafka(), self.settings.journal_secret()

        async def skip(database: Database, many: int) -> None:
            for numbers in self.numbers:
                await numbers.skip(database, many)

        try:
            return await new_generation(database, kafka, self.name, registry(), skip=skip, secret=secret)
        finally:
            database.close()
