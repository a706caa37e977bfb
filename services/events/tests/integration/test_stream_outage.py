"""Kafka goes away and comes back: readers stay, and hear everything once; and what a cut-back log means."""

import asyncio
import json
from dataclasses import replace

from aiokafka.admin import AIOKafkaAdminClient
from services.events.tests.streaming import (
    PARTITIONS,
    QUICK,
    TOPIC,
    event_in,
    listening,
    numbers,
    publisher,
    role,
    rsvp,
)

from chassis import topics
from chassis.kafka import KafkaSettings
from contracts.registry import topics as registry
from testkit import KafkaServer, eventually
from testkit.topics import cut_off


async def test_readers_stay_while_kafka_is_away(spare_kafka: KafkaServer) -> None:
    kafka = KafkaSettings(spare_kafka.bootstrap)
    assert spare_kafka.running is not None
    broker = spare_kafka.running
    async with (
        publisher(kafka) as before,
        role(kafka, limits=replace(QUICK, heartbeat=1.0)) as stream,
        listening(f"{stream.url}/v2/stream/rsvps") as reader,
        listening(f"{stream.url}/2/rsvps") as meetup,
    ):
        await before.many(range(1, 21))
        told = await reader.take(20)
        broker.kill()
        beats = len(reader.comments)
        beating = asyncio.create_task(reader.take(20, within=120))
        await eventually(lambda: len(reader.comments) > beats + 1, because="silence is broken all the same")
        async with listening(f"{stream.url}/v2/stream/rsvps", headers={"Last-Event-ID": told[9].id}) as late:
            assert [frame.id for frame in await late.take(10)] == [frame.id for frame in told[10:]]
        await broker.restart()
        async with publisher(kafka) as after:
            await after.many(range(21, 41))
        told += await beating
        assert sorted(numbers(told)) == list(range(1, 41))
        assert sorted(one["rsvp_id"] for one in await meetup.lines(40)) == list(range(1, 41))


async def test_a_log_that_was_cut_off_at_its_beginning_is_a_gap(kafka_bootstrap: str, topic_prefix: str) -> None:
    kafka = KafkaSettings(kafka_bootstrap, prefix=topic_prefix)
    event = event_in(3)
    async with publisher(kafka) as publish, role(kafka, limits=replace(QUICK, warm=0)) as stream:
        async with listening(f"{stream.url}/v2/stream/rsvps") as reader:
            await publish.send(rsvp(1, event), rsvp(2, event), rsvp(3, event))
            first = (await reader.take(3))[0]
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
        await admin.start()
        try:
            await topics.apply(kafka, {TOPIC: replace(registry()[TOPIC], cleanup="delete")})
            await cut_off(admin, stream.stream.log.partition(3), before=2)
        finally:
            await admin.close()
        async with role(kafka, limits=replace(QUICK, warm=0)) as cold:
            headers = {"Last-Event-ID": first.id}
            async with listening(f"{cold.url}/v2/stream/rsvps", headers=headers) as reader:
                gap, rest = await reader.take(2)
        assert gap.value["missing"] == [
            {"topic": kafka.topic(TOPIC), "partition": 3, "from": 1, "to": 2, "reason": "expired"},
        ]
        assert [part["offset"] for part in json.loads(gap.id)] == [0] * (PARTITIONS - 1) + [2]
        assert rest.value["rsvp_id"] == 3
        async with listening(f"{stream.url}/v2/stream/rsvps", headers=headers) as reader:
            assert list(numbers(await reader.take(2))) == [2, 3], "memory is whole, whatever became of the log"
