"""Row 7: the broker loses the end of its logs; what the journal holds is published again, and told once."""

import asyncio
from collections.abc import Mapping
from secrets import token_hex

import pytest

from chassis.kafka import KafkaSettings
from chassis.mongo import connect
from chassis.relay.record import records
from contracts.registry import topics
from convene.faults.tail import lose, lost_power
from convene.load.setting import Field, Setting
from convene.load.topics import read_all
from testkit import eventually

from .playing import clean, metric, settled, under_load
from .standing import Standing

pytestmark = pytest.mark.timeout(600)

SETTING = Setting(events=10, members=200, requests=1000, capacity=50, at_once=16)
TOPIC = "events.rsvp.v1"
BATCHES = 2
"""Of each partition: a transaction's records, and the mark of its end."""
POSITIONS = 100
"""Batches of the relay's own partition: the positions of more transactions than lost any records."""


async def journalled(environ: Mapping[str, str]) -> set[str]:
    """The ids of all messages of TOPIC in the journal."""
    database = connect(environ["MONGO_URL_EVENTS"])
    try:
        found = await database["journal"].find({}, sort=[("_id", 1)])
    finally:
        database.close()
    made = [record for batch in found for record in records(batch, "events", topics()) if record.topic == TOPIC]
    return {dict(record.headers)["ce_id"].decode() for record in made}


async def published(kafka: KafkaSettings) -> set[str]:
    return {sent.id for sent in (await read_all(kafka, [TOPIC]))[TOPIC]}


async def test_what_kafka_lost_is_published_again_from_the_journal(servers: Standing) -> None:
    async def nothing(field: Field) -> None:
        return

    async with servers.platform() as (platform, outside):
        ledger, audit = await under_load(outside, servers.kafka, SETTING, f"tail-{token_hex(3)}", nothing)
        clean(ledger, audit)
        await settled(platform)
        servers.broker.kill()
        await servers.broker.wait_end(10)
        lost_power(servers.kafka_logs)
        taken = [await asyncio.to_thread(lose, servers.kafka_logs, TOPIC, number, BATCHES) for number in range(4)]
        assert sum(taken) > 0
        assert await asyncio.to_thread(lose, servers.kafka_logs, "events.relay.v1", 0, POSITIONS) > 0
        await servers.broker.start()
        missing = await journalled(servers.environ) - await published(servers.kafka)
        assert missing, "nothing was lost"

        async def all_there() -> bool:
            return await published(servers.kafka) == await journalled(servers.environ)

        await eventually(all_there, within=60, every=1, because="the relay looks by itself")
        ledger, audit = await under_load(outside, servers.kafka, SETTING, f"after-{token_hex(3)}", nothing)
        clean(ledger, audit)
        assert await metric(platform, "events-relay", "convene_relay_disagrees") == 0
        await settled(platform)
