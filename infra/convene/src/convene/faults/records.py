"""Records that no relay wrote: repeats of old ones in any order, and poison.

Each bears the header INJECTED, so that who reads a topic to see what the relay did can leave it out. Consumers do not
know the header.
"""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.structs import ConsumerRecord

from chassis.kafka import KafkaSettings
from contracts.registry import topics
from convene.load.topics import INJECTED

LARGEST = 1_000_000
"""Bytes: what a broker takes unless told otherwise, less its own overhead."""

FACTS = "events.rsvp.v1"
SOURCE = "/convene/events"

Header = tuple[str, bytes | None]


@dataclass(frozen=True, slots=True)
class Poison:
    """A record that cannot be applied. subject: whose messages it holds up; None when nobody can tell."""

    name: str
    subject: str | None
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header]


def poison(run: str) -> list[Poison]:
    """One of each kind for the topic FACTS, each the first message of a subject of its own, told apart by `run`."""
    kinds: dict[str, tuple[bytes | None, dict[str, bytes | None]]] = {
        "bad-json": (b'{"rsvp_id": nope', {}),
        "not-text": (b"\xff\xfe\x00", {}),
        "wrong-schema": (b'{"hello": "world"}', {}),
        "unknown-version": (b"{}", {"ce_type": b"convene.events.rsvp.confirmed.v99"}),
        "large": (b'"' + b"x" * LARGEST + b'"', {}),
        "null-body": (None, {}),
        "bad-time": (b"{}", {"ce_time": b"yesterday"}),
    }
    found = [
        Poison(name, f"{run}-{name}", f"{run}-{name}".encode(), value, headers(f"{run}-{name}", 1, **changes))
        for name, (value, changes) in kinds.items()
    ]
    return [
        *found,
        Poison("no-headers", None, None, b"{}", []),
        Poison("header-not-text", None, b"\xff", b"{}", [("ce_source", SOURCE.encode()), ("ce_subject", b"\xff")]),
        Poison("header-without-value", None, b"k", b"{}", headers(f"{run}-null", 1, ce_subject=None)),
        Poison("bad-sequence", None, b"k", b"{}", headers(f"{run}-odd", 1, ce_sequence=b"-1")),
    ]


def headers(subject: str, sequence: int, **changes: bytes | None) -> list[Header]:
    """As the relay of events would write them."""
    found: dict[str, bytes | None] = {
        "ce_specversion": b"1.0",
        "ce_id": f"injected-{subject}-{sequence}".encode(),
        "ce_source": SOURCE.encode(),
        "ce_type": b"convene.events.rsvp.confirmed.v1",
        "ce_time": b"2026-11-25T12:00:00.000Z",
        "ce_subject": subject.encode(),
        "ce_sequence": b"%d" % sequence,
        "content-type": b"application/json",
        **changes,
    }
    return list(found.items())


def rsvp(event_id: str, seq: int) -> bytes:
    """The value of a message of FACTS that is in order, about nobody."""
    return json.dumps(
        {
            "rsvp_id": f"{event_id}-{seq}",
            "number": 1,
            "event_id": event_id,
            "group_id": "injected",
            "member_id": f"nobody-{event_id}-{seq}",
            "status": "yes",
            "guests": 0,
            "seq": seq,
        }
    ).encode()


class Injector:
    """Writes to the platform's topics past every relay."""

    def __init__(self, kafka: KafkaSettings, producer: AIOKafkaProducer) -> None:
        self._kafka = kafka
        self._producer = producer

    async def put(
        self, topic: str, key: bytes | None, value: bytes | None, head: Sequence[Header], partition: int | None = None
    ) -> int:
        """Append one record; its offset. The partition is the key's unless given."""
        marked = [*head, (INJECTED, b"1")]
        done = await self._producer.send_and_wait(
            self._kafka.topic(topic), value, key=key, headers=marked, partition=partition
        )
        return int(done.offset)

    async def repeat(self, names: Sequence[str], number: int, random: Random) -> dict[str, int]:
        """Append up to `number` of the old records of each topic once more, shuffled, ids as they were; how many."""
        done: dict[str, int] = {}
        for name in names:
            old = await self._relayed(name)
            chosen = random.sample(old, min(number, len(old)))
            for record in chosen:
                await self.put(name, record.key, record.value, record.headers, record.partition)
            done[name] = len(chosen)
        return done

    async def _relayed(self, name: str) -> list[ConsumerRecord]:
        partitions = [TopicPartition(self._kafka.topic(name), number) for number in range(topics()[name].partitions)]
        consumer = AIOKafkaConsumer(
            **self._kafka.client_options(), isolation_level="read_committed", enable_auto_commit=False
        )
        try:
            await consumer.start()
            consumer.assign(partitions)
            await consumer.seek_to_beginning()
            ends = await consumer.end_offsets(partitions)
            found: list[ConsumerRecord] = []
            while any([await consumer.position(partition) < end for partition, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += [record for record in records if INJECTED not in dict(record.headers)]
            return found
        finally:
            await consumer.stop()


@asynccontextmanager
async def injector(kafka: KafkaSettings) -> AsyncIterator[Injector]:
    """While the block lasts."""
    producer = AIOKafkaProducer(acks="all", max_request_size=2 * LARGEST, **kafka.client_options())
    await producer.start()
    try:
        yield Injector(kafka, producer)
    finally:
        await producer.stop()
