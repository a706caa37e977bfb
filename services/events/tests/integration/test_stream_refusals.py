"""What the stream refuses, what it says is missing, and how it lets readers go."""

import asyncio
import json
import re
import time
from dataclasses import replace
from typing import Any

from aiohttp import ClientSession
from services.events.tests.streaming import (
    PARTITIONS,
    QUICK,
    SETTINGS,
    TOPIC,
    Publisher,
    Role,
    event_in,
    listening,
    numbers,
    publisher,
    role,
    rsvp,
)

from chassis.kafka import KafkaSettings
from events_service.stream.position import written
from testkit import eventually

WEEK_AND_A_DAY_MS = 8 * 24 * 3600 * 1000


async def problem(url: str, **asked: Any) -> tuple[int, dict[str, Any]]:
    async with ClientSession() as session, session.get(url, **asked) as response:
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["access-control-allow-origin"] == "*"
        body = await response.json(content_type=None)
        assert body["status"] == response.status
        return response.status, body


def name(publish: Publisher, *offsets: int) -> str:
    return written(publish.kafka.topic(TOPIC), offsets).decode()


async def test_requests_that_make_no_sense_are_told_so(stream: Role, publish: Publisher) -> None:
    sse, meetup = f"{stream.url}/v2/stream/rsvps", f"{stream.url}/2/rsvps"
    other = written(publish.kafka.topic("groups.member.v1"), (0,) * PARTITIONS).decode()
    for url in (sse, meetup):
        assert (await problem(url, headers={"Last-Event-ID": other}))[0] == 404
        assert (await problem(url, headers={"Last-Event-ID": "junk"}))[0] == 400
        assert (await problem(url, headers={"Last-Event-ID": name(publish, 0)}))[0] == 400
        assert (await problem(url, params={"since": "yesterday"}))[0] == 400
        assert (await problem(f"{url}?{'&'.join(['topic=tea'] * 201)}"))[0] == 400
        status, body = await problem(url, params={"since_mtime": "1", "since_count": "1"})
        assert (status, body["type"]) == (400, "https://convene.dev/problems/invalid-parameter")
        websocket = {"Connection": "Upgrade", "Upgrade": "WebSocket", "Sec-WebSocket-Version": "13"}
        status, body = await problem(url, headers=websocket)
        assert (status, body["type"]) == (400, "https://convene.dev/problems/no-websocket")
        assert (await problem(url, params={"near": "100,200"}))[0] == 400
    assert (await problem(meetup, params={"callback": "f"}))[0] == 400
    assert (await problem(f"{stream.url}/v2/stream/members"))[0] == 404
    async with ClientSession() as session, session.post(sse) as response:
        assert (response.status, response.headers["allow"]) == (405, "GET, OPTIONS")


async def test_browsers_elsewhere_may_read(stream: Role, publish: Publisher) -> None:
    async with ClientSession() as session:
        async with session.options(f"{stream.url}/v2/stream/rsvps") as response:
            assert response.status == 204
            assert "last-event-id" in response.headers["access-control-allow-headers"]
        async with session.get(f"{stream.url}/v2/stream/rsvps") as response:
            assert response.headers["access-control-allow-origin"] == "*"


async def test_every_answer_names_its_trace(stream: Role, publish: Publisher) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    given = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    paths = ("/v2/stream/rsvps", "/2/rsvps", "/2/rsvps?since=yesterday", "/nowhere", "/health/ready", "/docs")
    async with ClientSession() as session:
        for path in paths:
            async with session.get(f"{stream.url}{path}", headers=given) as response:
                assert response.headers.getall("x-trace-id") == [trace], path
        new = set()
        for path in paths:
            async with session.get(f"{stream.url}{path}", headers={"traceparent": "junk"}) as response:
                new.add(response.headers["x-trace-id"])
    assert len(new) == len(paths)
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in new)


async def test_an_address_has_so_many_connections_and_no_more(kafka: KafkaSettings, publish: Publisher) -> None:
    async with role(kafka, limits=replace(QUICK, per_address=2)) as stream:
        url = f"{stream.url}/2/rsvps"
        async with listening(url), listening(url):
            async with ClientSession() as session, session.get(url) as refused:
                assert (refused.status, refused.headers["retry-after"]) == (429, "30")
            assert len(stream.stream.edge.admission) == 2
        await eventually(lambda: len(stream.stream.edge.admission) == 0)
        async with listening(url) as again:
            assert again.response.status == 200


async def test_a_position_beyond_the_end_is_never_jumped_from_silently(stream: Role, publish: Publisher) -> None:
    await publish.send(rsvp(1, event_in(1)))
    ring = stream.stream.live.ring
    assert ring is not None
    await eventually(lambda: ring.end_name.decode() == name(publish, 0, 2, 0, 0))
    far = {"Last-Event-ID": name(publish, *[50] * PARTITIONS)}
    status, body = await problem(f"{stream.url}/2/rsvps", headers=far)
    assert (status, body["errors"][0]["code"]) == (410, "beyond-the-end")
    async with listening(f"{stream.url}/v2/stream/rsvps", headers=far) as reader:
        (gap,) = await reader.take(1)
        await publish.send(rsvp(2, event_in(1)))
        (after,) = await reader.take(1)
    assert gap.event == "gap"
    assert gap.value["missing"][1] == {
        "topic": publish.kafka.topic(TOPIC),
        "partition": 1,
        "from": 50,
        "to": 2,
        "reason": "beyond-the-end",
    }
    assert gap.id == name(publish, 0, 2, 0, 0)
    assert after.value["rsvp_id"] == 2


