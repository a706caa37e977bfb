"""Members of one group, on topics and a database of the test's own."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from consuming import FACTS, QUICK, SEEN, STATE, Notebook, Publisher, group_name, publisher

from chassis import topics
from chassis.consumers import Consumers
from chassis.consumers.group import Timing, prepare
from chassis.kafka import KafkaSettings
from chassis.mongo import Database
from contracts.registry import topics as registry

Start = Callable[..., Awaitable[Consumers]]


@pytest.fixture
async def kafka(kafka_bootstrap: str, topic_prefix: str) -> KafkaSettings:
    settings = KafkaSettings(kafka_bootstrap, prefix=topic_prefix)
    await topics.apply(settings, {name: registry()[name] for name in (FACTS, STATE)})
    return settings


@pytest.fixture
async def publish(kafka: KafkaSettings) -> AsyncIterator[Publisher]:
    async with publisher(kafka) as found:
        yield found


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def name() -> str:
    """The test's group; several members share it."""
    return group_name()


@pytest.fixture
async def start(database: Database, kafka: KafkaSettings, notebook: Notebook, name: str) -> AsyncIterator[Start]:
    """Start a member of the test's group."""
    await prepare(database)
    await database.ensure_collection(SEEN)
    running: list[Consumers] = []

    async def member(timing: Timing = QUICK, on: Database | None = None) -> Consumers:
        found = Consumers("toy", on or database, kafka, notebook.subscriptions(), name=name, timing=timing)
        await found.start()
        running.append(found)
        return found

    yield member
    for one in running:
        await one.stop()
