"""What every writing request meets, on the lean way and on the framework's."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import notes
import pytest
from issuer import settings
from notes import House, problem
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis import position, telemetry
from chassis.clock import epoch_seconds, utc_now
from chassis.journal.command import fingerprint, is_repeat
from chassis.journal.decision import Result
from chassis.journal.outcome import Busy, Failed, Mismatch, Unknown
from chassis.mongo import errors
from testkit import eventually

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
Route = tuple[str, str]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    yield made
    await made.http.aclose()


@pytest.mark.parametrize("route", [("PUT", "/v1/notes/n1"), ("POST", "/v1/notes")], ids=["lean", "framework"])
class TestWriting:
    """The same over the lean way and over the framework's."""

    async def test_it_answers_the_decision(self, house: House, route: Route) -> None:
        response = await house.http.request(*route, json={"text": "hi"}, headers=house.me | {"traceparent": TRACE})
        assert response.status_code == 200
        assert response.json() == {"text": "ok", "version": 4}
        assert response.headers["etag"] == '"4"'
        assert response.headers["x-convene-position"] == "notes.note.v1:n1@4"
        assert response.headers["x-trace-id"] == TRACE[3:35]
        (command,) = house.desk.commands
        assert (command.actor, command.aggregate, command.body) == (
            "ada",
            "n1",
            {"text": "hi", "stars": 0, "weather": "sun"},
        )
        assert command.trace is not None
        assert telemetry.trace_id(command.trace) == TRACE[3:35]

    async def test_what_is_new_is_a_201(self, house: House, route: Route) -> None:
        house.desk.answer = Result({"text": "ok"}, created=True)
        response = await house.http.request(*route, json={"text": "hi"}, headers=house.me)
        assert response.status_code == 201
        assert "x-convene-position" not in response.headers

    async def test_a_key_makes_repeats_one_command(self, house: House, route: Route) -> None:
        async def send(text: str, **headers: str) -> None:
            await house.http.request(*route, json={"text": text}, headers=house.me | headers)

        bo = f"Bearer {house.issuer.token('bo')}"
        await send("hi", **{"idempotency-key": "k"})
        await send("hi", **{"idempotency-key": "k"})
        await send("ho", **{"idempotency-key": "k"})
        await send("hi", **{"idempotency-key": "other"})
        await send("hi", **{"idempotency-key": "k", "authorization": bo})
        await send("hi")
        await send("hi")
        first, repeat, changed, *others = house.desk.commands
        assert (first.id, first.fingerprint) == (repeat.id, repeat.fingerprint)
        assert first.id == changed.id
        assert first.fingerprint != changed.fingerprint
        assert len({first.id, *(command.id for command in others)}) == 5

    async def test_a_repeat_is_known_by_what_was_sent_and_not_by_what_it_came_to(
        self, house: House, route: Route, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def send(content: str, path: str = route[1], **headers: str) -> None:
            json = {"content-type": "application/json", "idempotency-key": "k"}
            await house.http.request(route[0], path, content=content, headers=house.me | json | headers)

        await send('{"text": "hi", "stars": 2}')
        await send('{"stars":2,"text":"hi"}')
        monkeypatch.setattr(notes, "WEATHER", "rain")
        await send('{"text": "hi", "stars": 2}')
        await send('{"text": "hi"}')
        await send('{"text": "hi", "stars": 2}', path=f"{route[1]}?loud=true")
        await send('{"text": "hi", "stars": 2}', **{"if-match": '"2"'})
        first, *others = house.desk.commands
        assert [one.body["weather"] for one in house.desk.commands] == ["sun", "sun", "rain", "rain", "rain", "rain"]
        assert [is_repeat(first.fingerprint, one.fingerprint) for one in others] == [True, True, False, False, False]
        assert {one.id for one in others} == {first.id}

    @pytest.mark.parametrize("key", ["", "a" * 256, "tab\tinside", "ä"])
    async def test_a_malformed_key_is_refused(self, house: House, route: Route, key: str) -> None:
        headers = [(b"authorization", house.me["authorization"].encode()), (b"idempotency-key", key.encode())]
        response = await house.http.request(*route, json={"text": "hi"}, headers=headers)
        problem(response, 400, "invalid-idempotency-key")

    async def test_the_services_table_says_what_a_refusal_is(self, house: House, route: Route) -> None:
        house.desk.answer = Result({}, refused="note-full", detail="It holds 10.")
        response = await house.http.request(*route, json={"text": "hi"}, headers=house.me)
        body = problem(response, 409, "note-full")
        assert (body["title"], body["detail"]) == ("The note is full", "It holds 10.")
        assert "retry-after" not in response.headers

    async def test_a_refusal_may_say_when_to_come_again(self, house: House, route: Route) -> None:
        for again_in, said in ((90, {"89", "90"}), (-5, {"1"})):
            again_at = (utc_now() + timedelta(seconds=again_in)).isoformat()
            house.desk.answer = Result({"again_at": again_at}, refused="note-full")
            response = await house.http.request(*route, json={"text": "hi"}, headers=house.me)
            problem(response, 409, "note-full")
            assert response.headers["retry-after"] in said

    @pytest.mark.parametrize(
        ("error", "told"),
        [
            (Busy(2.4), (503, "busy", "2")),
            (Unknown(), (503, "outcome-unknown", "1")),
            (Mismatch(), (422, "idempotency-key-reused", None)),
            (Failed(), (500, "decision-failed", None)),
            (errors.ServerSelectionTimeoutError("db:27017"), (503, "database-unavailable", "1")),
        ],
    )
    async def test_the_journals_trouble(
        self, house: House, route: Route, error: Exception, told: tuple[int, str, str | None]
    ) -> None:
        house.desk.answer = error
        response = await house.http.request(*route, json={"text": "hi"}, headers=house.me)
        problem(response, *told[:2])
        assert response.headers.get("retry-after") == told[2]
        assert "27017" not in response.text

    async def test_who_is_not_known_is_a_401(self, house: House, route: Route) -> None:
        for header in (
            {},
            {"authorization": "Basic x"},
            {"authorization": "Bearer"},
            {"authorization": "Bearer x.y.z"},
        ):
            response = await house.http.request(*route, json={"text": "hi"}, headers=header)
            problem(response, 401, "unauthenticated")
            assert response.headers["www-authenticate"] == "Bearer"

    async def test_without_the_issuers_keys_it_is_not_the_callers_fault(self, house: House, route: Route) -> None:
        house.issuer.up = False
        problem(await house.http.request(*route, json={"text": "hi"}, headers=house.me), 503, "issuer-unavailable")

    @pytest.mark.parametrize(
        ("body", "code", "pointer"),
        [
            ({"text": "hi", "sesame": 1}, "extra_forbidden", "body/sesame"),
            ({"text": 7}, "string_type", "body/text"),
            ({}, "missing", "body/text"),
        ],
    )
    async def test_a_body_that_does_not_fit(
        self, house: House, route: Route, body: dict[str, Any], code: str, pointer: str
    ) -> None:
        found = problem(await house.http.request(*route, json=body, headers=house.me), 422, "invalid-request")
        assert [(one["code"], one["pointer"]) for one in found["errors"]] == [(code, pointer)]
        assert set(found["errors"][0]) == {"code", "pointer", "detail"}

    @pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'{"text":"hi","stars":NaN}', b'{"text":"\\ud800"}'])
    async def test_what_is_not_json_for_it(self, house: House, route: Route, body: bytes) -> None:
        headers = {**house.me, "content-type": "application/json"}
        for key in ({}, {"idempotency-key": "k"}):
            response = await house.http.request(*route, content=body, headers=headers | key)
            assert response.status_code in {400, 422}
            assert response.headers["content-type"] == "application/problem+json"

    async def test_a_body_over_256_kib_is_refused(self, house: House, route: Route) -> None:
        headers = {**house.me, "content-type": "application/json"}
        fits = b'{"text":"' + b"x" * (256 * 1024 - 11) + b'"}'
        assert (await house.http.request(*route, content=fits, headers=headers)).status_code == 200
        problem(await house.http.request(*route, content=fits + b" ", headers=headers), 413, "content-too-large")

        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(257):
                yield b"x" * 1024

        response = await house.http.request(*route, content=pieces(), headers=headers)
        problem(response, 413, "content-too-large")

    async def test_a_position_is_waited_for(self, house: House, route: Route, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[tuple[str, object]] = []

        async def reached(database: object, header: str, consumed: object) -> bool:
            asked.append((header, consumed))
            return header != "groups.group.v1:g1@9"

        monkeypatch.setattr(position, "wait_until", reached)
        for header, status in (("groups.group.v1:g1@1", 200), ("groups.group.v1:g1@9", 503)):
            headers = {**house.me, "x-convene-position": header}
            response = await house.http.request(*route, json={"text": "hi"}, headers=headers)
            assert response.status_code == status
        problem(response, 503, "position-not-reached")
        assert response.headers["retry-after"] == "1"
        assert asked[0] == ("groups.group.v1:g1@1", frozenset({"groups.group.v1"}))
        assert len(house.desk.commands) == 1

    async def test_a_malformed_position_is_a_400(self, house: House, route: Route) -> None:
        headers = {**house.me, "x-convene-position": "here"}
        problem(await house.http.request(*route, json={"text": "hi"}, headers=headers), 400, "invalid-position")

    async def test_a_member_is_seen_once_and_again_with_a_younger_token(self, house: House, route: Route) -> None:
        now = int(epoch_seconds())
        for sub, issued_at in (("ada", now - 9), ("bo", now), ("ada", now - 9), ("ada", now - 60), ("ada", now)):
            headers = {"authorization": f"Bearer {house.issuer.token(sub, iat=issued_at)}"}
            await house.http.request(*route, json={"text": "hi"}, headers=headers | {"traceparent": TRACE})
        await eventually(lambda: len(house.seen) >= 3)
        assert sorted(house.seen) == ["ada", "ada", "bo"]
        assert house.traces == {TRACE[3:35]}

    async def test_who_looks_at_how_far_their_erasure_is_is_not_seen_by_it(self, house: House, route: Route) -> None:
        await house.http.get("/v1/members/me/erasure", headers=house.me)
        headers = {"authorization": f"Bearer {house.issuer.token('bo')}"}
        await house.http.request(*route, json={"text": "hi"}, headers=headers)
        await eventually(lambda: len(house.seen) >= 1)
        assert house.seen == ["bo"]

    async def test_it_waits_for_the_start(self, house: House, route: Route) -> None:
        house.health.started = False
        response = await house.http.request(*route, json={"text": "hi"}, headers=house.me)
        problem(response, 503, "not-ready")
        assert (await house.http.get("/health/live")).status_code == 200
        house.health.started = True
        house.health.stop()
        problem(await house.http.request(*route, json={"text": "hi"}, headers=house.me), 503, "not-ready")

    async def test_it_begins_a_trace_where_there_is_none(self, house: House, route: Route) -> None:
        exporter = InMemorySpanExporter()
        telemetry.setup("notes", settings(), exporter=exporter)
        try:
            for given in ({}, {"traceparent": "rubbish"}):
                answer = await house.http.request(*route, json={"text": "hi"}, headers=house.me | given)
                (span,) = exporter.get_finished_spans()
                assert span.context
                assert answer.headers["x-trace-id"] == f"{span.context.trace_id:032x}"
                assert span.parent is None
                exporter.clear()
        finally:
            telemetry.shutdown()

    async def test_it_is_one_step_of_the_trace(self, house: House, route: Route) -> None:
        exporter = InMemorySpanExporter()
        telemetry.setup("notes", settings(), exporter=exporter)
        try:
            await house.http.request(*route, json={"text": "hi"}, headers=house.me | {"traceparent": TRACE})
        finally:
            telemetry.shutdown()
        (span,) = exporter.get_finished_spans()
        pattern = "/v1/notes/{note_id}" if route[0] == "PUT" else "/v1/notes"
        assert span.name == f"{route[0]} {pattern}"
        assert span.context
        assert f"{span.context.trace_id:032x}" == TRACE[3:35]
        assert dict(span.attributes or {}) == {
            "http.request.method": route[0],
            "http.route": pattern,
            "http.response.status_code": 200,
        }
        assert house.desk.commands[0].trace == f"00-{TRACE[3:35]}-{span.context.span_id:016x}-01"


@pytest.mark.parametrize("nothing", [b"", b" ", b"{}", b"{ }\n"])
def test_no_body_is_one_that_says_nothing(nothing: bytes) -> None:
    assert fingerprint(nothing, b"", None) == fingerprint(b"", b"", None) != fingerprint(b"null", b"", None)
