"""The whole service in this process, or its stream role alone: real Kafka, real MongoDB, HTTP on a free port."""

import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from pymongo import AsyncMongoClient
from services.events.tests.streaming import Publisher, Role, publisher, role

from chassis.kafka import KafkaSettings
from chassis.mongo import Database, connect
from events_service.store import schema
from testkit import KafkaServer, MongoServer
from testkit.memory import Memory
from testkit.topics import delete_topics

from .deciding import Deciding, InDatabase
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


@pytest_asyncio.fixture(params=["memory", "motor", "pymongo"], loop_scope="session")
async def deciding(request: pytest.FixtureRequest, mongo_server: MongoServer) -> AsyncIterator[Deciding]:
    """The store over memory, over the driver in use and over the one that will follow it."""
    if request.param == "memory":
        yield Deciding(Memory())
        return
    async with mongo_server.database() as url:
        motor = connect(url)
        await schema.prepare(motor)
        await schema.verify(motor)
        if request.param == "motor":
            yield Deciding(InDatabase(motor, transactions=True))
        else:
            client: Any = AsyncMongoClient(url, tz_aware=True)
            # PyMongo's own asyncio client begins transactions in another way than chassis.mongo's sessions do
            yield Deciding(InDatabase(Database(client, client.get_default_database()), transactions=False))
            await client.close()
        motor.close()
