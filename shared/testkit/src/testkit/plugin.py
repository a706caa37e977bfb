"""Fixtures for pytest. Servers start when the first test asks, serve the whole session, and are gone after it."""

import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from chassis.mongo import Database, connect
from testkit import servers
from testkit.commands import Commands
from testkit.platform import Platform, running_platform
from testkit.scratch import scratch_dir
from testkit.servers import KafkaServer, MongoServer
from testkit.topics import delete_topics


@pytest.fixture(scope="session")
def testkit_dir() -> Iterator[Path]:
    """A folder for this session's servers, in memory where that has room."""
    with scratch_dir() as path:
        yield path


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def kafka_server(testkit_dir: Path) -> AsyncIterator[KafkaServer]:
    """The session's Kafka. Tests that kill or freeze a broker take ``spare_kafka``."""
    async with servers.kafka_server(testkit_dir / "kafka") as server:
        yield server


@pytest.fixture(scope="session")
def kafka_bootstrap(kafka_server: KafkaServer) -> str:
    """The bootstrap address of the session's Kafka."""
    return kafka_server.bootstrap


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def mongo_server(testkit_dir: Path) -> AsyncIterator[MongoServer]:
    """The session's MongoDB; ``async with mongo_server.database() as url`` makes more databases."""
    async with servers.mongo_server(testkit_dir / "mongod") as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def mongo_url(mongo_server: MongoServer) -> AsyncIterator[str]:
    """The URL of an empty database of the test's own, and of a user who may read and write only there."""
    async with mongo_server.database() as url:
        yield url


@pytest.fixture
def commands() -> Commands:
    """What is sent to ``watched``."""
    return Commands()


@pytest_asyncio.fixture(loop_scope="session")
async def watched(mongo_url: str, commands: Commands) -> AsyncIterator[Database]:
    """The test's own database, whose ``commands`` are counted."""
    found = connect(mongo_url, listeners=[commands])
    yield found
    found.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def module_mongo_url(mongo_server: MongoServer) -> AsyncIterator[str]:
    """As ``mongo_url``, one for all tests of the module."""
    async with mongo_server.database() as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def topic_prefix(kafka_bootstrap: str) -> AsyncIterator[str]:
    """A prefix for the names of the test's topics and consumer groups; topics named so are deleted afterwards."""
    prefix = f"t{secrets.token_hex(4)}."
    yield prefix
    await delete_topics(kafka_bootstrap, prefix)


@pytest_asyncio.fixture(loop_scope="session")
async def spare_kafka() -> AsyncIterator[KafkaServer]:
    """A Kafka for this test alone, to kill, freeze and restart through ``running``. Always embedded."""
    with scratch_dir() as path:
        async with servers.embedded_kafka(path) as server:
            yield server


@pytest_asyncio.fixture(loop_scope="session")
async def spare_mongo() -> AsyncIterator[MongoServer]:
    """A MongoDB for this test alone, to kill, freeze and restart through ``running``. Always embedded."""
    with scratch_dir() as path:
        async with servers.embedded_mongo(path) as server:
            yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def platform(testkit_dir: Path, kafka_bootstrap: str, mongo_server: MongoServer) -> AsyncIterator[Platform]:
    """All services on the session's servers and free ports. Tests that kill something take ``spare_platform``."""
    async with (
        mongo_server.database() as groups,
        mongo_server.database() as events,
        mongo_server.database() as notifications,
    ):
        environ = {
            "KAFKA_BOOTSTRAP": kafka_bootstrap,
            "MONGO_URL_GROUPS": groups,
            "MONGO_URL_EVENTS": events,
            "MONGO_URL_NOTIFICATIONS": notifications,
            "TOPIC_PREFIX": f"p{secrets.token_hex(4)}.",
        }
        async with running_platform(testkit_dir / "platform", environ) as running:
            yield running


@pytest_asyncio.fixture(loop_scope="session")
async def spare_platform() -> AsyncIterator[Platform]:
    """All services with a Kafka and a mongod of their own, for this test alone: kill what you like."""
    with scratch_dir() as path:
        async with running_platform(path) as running:
            yield running
