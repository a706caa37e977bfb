"""Traces on the wire: what a collector and Zipkin receive."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from issuer import settings
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from chassis import telemetry

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Receiver(ThreadingHTTPServer):
    """Keeps what is posted."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[tuple[str, bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append((self.path, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as found:
        serving = threading.Thread(target=found.serve_forever, args=(0.02,))
        serving.start()
        yield found
        found.shutdown()
        serving.join()


def test_a_collector_receives_them(receiver: Receiver) -> None:
    telemetry.setup("events", settings(otel_exporter_otlp_endpoint=receiver.url), role="api")
    with telemetry.span("step", PARENT):
        pass
    telemetry.shutdown()
    ((path, body),) = receiver.received
    assert path == "/v1/traces"
    (resource,) = ExportTraceServiceRequest.FromString(body).resource_spans
    named = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
    assert (named["service.name"], named["convene.role"]) == ("events", "api")
    (span,) = resource.scope_spans[0].spans
    assert (span.name, span.trace_id.hex(), span.parent_span_id.hex()) == ("step", PARENT[3:35], PARENT[36:52])


def test_zipkin_receives_them(receiver: Receiver) -> None:
    telemetry.setup("events", settings(otel_exporter_zipkin_endpoint=f"{receiver.url}/api/v2/spans"))
    with telemetry.span("step", PARENT):
        pass
    telemetry.shutdown()
    ((path, body),) = receiver.received
    (span,) = json.loads(body)
    assert path == "/api/v2/spans"
    assert (span["name"], span["traceId"], span["parentId"]) == ("step", PARENT[3:35], PARENT[36:52])
    assert span["localEndpoint"]["serviceName"] == "events"
