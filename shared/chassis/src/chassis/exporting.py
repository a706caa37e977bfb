"""Where the environment says that traces go, and which of them: the names are OpenTelemetry's."""

from collections.abc import Mapping

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.exporter.zipkin.json import ZipkinExporter
from opentelemetry.sdk.trace import sampling
from opentelemetry.sdk.trace.export import SpanExporter

from chassis.settings import ServiceSettings


def exporter_of(settings: ServiceSettings) -> SpanExporter | None:
    """None where nothing is recorded."""
    otlp = settings.otel_exporter_otlp_traces_endpoint or (
        f"{settings.otel_exporter_otlp_endpoint.rstrip('/')}/v1/traces"
        if settings.otel_exporter_otlp_endpoint
        else None
    )
    wanted = settings.otel_traces_exporter or ("zipkin" if otlp is None else "otlp")
    if settings.otel_sdk_disabled or wanted == "none":
        return None
    if wanted == "otlp" and otlp is not None:
        return OTLPSpanExporter(endpoint=otlp)
    if wanted == "zipkin" and settings.otel_exporter_zipkin_endpoint is not None:
        return ZipkinExporter(endpoint=settings.otel_exporter_zipkin_endpoint)
    return None


def sampler_of(name: str, share: float) -> sampling.Sampler:
    """By its name in OTEL_TRACES_SAMPLER. Raises ValueError for a name that is none."""
    ratio = sampling.TraceIdRatioBased(share)
    known: Mapping[str, sampling.Sampler] = {
        "always_on": sampling.ALWAYS_ON,
        "always_off": sampling.ALWAYS_OFF,
        "traceidratio": ratio,
        "parentbased_always_on": sampling.DEFAULT_ON,
        "parentbased_always_off": sampling.DEFAULT_OFF,
        "parentbased_traceidratio": sampling.ParentBased(ratio),
    }
    if name not in known:
        raise ValueError(f"OTEL_TRACES_SAMPLER: {name!r} is none of {', '.join(known)}")
    return known[name]
