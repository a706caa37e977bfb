"""One span per traced message, a child of what sent it; one per batch, linked to them all, around the effects."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from opentelemetry.trace import Span

from chassis import telemetry
from chassis.consumers.decode import Decoded


@contextmanager
def traced(group: str, items: Sequence[Decoded]) -> Iterator[list[Decoded]]:
    """The same messages, their `trace` naming this step, so that what they cause hangs under it."""
    if not telemetry.on():
        yield list(items)
        return
    with ExitStack() as stack:
        mine = [_step(group, item, stack) for item in items]
        traces = [item.received.trace for item in mine if item.received]
        links = [trace for trace in traces if trace is not None and telemetry.recorded(trace)]
        if links:
            stack.enter_context(telemetry.span(f"apply {group}", kind=telemetry.SpanKind.CONSUMER, links=links))
        yield mine


def _step(group: str, item: Decoded, stack: ExitStack) -> Decoded:
    received = item.received
    if received is None or received.trace is None or not telemetry.recorded(received.trace):
        return item
    step = telemetry.tracer().start_span(
        f"process {received.topic}",
        context=telemetry.remote(received.trace),
        kind=telemetry.SpanKind.CONSUMER,
        attributes={
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.destination.name": received.topic,
            "messaging.consumer.group.name": group,
            "messaging.kafka.offset": received.offset,
            "messaging.message.id": received.id,
        },
    )
    stack.callback(step.end)
    return replace(item, received=replace(received, trace=_traceparent(step) or received.trace))


def _traceparent(step: Span) -> str | None:
    context = step.get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
