"""A bank on a database and topics of the test's own, and writers and relays that do not outlive their test."""

from collections.abc import AsyncIterator, Awaitable, Callable

import bank
import pytest
from published import make_topics

from chassis import topics
from chassis.journal import Journal, prepare
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, connect
from chassis.relay import Relay
from contracts.registry import topics as registry


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


@pytest.fixture
async def kafka(kafka_bootstrap: str, topic_prefix: str) -> KafkaSettings:
    """All topics of the registry."""
    settings = KafkaSettings(bootstrap=kafka_bootstrap, prefix=topic_prefix)
    await topics.apply(settings, registry())
    return settings


@pytest.fixture
async def bare_kafka(kafka_bootstrap: str, topic_prefix: str) -> KafkaSettings:
    """The bank's topics alone, before the registry is applied."""
    settings = KafkaSettings(bootstrap=kafka_bootstrap, prefix=topic_prefix)
    await make_topics(settings)
    return settings


@pytest.fixture
async def start_relay(database: Database, bare_kafka: KafkaSettings) -> AsyncIterator[Callable[[], Awaitable[Relay]]]:
    """Start another process' relay."""
    running: list[Relay] = []

    async def start() -> Relay:
        relay = Relay(database, bare_kafka, "events", lease_seconds=1)
        await relay.start()
        running.append(relay)
        return relay

    yield start
    for relay in running:
        await relay.stop()
