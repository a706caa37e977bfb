"""The whole service in this process, or its stream role alone: real Kafka, real MongoDB, HTTP on a free port."""

import secrets
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from services.events.tests.streaming import Publisher, Role, publisher, role

from chassis.kafka import KafkaSettings
from testkit import KafkaServer, MongoServer
from testkit.topics import delete_topics

from .running import Service, running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def service(mongo_server: MongoServer, kafka_server: KafkaServer) -> AsyncIterator[Service]:
    prefix = f"e{secrets.token_hex(4)}."
    async with mongo_server.database() as url, running(url, kafka_server.bootstrap, prefix) as found:
        yield found
    await delete_topics(kafka_server.bootstrap, prefix)


@pytest.fixture
def kafka(kafka_bootstrap: str, topic_prefix: str) -> KafkaSettings:
    return KafkaSettings(kafka_bootstrap, prefix=topic_prefix)


@pytest.fixture
async def publish(kafka: KafkaSettings) -> AsyncIterator[Publisher]:
    """Tells the stream's topic of RSVPs."""
    async with publisher(kafka) as found:
        yield found


@pytest.fixture
async def stream(kafka: KafkaSettings, publish: Publisher) -> AsyncIterator[Role]:
    """The stream role, which has caught up."""
    async with role(kafka) as found:
        yield found
