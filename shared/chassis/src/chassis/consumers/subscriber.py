"""FastStream, set up so that it loses nothing: the only place that makes a subscriber, and the check that it is so."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from aiokafka import ConsumerRecord
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.subscriber.usecase import BatchSubscriber

from chassis.kafka import KafkaSettings

Handle = Callable[[Sequence[Any]], Awaitable[None]]

MAX_RECORDS = 500
IDLE_MS = 20
"""FastStream waits this long for records and, finding none, sleeps as long again: half the delay in a quiet topic."""


class UnsafeSubscriber(RuntimeError):
    """A subscriber is set up so that it could lose messages, or stop for ever at one."""


def make_broker(kafka: KafkaSettings, client: str, *, graceful_seconds: float) -> KafkaBroker:
    """A broker that only consumes; without FastStream's own decoding, injection or topic creation."""
    return KafkaBroker(
        kafka.bootstrap.split(","),
        security=kafka.security(),
        client_id=client,
        consumer_only=True,
        allow_auto_create_topics=False,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        apply_types=False,
        graceful_timeout=graceful_seconds,
        metadata_max_age_ms=60_000,
        logger=None,
    )


def subscribe(
    broker: KafkaBroker, topics: Iterable[str], group: str, handle: Handle, *, poll_seconds: float = 300.0
) -> BatchSubscriber:
    """One batch subscriber over all topics of a group; `handle` gets the records as aiokafka made them.

    poll_seconds: a batch in hand for longer costs the member its partitions.
    """
    subscriber = broker.subscriber(
        *topics,
        batch=True,
        group_id=group,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_records=MAX_RECORDS,
        batch_timeout_ms=IDLE_MS,
        max_partition_fetch_bytes=2 * 1024 * 1024,
        fetch_max_bytes=16 * 1024 * 1024,
        fetch_max_wait_ms=500,
        max_poll_interval_ms=int(poll_seconds * 1000),
        session_timeout_ms=6_000,
        heartbeat_interval_ms=1_500,
        parser=whole_records,
        decoder=raw_records,
        no_reply=True,
    )
    subscriber(handle)
    return subscriber


async def whole_records(
    records: tuple[ConsumerRecord[Any, Any], ...],
    original: Callable[[tuple[ConsumerRecord[Any, Any], ...]], Awaitable[KafkaMessage]],
) -> KafkaMessage:
    """FastStream's message without its look at headers and bodies, which raises for bytes that are no text."""
    bare = tuple(replace(record, headers=(), key=None, value=b"") for record in records)
    message = await original(bare)
    message.raw_message = records
    return message


async def raw_records(message: KafkaMessage) -> Any:
    """The records themselves: decoding happens where a failure can be put aside."""
    return message.raw_message


def refuse_unsafe(broker: KafkaBroker) -> None:
    """Look at every subscriber of the broker, whoever made it. Raises UnsafeSubscriber.

    FastStream's defaults lose messages (acknowledge first, start at the latest), and its own decoding keeps a
    malformed record from ever reaching a handler. Publishers are refused as well: only the relay publishes.
    """
    if broker.publishers:
        raise UnsafeSubscriber("a publisher beside the relay: its messages are in no journal")
    for subscriber in broker.subscribers:
        flaws = list(_flaws(subscriber))
        if flaws:
            topics = ", ".join(subscriber.get_log_context(None)["topic"].split(","))
            raise UnsafeSubscriber(f"the subscriber of {topics} {' and '.join(flaws)}")


def _flaws(subscriber: Any) -> Iterable[str]:
    arguments = subscriber._connection_args
    # FastStream shows what it passes on to aiokafka nowhere but in its private fields.
    if subscriber.ack_policy is not AckPolicy.NACK_ON_ERROR:
        yield f"acknowledges by {subscriber.ack_policy}, not NACK_ON_ERROR"
    if not subscriber.group_id:
        yield "has no group"
    if arguments.get("auto_offset_reset") != "earliest":
        yield "does not begin at the earliest record"
    if arguments.get("isolation_level") != "read_committed":
        yield "reads what was not committed"
    if arguments.get("enable_auto_commit"):
        yield "commits by the clock"
    options = subscriber._call_options
    if not isinstance(subscriber, BatchSubscriber) or options.decoder is not raw_records:
        yield "does not take whole records in batches"
    elif options.parser is not whole_records or any(call.item_parser or call.item_decoder for call in subscriber.calls):
        yield "lets FastStream read records before we do"
    if subscriber.partitions:
        yield "names partitions, which turns balancing off"
