"""The whole service in this process: real Kafka, real MongoDB, HTTP on a free port, tokens of an issuer of our own."""

import secrets
from collections.abc import AsyncIterator

import pytest_asyncio

from testkit import KafkaServer, MongoServer
from testkit.topics import delete_topics

from .running import Service, running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def service(mongo_server: MongoServer, kafka_server: KafkaServer) -> AsyncIterator[Service]:
    prefix = f"e{secrets.token_hex(4)}."
    async with mongo_server.database() as url, running(url, kafka_server.bootstrap, prefix) as found:
        yield found
    await delete_topics(kafka_server.bootstrap, prefix)
