"""What the tests of the stream share: writing public RSVPs as the relay does, the role in this process, a reader."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientResponse, ClientSession, ClientTimeout
from aiokafka import AIOKafkaProducer

from chassis import topics
from chassis.health import Health
from chassis.kafka import KafkaSettings
from chassis.relay.record import partition_of
from contracts.public import PublicRsvp
from contracts.registry import Topic
from contracts.registry import topics as registry
from events_service.stream.limits import Limits
from events_service.stream.part import Stream, stream_server
from testkit import eventually

TOPIC = PublicRsvp.topic
SETTINGS = registry()[TOPIC]
PARTITIONS = SETTINGS.partitions
QUICK = Limits(per_address=100, retry_ms=(20, 60))


def rsvp(rsvp_id: int, event_id: str = "e1", **changes: Any) -> PublicRsvp:
    """A public RSVP with everything a consumer may look at."""
    found = {
        "venue": {"venue_name": "Café Ströme", "lon": 13.4, "lat": 52.5, "venue_id": 7},
        "response": "yes",
        "guests": 0,
        "member": {"member_id": 1000 + rsvp_id, "member_name": "Ada"},
        "rsvp_id": rsvp_id,
        "mtime": 1_700_000_000_000 + rsvp_id,
        "event": {"event_name": "Bread", "event_id": event_id, "time": 1_700_000_500_000, "event_url": "https://x/e1"},
        "group": {
            "group_topics": [{"urlkey": "bread", "topic_name": "Bread"}],
            "group_city": "Berlin",
            "group_country": "de",
            "group_id": 5,
            "group_name": "Bakers",
            "group_lon": 13.4,
            "group_urlname": "Bakers-Berlin",
            "group_lat": 52.5,
        },
        **changes,
    }
    return PublicRsvp.model_validate(found)


def partition_for(event_id: str) -> int:
    return partition_of(event_id, PARTITIONS)


def event_in(partition: int, nth: int = 0) -> str:
    """The name of an event whose messages are in that partition."""
    found = [name for number in range(1000) if partition_for(name := f"ev{number}") == partition]
    return found[nth]


@dataclass
class Publisher:
    """Writes in Kafka transactions, as the relay does: every commit takes an offset that no reader sees."""

    kafka: KafkaSettings
    producer: AIOKafkaProducer

    async def send(
        self, *messages: PublicRsvp | tuple[int, str], committed: bool = True, at_ms: int | None = None
    ) -> None:
        """One transaction; a pair of number and event id is a tombstone. at_ms: the writer's time, else now."""
        await self.producer.begin_transaction()
        sent = []
        for message in messages:
            if isinstance(message, PublicRsvp):
                number, event = message.rsvp_id, message.event.event_id
                value = message.model_dump_json(exclude_none=True).encode()
            else:
                (number, event), value = message, None
            sent.append(
                await self.producer.send(
                    self.kafka.topic(TOPIC),
                    value,
                    key=str(number).encode(),
                    partition=partition_for(event),
                    timestamp_ms=at_ms,
                )
            )
        await asyncio.gather(*sent)
        if committed:
            await self.producer.commit_transaction()
        else:
            await self.producer.abort_transaction()

    async def many(self, numbers: Sequence[int], *, per_transaction: int = 10, events: int = 8) -> None:
        """RSVPs of these numbers, spread over events and so over partitions."""
        for first in range(0, len(numbers), per_transaction):
            await self.send(*(rsvp(n, f"ev{n % events}") for n in numbers[first : first + per_transaction]))


@asynccontextmanager
async def publisher(kafka: KafkaSettings, settings: Topic = SETTINGS) -> AsyncIterator[Publisher]:
    """Makes the topic and writes to it; without append time in its settings its records are as old as they say."""
    await topics.apply(kafka, {TOPIC: settings})
    producer = AIOKafkaProducer(**kafka.client_options(), transactional_id=f"{kafka.prefix}publisher", acks="all")
    await producer.start()
    try:
        yield Publisher(kafka, producer)
    finally:
        await producer.stop()


@dataclass
class Role:
    """A running stream role. `url` has no path."""

    stream: Stream
    health: Health
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def role(kafka: KafkaSettings, *, limits: Limits = QUICK, port: int = 0) -> AsyncIterator[Role]:
    """The stream role alone, ready; stopped as a process stops it."""
    health = Health()
    stream = Stream(kafka, health, limits)
    server = stream_server(stream, host="127.0.0.1", port=port, trusted_proxies=())
    await server.start()
    try:
        await stream.start()
        health.started = True
        await eventually(stream.live.ready.is_set, within=60)
        yield Role(stream, health, server.port)
    finally:
        health.stop()
        await server.stop()
        await stream.stop()


@dataclass
class Told:
    """One SSE frame."""

    id: str = ""
    event: str = ""
    data: str = ""

    @property
    def value(self) -> Any:
        return json.loads(self.data)


@dataclass
class Listener:
    """A plain SSE or line reader over one response; knows nothing that a client outside would not."""

    response: ClientResponse
    id: str = ""
    comments: list[str] = field(default_factory=list)

    async def frames(self) -> AsyncIterator[Told]:
        """SSE frames that have data; others only move `id`, as a browser does it."""
        frame = Told()
        async for raw in self.response.content:
            line = raw.decode().rstrip("\n")
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if not line:
                self.id = frame.id or self.id
                if frame.data:
                    yield frame
                frame = Told()
            elif line.startswith(":"):
                self.comments.append(value)
            elif name in {"id", "event", "data"}:
                setattr(frame, name, value)

    async def take(self, count: int, *, within: float = 60.0) -> list[Told]:
        """The next so many frames with data."""
        found: list[Told] = []
        async with asyncio.timeout(within):
            async for frame in self.frames():
                found.append(frame)
                if len(found) == count:
                    break
        return found

    async def lines(self, count: int, *, within: float = 60.0) -> list[Any]:
        """The next so many JSON objects of a line reader."""
        async with asyncio.timeout(within):
            return [json.loads(await self.response.content.readline()) for _ in range(count)]


@asynccontextmanager
async def listening(
    url: str, *, headers: Mapping[str, str] | None = None, params: Mapping[str, str] | None = None
) -> AsyncIterator[Listener]:
    async with (
        ClientSession(timeout=ClientTimeout(total=None, sock_connect=5)) as session,
        session.get(url, headers=headers, params=params) as response,
    ):
        yield Listener(response)


def numbers(told: Sequence[Told]) -> Iterator[int]:
    return (frame.value["rsvp_id"] for frame in told)
