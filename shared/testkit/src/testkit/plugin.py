"""Fixtures for pytest. Servers start when the first test asks, serve the whole session, and are gone after it."""

import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from testkit import servers
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
