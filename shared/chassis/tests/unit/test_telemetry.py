"""Traces with and without a recorder."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from issuer import settings
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.exporter.zipkin.json import ZipkinExporter
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis import telemetry
from chassis.exporting import exporter_of, sampler_of

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    telemetry.setup("events", settings(), role="api", exporter=exporter)
    yield exporter
    telemetry.shutdown()


def test_without_an_endpoint_only_ids_travel() -> None:
    assert telemetry.setup("events", settings()) is None
    assert not telemetry.on()
    assert telemetry.mongo_listeners() == []
    with telemetry.span("step", PARENT):
        assert telemetry.current_traceparent() == PARENT
        with telemetry.span("inner"):
            assert telemetry.current_traceparent() == PARENT


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "rubbish",
        "00-" + "0" * 32 + "-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-" + "0" * 16 + "-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        PARENT.upper(),
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        PARENT + "x" * 600,
    ],
)
async def test_a_bad_traceparent_begins_a_new_trace(given: str | None) -> None:
    made = await asyncio.create_task(_continued(given))
    assert len(made) == 55
    assert telemetry.trace_id(made) != "0af7651916cd43dd8448eb211c80319c"
    assert telemetry.remote(made) is not None


async def test_a_good_one_is_continued() -> None:
    assert await asyncio.create_task(_continued(PARENT)) == PARENT


async def _continued(given: str | None) -> str:
    made = telemetry.continued(given)
    assert telemetry.current_traceparent() == made
    return made


def test_steps_of_one_trace_hang_together(spans: InMemorySpanExporter) -> None:
    with telemetry.span("outer", PARENT, count=2), telemetry.span("inner"):
        carried = telemetry.current_traceparent()
    assert carried is not None
    with telemetry.span("later, elsewhere", carried, links=[PARENT]):
        pass
    inner, outer, later = spans.get_finished_spans()
    assert {f"{span.context.trace_id:032x}" for span in (inner, outer, later) if span.context} == {PARENT[3:35]}
    parents = [span.parent.span_id for span in (outer, inner, later) if span.parent]
    own = [span.context.span_id for span in (outer, inner, later) if span.context]
    assert parents == [int(PARENT[36:52], 16), own[0], own[1]]
    assert outer.attributes == {"count": 2}
    assert len(later.links) == 1
    assert outer.resource.attributes["service.name"] == "events"


def test_an_error_marks_the_step_without_its_words(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError), telemetry.span("step"):
        raise ValueError("ada@example.org")
    (span,) = spans.get_finished_spans()
    assert not span.status.is_ok
    assert span.status.description == "ValueError"
    assert span.events == ()


def test_an_unsampled_parent_is_not_recorded(spans: InMemorySpanExporter) -> None:
    with telemetry.span("step", PARENT[:-2] + "00"):
        carried = telemetry.current_traceparent()
    assert spans.get_finished_spans() == ()
    assert carried is not None
    assert telemetry.trace_id(carried) == telemetry.trace_id(PARENT)


@pytest.mark.parametrize(
    ("given", "kind", "endpoint"),
    [
        ({"otel_exporter_otlp_endpoint": "http://c:4318/"}, OTLPSpanExporter, "http://c:4318/v1/traces"),
        ({"otel_exporter_otlp_traces_endpoint": "http://c:4318/x"}, OTLPSpanExporter, "http://c:4318/x"),
        ({"otel_exporter_zipkin_endpoint": "http://z:9411/s"}, ZipkinExporter, "http://z:9411/s"),
        (
            {
                "otel_exporter_zipkin_endpoint": "http://z:9411/s",
                "otel_exporter_otlp_endpoint": "http://c:4318",
                "otel_traces_exporter": "zipkin",
            },
            ZipkinExporter,
            "http://z:9411/s",
        ),
        ({"otel_exporter_otlp_endpoint": "http://c:4318", "otel_traces_exporter": "none"}, None, ""),
        ({"otel_exporter_otlp_endpoint": "http://c:4318", "otel_sdk_disabled": True}, None, ""),
        ({"otel_traces_exporter": "otlp"}, None, ""),
    ],
)
def test_the_exporter_follows_the_standard_names(given: dict[str, object], kind: type | None, endpoint: str) -> None:
    made = exporter_of(settings(**given))
    if kind is None:
        assert made is None
    else:
        assert isinstance(made, kind)
        assert getattr(made, "endpoint", None) or getattr(made, "_endpoint", None) == endpoint


def test_an_unknown_sampler_is_named() -> None:
    with pytest.raises(ValueError, match="OTEL_TRACES_SAMPLER"):
        sampler_of("sometimes", 1.0)


@pytest.mark.parametrize(
    ("traceparent", "expected"),
    [
        (PARENT, True),
        (PARENT[:-2] + "03", True),
        (PARENT[:-2] + "02", False),
        (PARENT[:-2] + "00", False),
        ("rubbish", False),
        (None, False),
    ],
)
def test_a_trace_is_recorded_by_its_sampled_flag_alone(
    spans: InMemorySpanExporter, traceparent: str | None, expected: bool
) -> None:
    assert telemetry.recorded(traceparent) is expected
    telemetry.shutdown()
    assert not telemetry.recorded(traceparent)


def test_a_trace_that_began_here_is_recorded(spans: InMemorySpanExporter) -> None:
    with telemetry.span("step"):
        assert telemetry.recorded(telemetry.current_traceparent())


class TestWhatIsNotSampledCostsNoSpan:
    """`unrecorded` decides for a request what the sampler would decide."""

    @pytest.fixture
    def rated(self) -> Iterator[Callable[[float], InMemorySpanExporter]]:
        def start(share: float) -> InMemorySpanExporter:
            exporter = InMemorySpanExporter()
            chosen = settings(otel_traces_sampler="parentbased_traceidratio", otel_traces_sampler_arg=share)
            telemetry.setup("events", chosen, exporter=exporter)
            return exporter

        yield start
        telemetry.shutdown()

    async def test_a_new_trace_that_is_not_drawn_goes_on_by_its_ids(
        self, rated: Callable[[float], InMemorySpanExporter]
    ) -> None:
        exporter = rated(0.0)
        made = telemetry.unrecorded(None)
        assert made is not None
        assert made.endswith("-00")
        assert telemetry.current_traceparent() == made
        assert not telemetry.recorded(made)
        assert exporter.get_finished_spans() == ()

    async def test_a_drawn_one_is_recorded_under_the_id_that_was_drawn(
        self, rated: Callable[[float], InMemorySpanExporter]
    ) -> None:
        exporter = rated(0.5)
        drawn = 0
        for _ in range(200):
            if telemetry.unrecorded(None) is None:
                drawn += 1
                with telemetry.span("request"):
                    pass
        assert len(exporter.get_finished_spans()) == drawn  # the sampler agreed each time
        assert 50 < drawn < 150

    async def test_what_a_caller_sampled_decides(self, rated: Callable[[float], InMemorySpanExporter]) -> None:
        rated(0.0)
        assert telemetry.unrecorded(PARENT) is None
        rated(1.0)
        assert telemetry.unrecorded(PARENT[:-2] + "00") == PARENT[:-2] + "00"
