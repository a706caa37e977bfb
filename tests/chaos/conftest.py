"""The running platform as people outside use it, and platforms on servers of a test's own."""

from collections.abc import AsyncIterator

import pytest

from convene.acting.platform import Platform as Outside
from convene.acting.platform import client, reach
from testkit import KafkaServer, MongoServer, Platform
from testkit.scratch import scratch_dir

from .standing import Standing, standing


@pytest.fixture
async def outside(platform: Platform) -> AsyncIterator[Outside]:
    """Addresses and tokens of the session's platform."""
    async with client() as http:
        yield reach(platform.local, http, platform.environ)


@pytest.fixture
async def servers(spare_kafka: KafkaServer, spare_mongo: MongoServer) -> AsyncIterator[Standing]:
    """A Kafka and a mongod that are there before the platform and after it."""
    with scratch_dir() as folder:
        async with standing(spare_kafka, spare_mongo, folder) as found:
            yield found
