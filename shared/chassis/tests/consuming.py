"""A toy consuming service: it writes down, per subject, which messages were applied, so that order and repeats show."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaProducer

from chassis.consumers import Effects, Permanent, Received, Subscription, Transient
from chassis.consumers.group import Timing
from chassis.ids import random_id
from chassis.journal import Command
from chassis.journal.command import Source, consumed_command_id
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, UpdateOne
from testkit import eventually

FACTS = "events.rsvp.v1"
STATE = "groups.group.v1"
SEEN = "seen"

QUICK = Timing(retry=1.0, patience=1.0, gap=1.0, tidy=0.05, stop=5.0)


def rsvp(event: str, seq: int, **changes: object) -> dict[str, Any]:
    return {
        "rsvp_id": f"{event}-{seq}",
        "number": seq,
        "event_id": event,
        "group_id": "g1",
        "member_id": f"m{seq}",
        "status": "yes",
        "guests": 0,
        "seq": seq,
        **changes,
    }


def group(group_id: str, version: int) -> dict[str, Any]:
    return {
        "group_id": group_id,
        "number": 1,
        "urlname": group_id,
        "name": f"Group {version}",
        "city": "Utrecht",
        "country": "NL",
        "lat": 52.1,
        "lon": 5.1,
        "timezone": "Europe/Amsterdam",
        "visibility": "public",
        "join_mode": "open",
        "organizer_id": "m1",
        "version": version,
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
    }


def headers(subject: str, sequence: int, topic: str = FACTS, /, **changes: str | None) -> list[tuple[str, bytes]]:
    """CloudEvents headers; a change to None leaves one out."""
    service = topic.split(".", maxsplit=1)[0]
    found: dict[str, str | None] = {
        "ce_id": f"{topic}-{subject}-{sequence}",
        "ce_source": f"/convene/{service}",
        "ce_type": "convene.events.rsvp.confirmed.v1" if topic == FACTS else "convene.groups.group.changed.v1",
        "ce_time": "2026-11-23T12:00:00+00:00",
        "ce_subject": subject,
        "ce_sequence": str(sequence),
        "content-type": "application/json",
        **changes,
    }
    return [(name, value.encode()) for name, value in found.items() if value is not None]


@dataclass
class Publisher:
    """Writes records as the relay would, or as nobody should."""

    kafka: KafkaSettings
    producer: AIOKafkaProducer
    partition: int = 0

    async def raw(
        self,
        topic: str,
        subject: str,
        value: bytes | None,
        head: Sequence[tuple[str, bytes]],
        *,
        partition: int | None = None,
    ) -> int:
        """The record's offset."""
        done = await self.producer.send_and_wait(
            self.kafka.topic(topic),
            value,
            key=subject.encode(),
            headers=list(head),
            partition=self.partition if partition is None else partition,
        )
        return int(done.offset)

    async def fact(self, subject: str, *sequences: int, partition: int | None = None, **changes: str | None) -> None:
        for sequence in sequences:
            value = json.dumps(rsvp(subject, sequence)).encode()
            await self.raw(FACTS, subject, value, headers(subject, sequence, **changes), partition=partition)

    async def state(self, subject: str, *sequences: int) -> None:
        for sequence in sequences:
            value = json.dumps(group(subject, sequence)).encode()
            await self.raw(STATE, subject, value, headers(subject, sequence, STATE))


@asynccontextmanager
async def publisher(kafka: KafkaSettings) -> AsyncIterator[Publisher]:
    producer = AIOKafkaProducer(acks="all", max_request_size=8 * 1024 * 1024, **kafka.client_options())
    await producer.start()
    try:
        yield Publisher(kafka, producer)
    finally:
        await producer.stop()


@dataclass
class Notebook:
    """The service's effects, and the faults a test plants in them.

    bugs: subjects (with sequence, or None for all) at which the handler stumbles; refused: at which it says Permanent;
    flaky: how often it still says Transient for a subject.
    """

    bugs: set[tuple[str, int]] = field(default_factory=set)
    refused: set[tuple[str, int]] = field(default_factory=set)
    flaky: dict[str, int] = field(default_factory=dict)
    calls: list[int] = field(default_factory=list)
    received: list[Received[Any]] = field(default_factory=list)

    async def apply(self, messages: Sequence[Received[Any]], effects: Effects) -> None:
        self.calls.append(len(messages))
        for message in messages:
            if (message.subject, message.sequence) in self.bugs:
                raise KeyError("a field the handler forgot about")
            if (message.subject, message.sequence) in self.refused:
                raise Permanent("no such thing")
            if self.flaky.get(message.subject, 0) > 0:
                self.flaky[message.subject] -= 1
                raise Transient("not yet")
            effects.write(
                SEEN,
                UpdateOne({"_id": message.subject}, {"$push": {"sequences": message.sequence}}, upsert=True),
            )
            effects.handoff(
                Command(
                    id=consumed_command_id("toy", message.source, message.id, message.subject, "account.add"),
                    name="account.add",
                    aggregate=message.subject,
                    body={"amount": 1},
                    source=Source(message.topic, message.subject, message.sequence),
                    trace=message.trace,
                )
            )
        self.received += messages

    def subscriptions(self) -> list[Subscription]:
        return [Subscription(FACTS, self.apply), Subscription(STATE, self.apply)]


async def seen(database: Database) -> Mapping[str, list[int]]:
    """What was applied, per subject, in order."""
    return {one["_id"]: one["sequences"] for one in await database[SEEN].find({})}


def group_name() -> str:
    return f"toy-{random_id()[:6]}"


async def applied(database: Database, *, within: float = 60.0, **expected: list[int]) -> None:
    """Wait until just these have been applied to these subjects."""

    async def as_expected() -> bool:
        found = await seen(database)
        assert {subject: found.get(subject) for subject in expected} == expected
        return True

    await eventually(as_expected, within=within)
