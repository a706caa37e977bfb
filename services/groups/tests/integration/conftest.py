"""The whole service in this process: real Kafka, real MongoDB, HTTP on a free port, tokens of an issuer of our own."""

import base64
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer
from httpx2 import Response
from pymongo import AsyncMongoClient

from chassis import clock
from chassis.mongo import Database, connect
from contracts.message import Message
from groups_service import app
from groups_service.settings import Settings
from groups_service.store import schema
from testkit import KafkaServer, MongoServer
from testkit.calling import Person
from testkit.issuer import issuing
from testkit.memory import Memory
from testkit.running import Serving, serving, settings_for
from testkit.topics import Headers, delete_topics, messages

from .batches import InDatabase, OutsideTransaction, Store

JC_MOMS: dict[str, Any] = {
    "name": "Jersey City Moms",
    "description": "Mothers and coffee",
    "topics": ["Parenting", "Coffee"],
    "city": "Jersey City",
    "country": "us",
    "state": "NJ",
    "lat": 40.7178,
    "lon": -74.0431,
    "timezone": "America/New_York",
    "members_are_called": "Moms",
}
TOLD_AT = clock.utc_now().isoformat()
"""When other services said what they say: on one day, not long ago, before anything that a test does."""


@dataclass(frozen=True)
class Service(Serving[Settings]):
    """The running service: people to call it, its database, its topics."""

    def person(self, name: str | None = "ada") -> Person:
        """Somebody nobody has seen before, unless anonymous."""
        return Person(self.client, None if name is None else f"{name}-{secrets.token_hex(6)}")

    def admin(self) -> Person:
        """One of the platform's admins."""
        return replace(self.person("root"), scopes=["admin"])

    async def tell(self, message: Message, *, source: str, subject: str, sequence: int = 1) -> None:
        """Send a message as another service's relay would."""
        headers = {
            "ce_specversion": "1.0",
            "ce_id": secrets.token_hex(6),
            "ce_source": f"/convene/{source}",
            "ce_type": message.types[0],
            "ce_time": TOLD_AT,
            "ce_subject": subject,
            "ce_sequence": str(sequence),
            "content-type": "application/json",
        }
        producer = AIOKafkaProducer(bootstrap_servers=self.settings.kafka_bootstrap)
        await producer.start()
        try:
            await producer.send_and_wait(
                self.settings.kafka().topic(message.topic),
                message.model_dump_json().encode(),
                key=subject.encode(),
                headers=[(name, value.encode()) for name, value in headers.items()],
            )
        finally:
            await producer.stop()

    async def messages(self, topic: str, where: Callable[[Headers], bool]) -> list[tuple[Headers, bytes]]:
        """The topic's messages whose headers fit."""
        return [(headers, value or b"") for headers, value in await messages(self.settings.kafka(), topic, where)]


@asynccontextmanager
async def running(url: str, kafka_bootstrap: str, **changes: Any) -> AsyncIterator[Service]:
    """All roles in this process, with topics of their own. changes: to the settings."""
    prefix = f"g{secrets.token_hex(4)}."
    async with issuing() as keys:
        settings = settings_for(
            Settings, mongo_url=url, kafka_bootstrap=kafka_bootstrap, prefix=prefix, keys=keys, **changes
        )
        await app.own(settings).setup()
        async with serving(app, settings, app.ROLES) as found:
            yield Service(found.process, found.client, found.database, settings)
    await delete_topics(kafka_bootstrap, prefix)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def service(mongo_server: MongoServer, kafka_server: KafkaServer) -> AsyncIterator[Service]:
    async with mongo_server.database() as url, running(url, kafka_server.bootstrap) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def keyed(mongo_server: MongoServer, kafka_server: KafkaServer) -> AsyncIterator[Service]:
    """A service that can export."""
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    async with mongo_server.database() as url, running(url, kafka_server.bootstrap, export_key=key) as found:
        yield found


async def founded(organizer: Person, **differently: object) -> str:
    """The path of a new group of the organizer's."""
    answer = await organizer("POST", "/groups", {**JC_MOMS, **differently})
    assert answer.status_code == 201, answer.text
    return f"/groups/{answer.json()['group_id']}"


def reason(answer: Response) -> str:
    """Why it was refused."""
    problem: dict[str, str] = answer.json()
    return problem["type"].rpartition("/")[2]


@pytest_asyncio.fixture(params=["memory", "motor", "pymongo"], loop_scope="session")
async def store(request: pytest.FixtureRequest, mongo_server: MongoServer) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield Memory()
        return
    async with mongo_server.database() as url:
        motor = connect(url)
        await schema.prepare(motor)
        await schema.verify(motor)
        if request.param == "motor":
            yield InDatabase(motor)
        else:
            client: Any = AsyncMongoClient(url, tz_aware=True)
            yield OutsideTransaction(Database(client, client.get_default_database()))
            await client.close()
        motor.close()
