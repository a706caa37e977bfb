"""The stream's OpenAPI says what the stream reads and refuses."""

import json
from collections.abc import Sequence
from typing import Any

import httpx2
import pytest

from chassis.health import Health
from chassis.kafka import KafkaSettings
from contracts.public import PublicRsvp
from events_service.stream.described import described
from events_service.stream.edge import StreamEdge
from events_service.stream.limits import Limits
from events_service.stream.live import Live
from events_service.stream.log import Log
from events_service.stream.selection import BadParameter
from events_service.stream.wish import negotiated, wished, wished_by_meetup

PATHS = ("/v2/stream/rsvps", "/2/rsvps")


class Noted(dict[str, Sequence[str]]):
    """Parameters that remember which of them were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)


def resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """What a `$ref` in the document names; anything else as it is."""
    found: Any = document
    if "$ref" not in node:
        return node
    for part in node["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


def references(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, list):
        return [found for one in node for found in references(one)]
    if not isinstance(node, dict):
        return []
    return ([node] if "$ref" in node else []) + references(list(node.values()))


def parameters(document: dict[str, Any], path: str) -> dict[str, dict[str, Any]]:
    named = [resolved(document, one) for one in document["paths"][path]["get"]["parameters"]]
    return {one["name"]: one for one in named}


@pytest.mark.parametrize("path", PATHS)
def test_it_names_every_parameter_that_is_read_and_no_other(path: str) -> None:
    noted = Noted()
    if path == "/2/rsvps":
        wished_by_meetup(noted, None)
    else:
        wished(noted, None, None, default_heartbeat=15.0)
    found = parameters(described("1"), path)
    assert {name for name, one in found.items() if one["in"] == "query"} == noted.asked
    assert [name for name, one in found.items() if one["in"] == "header"] == ["Last-Event-ID"]


def test_its_limits_are_those_that_hold() -> None:
    found = parameters(described("1"), "/2/rsvps")
    for name, least in (("since_count", "maximum"), ("heartbeat", "maximum"), ("event_id", "maxItems")):
        schema = found[name]["schema"]
        most = int(schema[least])
        fits, too_much = ([",".join(map(str, range(n)))] if least == "maxItems" else [str(n)] for n in (most, most + 1))
        wished_by_meetup({name: fits}, None)
        with pytest.raises(BadParameter):
            wished_by_meetup({name: too_much}, None)


def test_near_has_the_radius_that_is_told() -> None:
    schema = parameters(described("1"), "/2/rsvps")["radius_km"]["schema"]
    near = {"near": ["1,2"]}
    assert wished_by_meetup(near, None) == wished_by_meetup({**near, "radius_km": [str(schema["default"])]}, None)
    wished_by_meetup({**near, "radius_km": [str(schema["maximum"])]}, None)
    with pytest.raises(BadParameter):
        wished_by_meetup({**near, "radius_km": [str(schema["maximum"] + 1)]}, None)


def test_media_types_errors_and_references() -> None:
    document = described("1")
    assert document["openapi"].startswith("3.1")
    assert tuple(document["paths"]) == PATHS
    for path in PATHS:
        responses = document["paths"][path]["get"]["responses"]
        assert responses.keys() == {"200", "400", "404", "410", "429", "503", "default"}
        assert all(
            "application/problem+json" in one["content"]
            for key, one in responses.items()
            if key.isdigit() and key != "200"
        )
    for kind in document["paths"][PATHS[0]]["get"]["responses"]["200"]["content"]:
        assert negotiated(kind) == kind
    assert references(document)
    assert all(resolved(document, one) for one in references(document))
    shape = document["components"]["schemas"]["PublicRsvp"]
    assert list(shape["properties"]) == list(PublicRsvp.model_fields)


async def test_it_is_served_and_is_the_same_every_time() -> None:
    answers = []
    for _ in range(2):
        kafka = KafkaSettings("127.0.0.1:1", prefix="here.")
        log = Log(kafka, kafka.topic(PublicRsvp.topic), keep_ms=None)
        app = StreamEdge(Live(), log, Limits(), prefix=kafka.prefix).app(Health())
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://stream") as http:
            answers.append(await http.get("/openapi.json"))
            pages = [await http.get(path) for path in ("/docs", "/docs/swagger-ui-bundle.js", "/asyncapi")]
            messages = await http.get("/asyncapi.json")
    first, second = answers
    assert (first.status_code, first.headers["content-type"]) == (200, "application/json")
    assert first.headers["access-control-allow-origin"] == "*"
    assert first.content == second.content
    version = first.json()["info"]["version"]
    assert json.loads(json.dumps(described(version))) == first.json()
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert "Convene RSVP stream" in pages[0].text
    assert messages.headers["access-control-allow-origin"] == "*"
    told = messages.json()
    assert told["channels"].keys() == {PublicRsvp.topic}
    assert told["channels"][PublicRsvp.topic]["address"] == f"here.{PublicRsvp.topic}"
    assert [operation["action"] for operation in told["operations"].values()] == ["receive"]
