"""The stream over a real Kafka: what is told, in which frames, from where on."""

import asyncio
import json
import time
from typing import Any

import pytest
from services.events.tests.streaming import (
    PARTITIONS,
    TOPIC,
    Publisher,
    Role,
    event_in,
    listening,
    numbers,
    partition_for,
    role,
    rsvp,
)

from chassis.kafka import KafkaSettings
from events_service.stream.limits import Limits
from testkit import eventually


def offsets(name: str) -> list[int]:
    return [part["offset"] for part in json.loads(name)]


async def test_a_reader_hears_of_rsvps_in_frames_with_the_whole_position(stream: Role, publish: Publisher) -> None:
    async with listening(f"{stream.url}/v2/stream/rsvps") as reader:
        await publish.send(rsvp(1, "e1"), rsvp(2, "e2"))
        await publish.send(rsvp(1, "e1", response="no"))
        told = await reader.take(3)
    assert reader.response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert [frame.event for frame in told] == ["message"] * 3
    of_one = [frame.value for frame in told if frame.value["rsvp_id"] == 1]
    assert of_one == [
        rsvp(1, "e1").model_dump(mode="json", exclude_none=True),
        rsvp(1, "e1", response="no").model_dump(mode="json", exclude_none=True),
    ]
    for frame in told:
        parts = json.loads(frame.id)
        assert [(part["topic"], part["partition"]) for part in parts] == [
            (publish.kafka.topic(TOPIC), partition) for partition in range(PARTITIONS)
        ]
    assert "Café Ströme".encode() in told[0].data.encode()
    assert list(told[0].value) == [
        "venue",
        "visibility",
        "response",
        "guests",
        "member",
        "rsvp_id",
        "mtime",
        "event",
        "group",
    ]


async def test_every_reader_of_a_process_sees_the_same_bytes(stream: Role, publish: Publisher) -> None:
    url = f"{stream.url}/v2/stream/rsvps"
    async with listening(url) as one, listening(url) as other, listening(url) as third:
        await publish.many(range(1, 201))
        heard = [await reader.take(200) for reader in (one, other, third)]
    assert heard[0] == heard[1] == heard[2]
    assert sorted(numbers(heard[0])) == list(range(1, 201))
    by_partition: dict[int, list[int]] = {}
    for frame in heard[0]:
        by_partition.setdefault(partition_for(frame.value["event"]["event_id"]), []).append(frame.value["rsvp_id"])
    assert all(found == sorted(found) for found in by_partition.values())


async def test_resuming_anywhere_loses_and_doubles_nothing(stream: Role, publish: Publisher) -> None:
    url = f"{stream.url}/v2/stream/rsvps"
    async with listening(url) as reader:
        await publish.many(range(1, 41))
        told = await reader.take(40)
    for at in (0, 7, 20, 39):
        async with listening(url, headers={"Last-Event-ID": told[at].id}) as again:
            rest = await again.take(39 - at) if at < 39 else []
        assert rest == told[at + 1 :]


async def test_a_new_process_resumes_from_the_log(kafka: KafkaSettings, publish: Publisher) -> None:
    async with role(kafka) as first, listening(f"{first.url}/v2/stream/rsvps") as reader:
        await publish.many(range(1, 101))
        told = await reader.take(50)
    await publish.many(range(101, 121))
    cold = Limits(per_address=100, warm=0)
    async with role(kafka, limits=cold) as second:
        assert second.stream.live.ring is not None
        async with listening(f"{second.url}/v2/stream/rsvps", headers={"Last-Event-ID": told[-1].id}) as again:
            rest = await again.take(70)
            await publish.many(range(121, 131))
            rest += await again.take(10)
    assert sorted(numbers([*told, *rest])) == list(range(1, 131))


