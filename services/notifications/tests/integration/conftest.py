"""The whole service in this process: real Kafka, MongoDB and SMTP, HTTP on a free port, tokens of our own issuer."""

import asyncio
import base64
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest_asyncio
from aiokafka import AIOKafkaProducer
from httpx2 import Response

from chassis.clock import utc_now
from chassis.relay.record import partition_of
from chassis.serve import Process
from contracts.message import Message
from contracts.registry import topics
from convene.mail.box import Box, Mail
from convene.mail.smtp import listen
from notifications_service import app
from notifications_service.settings import Settings
from testkit import KafkaServer, MongoServer, eventually
from testkit.calling import Person
from testkit.issuer import issuing, token
from testkit.running import Serving, serving, settings_for, started
from testkit.topics import delete_topics

LINK = re.compile(r"https?://\S+/v1/contact-points/verify/\S+")


def fresh(name: str) -> str:
    """An id nobody has used before."""
    return f"{name}-{secrets.token_hex(4)}"


@dataclass
class Publisher:
    """Writes records as other services' relays do, each subject's messages numbered from 1."""

    settings: Settings
    producer: AIOKafkaProducer
    sequences: dict[tuple[str, str], int] = field(default_factory=dict)

    async def __call__(
        self,
        kind: str,
        body: Message,
        *,
        subject: str,
        key: str | None = None,
        actor: str | None = None,
        trace: str | None = None,
        at: datetime | None = None,
    ) -> int:
        """The message's sequence. kind: `<aggregate>.<what happened>`."""
        topic = body.topic
        sequence = self.sequences[topic, subject] = self.sequences.get((topic, subject), 0) + 1
        await self.again(kind, body, subject=subject, sequence=sequence, key=key, actor=actor, trace=trace, at=at)
        return sequence

    async def again(
        self,
        kind: str,
        body: Message,
        *,
        subject: str,
        sequence: int,
        key: str | None = None,
        actor: str | None = None,
        trace: str | None = None,
        at: datetime | None = None,
    ) -> None:
        topic = body.topic
        service = body.types[0].split(".")[1]
        head = {
            "ce_specversion": "1.0",
            "ce_id": f"{service}-{subject}-{kind}-{sequence}",
            "ce_source": f"/convene/{service}",
            "ce_type": f"convene.{service}.{kind}.v1",
            "ce_time": (at or utc_now()).isoformat(),
            "ce_subject": subject,
            "ce_sequence": str(sequence),
            "content-type": "application/json",
            **({"ce_actor": actor} if actor else {}),
            **({"traceparent": trace} if trace else {}),
        }
        await self.producer.send_and_wait(
            self.settings.kafka().topic(topic),
            body.model_dump_json().encode(),
            key=(key or subject).encode(),
            headers=[(name, value.encode()) for name, value in head.items()],
            partition=partition_of(subject, topics()[topic].partitions),
        )


@dataclass(frozen=True)
class Service(Serving[Settings]):
    """The running service, the mails it has sent, and a way to tell it what other services say."""

    box: Box
    publish: Publisher

    @staticmethod
    def bearer(member: str) -> str:
        return f"Bearer {token(member)}"

    async def call(self, member: str, method: str, path: str, body: Any = None, **headers: str) -> Response:
        return await Person(self.client, member)(method, path, body, **headers)

    async def inbox(self, member: str, query: str = "") -> list[dict[str, Any]]:
        answer = await self.call(member, "GET", f"/inbox{query}")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def reached(self, topic: str, subject: str, sequence: int) -> None:
        """Wait until the service has taken in this message."""

        async def known() -> bool:
            position = f"{topic}:{subject}@{sequence}"
            return (await self.call("anybody", "GET", "/inbox", x_convene_position=position)).status_code == 200

        await eventually(known, within=60)

    def mails(self, address: str) -> list[Mail]:
        """Oldest first, without those that verify the address."""
        found = self.box.newest(to=address, limit=10_000)
        return [mail for mail in reversed(found) if not mail.summary()["subject"].startswith("Is this your")]

    async def link_for(self, address: str, *, mails: int = 1) -> str:
        """The link in the latest of that many verification mails."""

        def arrived() -> list[Mail]:
            found = [m for m in self.box.newest(to=address) if m.summary()["subject"].startswith("Is this your")]
            return found if len(found) >= mails else []

        text = (await eventually(arrived))[0].whole()["text"]
        found = LINK.search(text)
        assert found is not None, text
        return found[0].partition("/v1/")[2]

    async def reachable(self, member: str) -> str:
        """Give the member a verified address, the way people do it; the address."""
        address = f"{member}@example.org"
        given = await self.call(member, "PUT", "/contact-points", {"email": address})
        assert given.status_code == 200, given.text
        link = await self.link_for(address)
        assert (await self.client.post(f"/v1/{link}")).status_code == 200
        return address


@asynccontextmanager
async def running(settings: Settings, roles: tuple[str, ...]) -> AsyncIterator[Process]:
    """A process with these roles."""
    process = await app.build(settings, roles)
    async with started(process):
        yield process


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def issuer() -> AsyncIterator[str]:
    """Where the keys of the tests' issuer are."""
    async with issuing() as keys:
        yield keys


@asynccontextmanager
async def prepared(
    mongo: MongoServer, kafka: KafkaServer, issuer: str, smtp_port: int, **changes: Any
) -> AsyncIterator[Settings]:
    """Settings for a database and topics of their own."""
    prefix = f"n{secrets.token_hex(4)}."
    async with mongo.database() as url:
        settings = settings_for(
            Settings,
            mongo_url=url,
            kafka_bootstrap=kafka.bootstrap,
            prefix=prefix,
            keys=issuer,
            smtp_url=f"smtp://127.0.0.1:{smtp_port}",
            contact_key=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            **changes,
        )
        await app.own(settings).setup()
        yield settings
    await delete_topics(kafka.bootstrap, prefix)


@asynccontextmanager
async def publishing(settings: Settings) -> AsyncIterator[Publisher]:
    producer = AIOKafkaProducer(acks="all", **settings.kafka().client_options())
    await producer.start()
    try:
        yield Publisher(settings, producer)
    finally:
        await producer.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def service(mongo_server: MongoServer, kafka_server: KafkaServer, issuer: str) -> AsyncIterator[Service]:
    box = Box()
    smtp: asyncio.Server = await listen(box, "127.0.0.1", 0)
    port = smtp.sockets[0].getsockname()[1]
    async with (
        smtp,
        prepared(mongo_server, kafka_server, issuer, port) as settings,
        serving(app, settings, app.ROLES) as found,
        publishing(settings) as publish,
    ):
        yield Service(found.process, found.client, found.database, settings, box, publish)
