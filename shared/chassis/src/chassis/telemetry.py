"""Traces: OpenTelemetry when an endpoint is set, otherwise only the ids, so that one id still ties a way together.

Spans carry no personal data: no statements, no bodies, no error texts.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from opentelemetry import trace as otel
from opentelemetry.context import Context
from opentelemetry.instrumentation.pymongo import CommandTracer
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider, sampling
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from pymongo.monitoring import CommandFailedEvent, CommandStartedEvent

from chassis.exporting import exporter_of, sampler_of
from chassis.settings import ServiceSettings

__all__ = [
    "SpanKind",
    "current_traceparent",
    "mongo_listeners",
    "on",
    "recorded",
    "setup",
    "shutdown",
    "span",
    "trace_id",
    "tracer",
    "unrecorded",
]

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")

_ids: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""The traceparent of what runs now, where no span is recorded."""


@dataclass(slots=True)
class _State:
    """rate: share of new traces that is recorded, where what a caller sampled is all else that decides it."""

    provider: TracerProvider | None = None
    tracer: otel.Tracer | None = None
    rate: sampling.TraceIdRatioBased | None = None


class _Ids(RandomIdGenerator):
    """Lets a trace that was drawn before its first step keep its id."""

    def generate_trace_id(self) -> int:
        drawn = _drawn.get()
        if drawn is None:
            return super().generate_trace_id()
        _drawn.set(None)
        return drawn


_drawn: ContextVar[int | None] = ContextVar("drawn trace", default=None)


_state = _State()


def setup(
    service: str, settings: ServiceSettings, *, role: str = "", exporter: SpanExporter | None = None
) -> TracerProvider | None:
    """Start recording, if the settings name an endpoint or an exporter is plugged in; else None and ids only.

    A plugged-in exporter sees each span as soon as it ends. Call once per process, before anything is connected.
    """
    shutdown()
    chosen = exporter or exporter_of(settings)
    if chosen is None:
        return None
    resource = Resource.create({"service.name": service, "service.namespace": "convene", "convene.role": role})
    name, share = settings.otel_traces_sampler, settings.otel_traces_sampler_arg
    provider = TracerProvider(resource=resource, sampler=sampler_of(name, share), id_generator=_Ids())
    _state.rate = sampling.TraceIdRatioBased(share) if name == "parentbased_traceidratio" else None
    provider.add_span_processor(SimpleSpanProcessor(chosen) if exporter else BatchSpanProcessor(chosen))
    _state.provider, _state.tracer = provider, provider.get_tracer("convene")
    return provider


def shutdown() -> None:
    """Send what was recorded and stop recording. Blocks for at most the exporter's timeout."""
    provider, _state.provider, _state.tracer, _state.rate = _state.provider, None, None, None
    if provider is not None:
        provider.shutdown()


def on() -> bool:
    """Whether spans are recorded in this process."""
    return _state.tracer is not None


def unrecorded(traceparent: str | None) -> str | None:
    """The traceparent to go on with, now current for this task, where it is known that nothing of it is recorded.

    None where something may be. Draws for a new trace what the sampler would draw, without the price of a span that
    goes nowhere: most requests of a busy service are not sampled.
    """
    if _state.tracer is None:
        return continued(traceparent)
    if _state.rate is None:
        return None
    context = None if traceparent is None else _context(traceparent)
    if context is not None:
        return None if context.trace_flags.sampled else continued(traceparent)
    ids = token_hex(24)
    drawn = int(ids[:32], 16)
    if drawn & sampling.TraceIdRatioBased.TRACE_ID_LIMIT < _state.rate.bound:
        _drawn.set(drawn)
        return None
    return continued(f"00-{ids[:32]}-{ids[32:]}-00")


def recorded(traceparent: str | None) -> bool:
    """Whether steps of that trace are recorded in this process; of no trace, none are."""
    if traceparent is None or _state.tracer is None or traceparent.endswith("-00"):
        return False
    context = _context(traceparent)
    return context is not None and context.trace_flags.sampled


def tracer() -> otel.Tracer:
    """For instrumentations that want one; `span` is what our own code uses."""
    return _state.tracer or otel.NoOpTracer()


def current_traceparent() -> str | None:
    """The W3C traceparent of what runs now, for a command, a message or a job; None outside any trace."""
    if _state.tracer is not None:
        context = otel.get_current_span().get_span_context()
        if context.is_valid:
            return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
    return _ids.get()


def trace_id(traceparent: str) -> str:
    """The 32 hex digits that name the trace."""
    return traceparent[3:35]


def continued(traceparent: str | None) -> str:
    """The given traceparent if it is well-formed, else a new trace. It becomes current for this task."""
    if traceparent is None or len(traceparent) > 512 or not _TRACEPARENT.fullmatch(traceparent):
        ids = token_hex(24)
        traceparent = f"00-{ids[:32]}-{ids[32:]}-00"
    _ids.set(traceparent)
    return traceparent


@contextmanager
def span(
    name: str,
    parent: str | None = None,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    links: Sequence[str] = (),
    **attributes: str | int | float | bool,
) -> Iterator[Span]:
    """Run the block as one step of a trace.

    parent: traceparent of the cause; without one the step belongs to what runs now, or begins a trace.
    links: traceparents of other causes, where one step serves many.
    """
    if _state.tracer is None:
        token = _ids.set(parent or _ids.get())
        try:
            yield otel.INVALID_SPAN
        finally:
            _ids.reset(token)
        return
    recorded = _state.tracer.start_span(
        name,
        context=remote(parent) if parent else None,
        kind=kind,
        attributes=attributes,
        links=[otel.Link(context) for link in links if (context := _context(link)) is not None],
    )
    with otel.use_span(recorded, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield recorded
        except Exception as error:
            recorded.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def remote(traceparent: str) -> Context | None:
    """The context in which a step has that parent; None when it is malformed."""
    context = _context(traceparent)
    return None if context is None else otel.set_span_in_context(NonRecordingSpan(context), Context())


def _context(traceparent: str) -> SpanContext | None:
    found = _TRACEPARENT.fullmatch(traceparent)
    if found is None:
        return None
    trace, parent, flags = (int(part, 16) for part in found.groups())
    return SpanContext(trace, parent, is_remote=True, trace_flags=TraceFlags(flags & TraceFlags.SAMPLED))


class _WithinTraces(CommandTracer):
    """Leaves out what belongs to no step: leases, polls and sessions would each be a trace of their own."""

    def started(self, event: CommandStartedEvent) -> None:
        if otel.get_current_span().is_recording():
            super().started(event)


def mongo_listeners() -> list[Any]:
    """What `chassis.mongo.connect` takes as listeners: while traces are on, a span per MongoDB command of a step."""
    return [_WithinTraces(_state.tracer, failed_hook=_hide_values)] if _state.tracer is not None else []


def _hide_values(failed: Span, event: CommandFailedEvent) -> None:
    # the server's text may quote values (a duplicate key); its code's name does not
    failed.set_status(Status(StatusCode.ERROR, str(event.failure.get("codeName", "failed"))))