async def test_what_may_have_been_compacted_is_a_gap(kafka: KafkaSettings) -> None:
    event = event_in(2)
    async with publisher(kafka, replace(SETTINGS, append_time=False)) as publish:
        await publish.send(rsvp(1, event), at_ms=int(time.time() * 1000) - WEEK_AND_A_DAY_MS)
        await publish.send(rsvp(2, event))
    start = {"Last-Event-ID": name(publish, *[0] * PARTITIONS)}
    async with role(kafka, limits=replace(QUICK, warm=0)) as stream:
        ndjson = {**start, "Accept": "application/json"}
        status, body = await problem(f"{stream.url}/v2/stream/rsvps", headers=ndjson)
        assert (status, body["errors"][0]["pointer"]) == (410, "partition/2")
        async with listening(f"{stream.url}/v2/stream/rsvps", headers=start) as reader:
            gap, *rest = await reader.take(3)
        assert [(one["partition"], one["from"], one["to"]) for one in gap.value["missing"]] == [(2, 0, 1)]
        assert list(numbers(rest)) == [1, 2]
        younger = {"Last-Event-ID": name(publish, 0, 0, 2, 0)}
        async with listening(f"{stream.url}/v2/stream/rsvps", headers=younger) as reader:
            assert list(numbers(await reader.take(1))) == [2]


async def test_a_stream_has_its_time_and_ends_between_frames(kafka: KafkaSettings, publish: Publisher) -> None:
    async with role(kafka, limits=replace(QUICK, lifetime=0.5)) as stream:
        async with listening(f"{stream.url}/v2/stream/rsvps") as reader:
            async with asyncio.timeout(60):
                whole = await reader.response.content.read()
        assert whole.startswith(b"retry: ")
        assert whole.endswith(b"\n\n")


async def test_stopping_ends_every_answer_whole(kafka: KafkaSettings, publish: Publisher) -> None:
    async with (
        role(kafka) as stream,
        listening(f"{stream.url}/v2/stream/rsvps") as sse,
        listening(f"{stream.url}/2/rsvps") as meetup,
    ):
        await publish.send(rsvp(1))
        await sse.take(1)
        await meetup.lines(1)
        stream.health.stop()
        async with asyncio.timeout(60):
            assert await sse.response.content.read() == b""
            assert await meetup.response.content.read() == b""
        assert (await problem(f"{stream.url}/2/rsvps"))[0] == 503
        async with listening(f"{stream.url}/v2/stream/rsvps") as later:
            assert later.response.status == 200, "an EventSource comes back after nothing else"
            assert b"data:" not in await later.response.content.read()


async def test_who_does_not_read_is_fed_from_the_log_and_let_go_in_the_end(
    kafka: KafkaSettings, publish: Publisher
) -> None:
    limits = replace(QUICK, ring_bytes=100_000, stalled=2.0, most_bytes=20_000)
    async with role(kafka, limits=limits) as stream:
        slow_reader, slow_writer = await asyncio.open_connection("127.0.0.1", stream.port, limit=1024)
        slow_writer.write(b"GET /v2/stream/rsvps HTTP/1.1\r\nhost: x\r\n\r\n")
        assert (await slow_reader.readline()).startswith(b"HTTP/1.1 200")
        assert len(stream.stream.edge.admission) == 1
        padding = {"event_name": "x" * 4000, "event_url": "https://x/y"}
        total = 3000
        async with listening(f"{stream.url}/2/rsvps") as quick:
            reading = asyncio.create_task(quick.lines(total, within=60))
            for first in range(0, total, 100):
                await publish.send(
                    *(rsvp(n + 1, event={**padding, "event_id": f"ev{n % 7}"}) for n in range(first, first + 100))
                )
            told = [one["rsvp_id"] for one in await reading]
        assert sorted(told) == list(range(1, total + 1))
        # the quick one leaves, and the slow one is let go: on a busy machine long before
        await eventually(lambda: len(stream.stream.edge.admission) == 0)
        heard = b""
        async with asyncio.timeout(60):
            try:
                while piece := await slow_reader.read(65_536):
                    heard += piece
            except ConnectionResetError:
                pass
        slow_writer.close()
    last = heard.rfind(b"\nid: ")
    while b"\n\n" not in heard[last + 1 :]:
        last = heard.rfind(b"\nid: ", 0, last)
    resume = heard[last + 5 : heard.index(b"\n", last + 1)].decode()
    seen = heard[: heard.index(b"\n\n", last)].count(b"event: message")
    async with (
        role(kafka) as again,
        listening(f"{again.url}/v2/stream/rsvps", headers={"Last-Event-ID": resume}) as reader,
    ):
        rest = await reader.take(total - seen, within=60)
    assert len(set(numbers(rest))) == total - seen


async def test_a_slow_reader_that_reads_again_gets_everything(kafka: KafkaSettings, publish: Publisher) -> None:
    limits = replace(QUICK, ring_bytes=50_000, most_bytes=20_000, stalled=120.0)
    async with role(kafka, limits=limits) as stream, listening(f"{stream.url}/v2/stream/rsvps") as slow:
        padding = {"event_name": "x" * 8000, "event_url": "https://x/y"}
        total = 2000
        for first in range(0, total, 100):
            await publish.send(
                *(rsvp(n + 1, event={**padding, "event_id": f"ev{n % 7}"}) for n in range(first, first + 100))
            )
        ring = stream.stream.live.ring
        assert ring is not None
        await eventually(lambda: ring.last == total)
        assert ring.first > total - 100
        told = await slow.take(total, within=60)
    assert sorted(numbers(told)) == list(range(1, total + 1))
    assert json.loads(told[-1].id)
