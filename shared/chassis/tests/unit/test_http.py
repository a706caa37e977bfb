"""What every request meets, whatever the service."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from notes import TRACE, House, problem
from structlog.testing import capture_logs

from chassis.health import Health
from chassis.http import probe_app


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    yield made
    await made.http.aclose()


async def test_the_frameworks_own_refusals_are_problems(house: House) -> None:
    problem(await house.http.get("/v1/nowhere?sesame"), 404, "not-found")
    response = await house.http.delete("/v1/notes")
    problem(response, 405, "method-not-allowed")
    assert response.headers["allow"] == "GET, POST"
    response = await house.http.delete("/v1/notes/n1.txt")
    assert response.headers["allow"] == "GET", "not what there is at a path that only looks the same"
    assert (await house.http.delete("/v1/notes/n1")).headers["allow"] == "GET, PATCH, PUT"
    found = problem(await house.http.get("/v1/notes?limit=0&cursor=x"), 422, "invalid-request")
    assert found["errors"][0]["pointer"] == "query/limit"


async def test_a_defect_says_nothing_but_where_to_look(house: House) -> None:
    with capture_logs() as logged:
        response = await house.http.get("/v1/notes/broken")
    problem(response, 500, "internal-error")
    assert "sesame" not in response.text
    assert [(line["event"], line["route"], line["exc_info"]) for line in logged] == [
        ("a request failed", "/v1/notes/{note_id}", True)
    ]


async def test_a_lean_body_must_be_json(house: House) -> None:
    headers = {**house.me, "content-type": "text/plain"}
    problem(
        await house.http.put("/v1/notes/n1", content=b'{"text":"hi"}', headers=headers), 415, "unsupported-media-type"
    )


async def test_anonymous_where_it_may_be(house: House) -> None:
    assert (await house.http.get("/v1/notes/n1")).json() == {"text": "nobody"}
    assert (await house.http.get("/v1/notes/n1", headers=house.me)).json() == {"text": "ada"}


@pytest.mark.parametrize("path", ["/v1/notes", "/v1/notes/n1", "/v1/members/me/erasure"])
async def test_a_token_that_is_no_good_is_refused_wherever_it_is_sent(house: House, path: str) -> None:
    for sent in ("Bearer junk", "Basic YTpi", house.me["authorization"] + "x"):
        problem(await house.http.get(path, headers={"authorization": sent}), 401, "unauthenticated")


PIN = "/v1/notes/n1/pin"


@pytest.mark.parametrize("sent", [b"", b" ", b"{}", b" { } "])
async def test_where_no_body_is_wanted_an_empty_one_does_no_harm(house: House, sent: bytes) -> None:
    assert (await house.http.post(PIN, content=sent, headers=house.me)).status_code == 200


@pytest.mark.parametrize(
    ("sent", "pointer"), [(b'{"zzz":1}', "body/zzz"), (b"[]", "body"), (b"null", "body"), (b"hi", "body")]
)
async def test_where_no_body_is_wanted_another_is_refused(house: House, sent: bytes, pointer: str) -> None:
    found = problem(await house.http.post(PIN, content=sent, headers=house.me), 422, "invalid-request")
    assert found["errors"][0]["pointer"] == pointer
    problem(await house.http.post(PIN, content=sent), 401, "unauthenticated")
    assert house.desk.commands == []


async def test_where_no_body_is_wanted_one_of_unknown_length_is_cut_off(house: House) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b" " * 65_536

    problem(await house.http.post(PIN, content=parts(), headers=house.me), 413, "content-too-large")
    assert house.desk.commands == []


async def test_a_scope_may_be_needed(house: House) -> None:
    problem(await house.http.get("/v1/scoped", headers=house.me), 403, "insufficient-scope")
    headers = {"authorization": f"Bearer {house.issuer.token('ada', scope='x notes:write')}"}
    assert (await house.http.get("/v1/scoped", headers=headers)).json() == "ada"


@pytest.mark.parametrize(
    ("header", "status", "reason"),
    [
        (None, 428, "precondition-required"),
        *((wrong, 412, "stale-version") for wrong in ('W/"3"', "3", '"3" "4"', '"3",', "*, 3", '"three"', "")),
        (", ".join(f'"{version}"' for version in range(101)), 412, "stale-version"),
    ],
)
async def test_a_change_names_its_version(house: House, header: str | None, status: int, reason: str) -> None:
    headers = {} if header is None else {"if-match": header}
    problem(await house.http.patch("/v1/notes/n1", headers=headers), status, reason)
    assert (await house.http.patch("/v1/notes/n1", headers={"if-match": '"3"'})).json() == 3


async def test_what_is_replaced_may_be_named(house: House) -> None:
    stars = "/v1/notes/n1/stars"
    assert (await house.http.put(stars)).json() is None
    assert (await house.http.put(stars, headers={"if-match": '"3"'})).json() == 3
    problem(await house.http.put(stars, headers={"if-match": "3"}), 412, "stale-version")


@pytest.mark.parametrize(
    ("header", "seen"),
    [
        ("*", []),
        (' "3" ', 3),
        ('"777", "3"', [777, 3]),
        ('"777","3"', [777, 3]),
        ('W/"3", "4", "3-gzip", "five,6", "3"', [4, 3]),
        ('W/"3", "4"', 4),
        ('"3", "3"', 3),
    ],
)
async def test_several_versions_or_any_may_be_named(house: House, header: str, seen: Any) -> None:
    assert (await house.http.patch("/v1/notes/n1", headers={"if-match": header})).json() == seen
    assert (await house.http.put("/v1/notes/n1/stars", headers={"if-match": header})).json() == seen


async def test_pages_follow_each_other(house: House) -> None:
    seen: list[int] = []
    path: str | None = "/v1/notes?limit=2&q=a%20b"
    while path:
        response = await house.http.get(path)
        seen += response.json()["items"]
        assert ("next_cursor" in response.json()) == ("link" in response.headers)
        path = response.links["next"]["url"] if "link" in response.headers else None
        assert path is None or "q=a+b" in path
    assert seen == [0, 1, 2, 3, 4]


async def test_probes_and_metrics(house: House) -> None:
    house.health.progress_of("journal", lambda: {"oldest_seconds": 1.5})
    assert (await house.http.get("/health/live")).json() == {"status": "live"}
    assert (await house.http.get("/health/ready")).status_code == 200
    assert (await house.http.get("/health/progress")).json() == {"journal": {"oldest_seconds": 1.5}}
    await house.http.get("/v1/notes/n7")
    text = (await house.http.get("/metrics")).text
    assert 'convene_http_request_seconds_count{method="GET",route="/v1/notes/{note_id}",status="200"}' in text
    assert 'convene_oldest_unprocessed_seconds{part="journal"} 1.5' in text
    assert "n7" not in text


async def test_health_without_an_api_names_its_trace_too() -> None:
    health = Health()
    app = probe_app(health)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://relay") as http:
        for path in ("/health/live", "/health/ready", "/health/progress", "/metrics", "/nowhere"):
            found = await http.get(path, headers={"traceparent": TRACE})
            assert found.headers["x-trace-id"] == TRACE[3:35], path
        problem(await http.get("/nowhere"), 404, "not-found")
        problem(await http.post("/health/live"), 405, "method-not-allowed")


async def test_other_origins_only_where_allowed(house: House) -> None:
    asks = {"origin": "https://app.example", "access-control-request-method": "PUT"}
    assert (await house.http.options("/v1/notes/n1", headers=asks)).status_code == 405
    open_house = House(cors_origins=("https://app.example",))
    answered = await open_house.http.options("/v1/notes/n1", headers=asks)
    assert answered.headers["access-control-allow-origin"] == "https://app.example"
    headers = {"origin": "https://app.example", "content-type": "application/json"}
    too_long = await open_house.http.put("/v1/notes/n1", content=b"x" * 300_000, headers=headers)
    problem(too_long, 413, "content-too-large")
    assert too_long.headers["access-control-allow-origin"] == "https://app.example"
    assert "x-trace-id" in too_long.headers["access-control-expose-headers"].lower()
    other = await open_house.http.options("/v1/notes/n1", headers=asks | {"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers
    await open_house.http.aclose()


async def test_openapi_shows_lean_routes_and_problems(house: House) -> None:
    found = (await house.http.get("/openapi.json")).json()
    assert found["openapi"] == "3.1.0"
    put = found["paths"]["/v1/notes/{note_id}"]["put"]
    assert put["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/Note")
    assert put["security"] == [{"accessToken": []}]
    assert {"$ref": "#/components/parameters/IdempotencyKey"} in put["parameters"]
    for path in found["paths"].values():
        for operation in path.values():
            assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}
    assert "HTTPValidationError" not in str(found)
    assert found["components"]["schemas"]["Note"]["additionalProperties"] is False


@pytest.mark.parametrize(
    ("method", "path", "refusals"),
    [
        ("get", "/v1/notes", "400 401 422 429 503"),
        ("get", "/v1/notes/{note_id}", "400 401 404 422 429 503"),
        ("get", "/v1/scoped", "400 401 403 429 503"),
        ("post", "/v1/notes", "400 401 409 413 422 429 503"),
        ("put", "/v1/notes/{note_id}", "400 401 404 409 413 415 422 429 503"),
        ("post", "/v1/notes/{note_id}/pin", "400 401 404 409 413 422 429 503"),
        ("put", "/v1/notes/{note_id}/stars", "400 401 404 412 413 422 429 503"),
        ("patch", "/v1/notes/{note_id}", "400 401 404 412 413 422 428 429 503"),
    ],
)
async def test_openapi_lists_what_an_operation_may_be_refused_with(
    house: House, method: str, path: str, refusals: str
) -> None:
    found = (await house.http.get("/openapi.json")).json()
    responses = found["paths"][path][method]["responses"]
    assert [status for status in sorted(responses) if status[0] in "45"] == refusals.split()
    for status in refusals.split():
        told = responses[status]
        told = found["components"]["responses"][told["$ref"].rpartition("/")[2]] if "$ref" in told else told
        assert "application/problem+json" in told["content"]


async def test_openapi_names_the_scope_and_the_version_that_are_needed(house: House) -> None:
    found = (await house.http.get("/openapi.json")).json()
    assert found["paths"]["/v1/scoped"]["get"]["security"] == [{"accessToken": ["notes:write"]}]
    change = found["paths"]["/v1/notes/{note_id}"]["patch"]
    assert {"$ref": "#/components/parameters/IfMatch"} in change["parameters"]
    assert found["components"]["parameters"]["IfMatch"]["required"]
    replacing = found["paths"]["/v1/notes/{note_id}/stars"]["put"]
    assert {"$ref": "#/components/parameters/IfSeen"} in replacing["parameters"]
    assert "required" not in found["components"]["parameters"]["IfSeen"]


async def test_the_pages_load_nothing_from_elsewhere(house: House) -> None:
    for path in ("/docs", "/asyncapi"):
        response = await house.http.get(path)
        assert response.headers["content-security-policy"].startswith("default-src 'none'")
        loaded = re.findall(
            r"""(?:src|href|action)\s*=\s*["']?([^"'\s>]+)|url\(([^)]+)\)|@import\s+(\S+)""", response.text
        )
        assert loaded
        assert not [
            address for found in loaded for address in found if ":" in address and not address.startswith("data:")
        ]
    for asset in ("swagger-ui.css", "swagger-ui-bundle.js", "start.js"):
        response = await house.http.get(f"/docs/{asset}")
        assert response.status_code == 200
        assert len(response.content) > 100
    problem(await house.http.get("/docs/start.py"), 404, "not-found")
