"""Publishing as a step of each message's trace, where that trace is recorded."""

from dataclasses import replace

from chassis import telemetry
from chassis.relay.record import Record


def published_by(going: list[Record]) -> list[Record]:
    """The records with `traceparent` naming the publishing step; those of unrecorded traces as they are."""
    return [_step(record) for record in going] if telemetry.on() else going


def _step(record: Record) -> Record:
    parent = next((value.decode() for name, value in record.headers if name == "traceparent"), None)
    if not telemetry.recorded(parent):
        return record
    with telemetry.span(f"publish {record.topic}", parent, kind=telemetry.SpanKind.PRODUCER):
        step = (telemetry.current_traceparent() or "").encode()
    headers = [(name, step if name == "traceparent" else value) for name, value in record.headers]
    return replace(record, headers=headers)
