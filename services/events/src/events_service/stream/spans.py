"""A message's arrival among those who are told, as the last step of its trace where that is recorded."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from aiokafka import ConsumerRecord

from chassis import telemetry
from contracts.public import PublicRsvp


def arriving(record: ConsumerRecord) -> AbstractContextManager[Any]:
    """The step around taking a record into memory."""
    trace = next((value.decode("latin-1") for name, value in record.headers if name == "traceparent"), None)
    if not telemetry.recorded(trace):
        return nullcontext()
    return telemetry.span(
        f"tell {PublicRsvp.topic}",
        trace,
        kind=telemetry.SpanKind.CONSUMER,
        **{
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.destination.name": record.topic,
            "messaging.kafka.offset": record.offset,
        },
    )