async def test_what_is_aborted_is_never_told_and_what_nobody_sees_moves_the_position(
    stream: Role, publish: Publisher
) -> None:
    async with listening(f"{stream.url}/v2/stream/rsvps", params={"heartbeat": "1"}) as reader:
        await publish.send(rsvp(1, event_in(0)), committed=False)
        await publish.send((0, event_in(1)))
        await publish.send(rsvp(2, event_in(2)))
        (frame,) = await reader.take(1)
        assert frame.value["rsvp_id"] == 2

        async def quiet() -> None:
            await reader.take(1)

        beating = asyncio.create_task(quiet())
        # an aborted record and its marker; the reserved tombstone and a commit; a record and a commit
        await eventually(lambda: reader.id and offsets(reader.id)[:3] == [2, 2, 2])
        beating.cancel()
    assert reader.comments[0] == "heartbeat"


async def test_a_tombstone_is_told_and_hides_what_was_before_it(stream: Role, publish: Publisher) -> None:
    event = event_in(0)
    async with listening(f"{stream.url}/v2/stream/rsvps") as reader:
        await publish.send(rsvp(1, event), rsvp(2, event))
        await publish.send((1, event))
        told = await reader.take(3)
    assert (told[2].event, told[2].data) == ("deleted", '{"rsvp_id":1}')
    beginning = json.dumps(
        [{"topic": publish.kafka.topic(TOPIC), "partition": p, "offset": 0} for p in range(PARTITIONS)]
    )
    async with listening(f"{stream.url}/v2/stream/rsvps", headers={"Last-Event-ID": beginning}) as again:
        assert [(frame.event, frame.value["rsvp_id"]) for frame in await again.take(2)] == [
            ("message", 2),
            ("deleted", 1),
        ]
    ndjson = {"Last-Event-ID": beginning, "Accept": "application/x-ndjson"}
    async with listening(f"{stream.url}/v2/stream/rsvps", headers=ndjson) as lines:
        assert lines.response.headers["content-type"] == "application/x-ndjson; charset=utf-8"
        first, second = await lines.lines(2)
    assert (first["rsvp_id"], second) == (2, {"deleted": True, "rsvp_id": 1})


async def test_a_tombstone_hides_also_what_only_the_log_still_holds(kafka: KafkaSettings, publish: Publisher) -> None:
    event, other = event_in(0), event_in(1)
    await publish.send(rsvp(1, event), rsvp(2, event))
    await publish.send((1, event), (0, other))
    await publish.send(rsvp(3, other))
    beginning = json.dumps(
        [{"topic": publish.kafka.topic(TOPIC), "partition": p, "offset": 0} for p in range(PARTITIONS)]
    )
    async with (
        role(kafka, limits=Limits(warm=0)) as stream,
        listening(f"{stream.url}/v2/stream/rsvps", headers={"Last-Event-ID": beginning}) as reader,
    ):
        told = {(frame.event, frame.value["rsvp_id"]) for frame in await reader.take(3)}
    assert told == {("message", 2), ("deleted", 1), ("message", 3)}


async def test_meetups_clients_get_one_object_per_chunk_from_now_on(stream: Role, publish: Publisher) -> None:
    await publish.send(rsvp(1))
    await eventually(lambda: stream.stream.live.ring is not None and stream.stream.live.ring.last == 1)
    async with listening(f"{stream.url}/2/rsvps", params={"trickle": "", "unknown": "x"}) as reader:
        assert reader.response.headers["content-type"] == "application/json; charset=utf-8"
        await publish.send(rsvp(2), rsvp(3), (1, "e1"), rsvp(4))
        chunks: list[Any] = []
        async with asyncio.timeout(60):
            async for chunk, whole in reader.response.content.iter_chunks():
                assert whole
                assert chunk.endswith(b"}\n")
                chunks.append(json.loads(chunk))
                if len(chunks) == 3:
                    break
    assert [one["rsvp_id"] for one in chunks] == [2, 3, 4]


async def test_readers_choose_and_their_position_moves_all_the_same(stream: Role, publish: Publisher) -> None:
    mine = {
        "event_id": "ev3,ev5",
        "country": "DE",
        "topic": "bread",
        "group_urlname": "bakers-berlin",
        "response": "yes",
    }
    async with listening(f"{stream.url}/v2/stream/rsvps", params={**mine, "heartbeat": "1"}) as reader:
        await publish.many(range(1, 41))
        told = await reader.take(10)
        assert {frame.value["event"]["event_id"] for frame in told} == {"ev3", "ev5"}
        listening_on = asyncio.create_task(reader.take(1))
        ring = stream.stream.live.ring
        assert ring is not None
        await eventually(lambda: reader.id == ring.end_name.decode())
        listening_on.cancel()
    async with listening(f"{stream.url}/v2/stream/rsvps", params={"group_id": "6"}) as nobody:
        await publish.send(rsvp(50), rsvp(51, group={**rsvp(1).group.model_dump(exclude_none=True), "group_id": 6}))
        assert list(numbers(await nobody.take(1))) == [51]


