"""What a run put on the two topics of RSVPs, as committed."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic_core import from_json

from chassis.kafka import KafkaSettings
from contracts.registry import topics
from convene.load.shown import Decision, Public

RSVPS = "events.rsvp.v1"
PUBLIC = "public.rsvps.v1"
MARGIN_MS = 60_000
"""How far the clocks of the database and of Kafka's producers may be apart."""


@dataclass(slots=True)
class OnTopics:
    """sent: digests by message id over both topics; repeated: ids met again."""

    decisions: list[Decision] = field(default_factory=list)
    public: list[Public] = field(default_factory=list)
    sent: dict[str, bytes] = field(default_factory=dict)
    repeated: list[str] = field(default_factory=list)


class Message(NamedTuple):
    """A message as the journal holds it and as it is on its topic. `topic`: the registry's name."""

    topic: str
    type: str
    subject: str
    sequence: int
    key: str
    value: str | None

    @property
    def digest(self) -> bytes:
        return blake2b(repr(self).encode(), digest_size=16).digest()


async def read_topics(kafka: KafkaSettings, events: Collection[str], since: datetime) -> OnTopics:
    """Records about these events since then, up to the last stable offsets, in order per event."""
    found = OnTopics()
    async with _reader(kafka) as consumer:
        by_topic = {kafka.topic(name): name for name in (RSVPS, PUBLIC)}
        partitions = [
            TopicPartition(topic, number)
            for topic, name in by_topic.items()
            for number in range(topics()[name].partitions)
        ]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        began = int(since.timestamp() * 1000) - MARGIN_MS
        for partition, place in (await consumer.offsets_for_times(dict.fromkeys(partitions, began))).items():
            consumer.seek(partition, ends[partition] if place is None else place.offset)
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for partition, records in (await consumer.getmany(timeout_ms=200)).items():
                for record in records:
                    _take_in(found, by_topic[partition.topic], record, events)
    return found


@asynccontextmanager
async def _reader(kafka: KafkaSettings) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        **kafka.client_options(),
        isolation_level="read_committed",
        enable_auto_commit=False,
        max_partition_fetch_bytes=4 << 20,
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


def _take_in(found: OnTopics, topic: str, record: Any, events: Collection[str]) -> None:
    headers = dict(record.headers)
    subject = headers["ce_subject"].decode()
    if subject not in events:
        return
    id_, type_, sequence = headers["ce_id"].decode(), headers["ce_type"].decode(), int(headers["ce_sequence"])
    value = None if record.value is None else record.value.decode()
    if id_ in found.sent:
        found.repeated.append(id_)
    found.sent[id_] = Message(topic, type_, subject, sequence, record.key.decode(), value).digest
    if value is None:
        return
    told = from_json(value)
    if topic == PUBLIC:
        guests = told["guests"] if told["response"] == "yes" else 0
        found.public.append(Public(sequence, subject, told["rsvp_id"], told["response"], guests))
        return
    found.decisions.append(
        Decision(
            id_,
            sequence,
            type_.split(".")[3],
            subject,
            told["member_id"],
            told["number"],
            told["was"],
            told["status"],
            told["guests"],
            told["seq"],
        )
    )
