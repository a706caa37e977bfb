"""What is on topics, as committed; and what a run put on the two of RSVPs."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic_core import from_json

from chassis.kafka import KafkaSettings
from contracts.registry import topics
from convene.load.shown import Decision, Public

RSVPS = "events.rsvp.v1"
PUBLIC = "public.rsvps.v1"
EVENTS = "events.event.v1"
INJECTED = "convene-fault"
"""Header of records that a fault put into a topic: they are not the relay's."""
MARGIN_MS = 60_000
"""How far the clocks of the database and of Kafka's producers may be apart."""


@dataclass(slots=True)
class OnTopics:
    """sent: digests by message id over both topics; repeated: ids met again."""

    decisions: list[Decision] = field(default_factory=list)
    public: list[Public] = field(default_factory=list)
    sent: dict[str, bytes] = field(default_factory=dict)
    repeated: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sent:
    """One record. `topic`: the registry's name."""

    topic: str
    id: str
    type: str
    subject: str
    sequence: int
    key: str
    value: str | None


def digest_of(sent: Sent) -> bytes:
    """Equal for the same message, in the journal and on its topic."""
    return blake2b(repr(sent).encode(), digest_size=16).digest()


async def each_sent(kafka: KafkaSettings, names: Iterable[str], since: datetime | None = None) -> AsyncIterator[Sent]:
    """Records of these topics up to their last stable offsets, in order per partition, without what faults put there.

    names: the registry's.
    """
    async with _reader(kafka) as consumer:
        by_topic = {kafka.topic(name): name for name in names}
        partitions = [
            TopicPartition(topic, number)
            for topic, name in by_topic.items()
            for number in range(topics()[name].partitions)
        ]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        if since is None:
            await consumer.seek_to_beginning()
        else:
            began = int(since.timestamp() * 1000) - MARGIN_MS
            for partition, place in (await consumer.offsets_for_times(dict.fromkeys(partitions, began))).items():
                consumer.seek(partition, ends[partition] if place is None else place.offset)
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for partition, records in (await consumer.getmany(timeout_ms=200)).items():
                for record in records:
                    headers = dict(record.headers)
                    if INJECTED not in headers:
                        yield _sent(by_topic[partition.topic], record, headers)


async def read_all(kafka: KafkaSettings, names: Iterable[str]) -> dict[str, list[Sent]]:
    """Each topic whole."""
    found: dict[str, list[Sent]] = {name: [] for name in names}
    async for sent in each_sent(kafka, list(found)):
        found[sent.topic].append(sent)
    return found


async def read_topics(kafka: KafkaSettings, events: Collection[str], since: datetime) -> OnTopics:
    """What was said about these events since then, in order per event."""
    found = OnTopics()
    async for sent in each_sent(kafka, (RSVPS, PUBLIC), since):
        if sent.subject in events:
            _take_in(found, sent)
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


def _sent(topic: str, record: Any, headers: Mapping[str, bytes]) -> Sent:
    return Sent(
        topic,
        headers["ce_id"].decode(),
        headers["ce_type"].decode(),
        headers["ce_subject"].decode(),
        int(headers["ce_sequence"]),
        record.key.decode(),
        None if record.value is None else record.value.decode(),
    )


def _take_in(found: OnTopics, sent: Sent) -> None:
    if sent.id in found.sent:
        found.repeated.append(sent.id)
    found.sent[sent.id] = digest_of(sent)
    if sent.value is None:
        return
    told = from_json(sent.value)
    if sent.topic == PUBLIC:
        guests = told["guests"] if told["response"] == "yes" else 0
        found.public.append(Public(sent.sequence, sent.subject, told["rsvp_id"], told["response"], guests))
        return
    found.decisions.append(
        Decision(
            sent.id,
            sent.sequence,
            sent.type.split(".")[3],
            sent.subject,
            told["member_id"],
            told["number"],
            told["was"],
            told["status"],
            told["guests"],
            told["seq"],
            told.get("by"),
            told.get("override", False),
            told.get("offer_id"),
            _time(told.get("offer_expires_at")),
        )
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