async def test_the_last_few_and_since_a_time(kafka: KafkaSettings, publish: Publisher) -> None:
    await publish.many(range(1, 61))
    sent = 60
    for warm in (2000, 0):
        limits = Limits(per_address=100, warm=warm)
        async with role(kafka, limits=limits) as stream:
            async with listening(f"{stream.url}/2/rsvps", params={"since_count": "5"}) as reader:
                found = [one["rsvp_id"] for one in await reader.lines(5)]
                await publish.send(rsvp(1000 + warm))
                sent += 1
                assert [one["rsvp_id"] for one in await reader.lines(1)] == [1000 + warm]
            assert len(set(found)) == 5
            async with listening(f"{stream.url}/2/rsvps", params={"since_count": "100000"}) as reader:
                assert reader.response.status == 400
            for since in ({"since_mtime": "1700000000000"}, {"since": "2026-01-01T00:00:00+00:00"}):
                async with listening(f"{stream.url}/2/rsvps", params=since) as reader:
                    assert {one["rsvp_id"] for one in await reader.lines(sent)} >= set(range(1, 61))
            async with listening(f"{stream.url}/2/rsvps", params={"since": "2999-01-01"}) as reader:
                await publish.send(rsvp(2000 + warm))
                sent += 1
                assert [one["rsvp_id"] for one in await reader.lines(1)] == [2000 + warm]


async def test_times_are_sought_by_when_kafka_wrote_it_down_and_not_by_the_writers_clock(
    stream: Role, publish: Publisher
) -> None:
    began = int(time.time() * 1000)
    await publish.send(rsvp(1), at_ms=began - 7_200_000)
    # before it is committed for readers as well, it is news to everybody
    await eventually(lambda: stream.stream.live.ring is not None and stream.stream.live.ring.last == 1)
    async with listening(f"{stream.url}/2/rsvps", params={"since_mtime": str(began)}) as reader:
        assert [one["rsvp_id"] for one in await reader.lines(1)] == [1]


@pytest.mark.parametrize("path", ["/2/rsvps", "/v2/stream/rsvps"])
async def test_clients_of_http_1_0_get_no_chunks(kafka: KafkaSettings, publish: Publisher, path: str) -> None:
    async with role(kafka) as stream:
        reader, writer = await asyncio.open_connection("127.0.0.1", stream.port)
        writer.write(f"GET {path} HTTP/1.0\r\nhost: x\r\naccept: application/x-ndjson\r\n\r\n".encode())
        async with asyncio.timeout(60):
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await publish.send(rsvp(1))
            body = await reader.readline()
            stream.health.stop()
            body += await reader.read()
        writer.close()
    assert head.startswith(b"http/1.1 200")
    assert b"transfer-encoding" not in head
    assert b"connection: close" in head
    assert body == rsvp(1).model_dump_json(exclude_none=True).encode() + b"\n"


async def test_clients_of_http_1_0_are_put_off_and_refused_without_chunks(stream: Role, publish: Publisher) -> None:
    stream.stream.live.stop()
    for path, status in (("/2/rsvps", 503), ("/v2/stream/rsvps", 200), ("/2/rsvps?since=yesterday", 400)):
        reader, writer = await asyncio.open_connection("127.0.0.1", stream.port)
        writer.write(f"GET {path} HTTP/1.0\r\nhost: x\r\n\r\n".encode())
        async with asyncio.timeout(60):
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        assert head.startswith(b"HTTP/1.1 %d" % status)
        assert b"transfer-encoding" not in head.lower()
        assert f"content-length: {len(body)}\r\n".encode() in head.lower() + b"\r\n"
