"""A broker that has lost the end of its logs: the relay finds it by itself, and publishes what is missing."""

import asyncio

import pytest
from bank import add
from published import TOPIC, has_published, make_topics, published

from chassis.journal import Journal
from chassis.journal.shape import RELAYS
from chassis.kafka import KafkaSettings
from chassis.mongo import Database
from chassis.relay import Relay
from convene.faults.tail import lose, lost_power
from testkit import KafkaServer, eventually

from .damaging import repeated

Lost = list[tuple[str, int]]
POSITIONS = "events.relay.v1"
MANY = 100
LOST: dict[str, Lost] = {
    "records": [(TOPIC, 2)],
    "the end of a transaction": [(TOPIC, 1)],
    "records and positions": [(TOPIC, 2), (POSITIONS, MANY)],
    "a position": [(POSITIONS, 2)],
}
"""Batches taken from the end of each partition: a transaction's records are one, the mark of its end is another."""


@pytest.fixture
async def kafka(spare_kafka: KafkaServer) -> KafkaSettings:
    settings = KafkaSettings(spare_kafka.bootstrap)
    await make_topics(settings)
    return settings


async def loses(server: KafkaServer, lost: Lost) -> None:
    """The power goes while nobody writes, and comes back."""
    broker = server.running
    assert broker is not None
    broker.kill()
    await broker.wait_end(10)
    logs = broker.log.parent / "log"
    lost_power(logs)
    for topic, batches in lost:
        for number in range(4):
            await asyncio.to_thread(lose, logs, topic, number, batches)
    await broker.start()


async def told(journal: Journal, kafka: KafkaSettings, number: int, all_of_them: int) -> list[str]:
    """Decide so many things, one after another; the ids of all messages, once they are published."""
    for one in range(number):
        await journal.run(add("abc"[one % 3]))
    await eventually(lambda: has_published(kafka, all_of_them), within=60)
    return [id_ for _, _, id_, _ in await published(kafka)]


@pytest.mark.parametrize(
    ("lost", "anew"),
    [
        pytest.param("records", False, id="records-an idle relay"),
        pytest.param("a position", False, id="a position-an idle relay"),
        pytest.param("the end of a transaction", True, id="the end of a transaction-one that comes anew"),
        pytest.param("records and positions", True, id="records and positions-one that comes anew"),
    ],
)
async def test_a_relay_publishes_what_kafka_lost_and_nothing_else(  # noqa: PLR0917 - fixtures
    journal: Journal, database: Database, kafka: KafkaSettings, spare_kafka: KafkaServer, lost: str, anew: bool
) -> None:
    relay = Relay(database, kafka, "events", lease_seconds=1)
    await relay.start()
    before = [await told(journal, kafka, 1, number) for number in range(1, 10)][-1]  # each in a transaction of its own
    await eventually(lambda: database[RELAYS].count({"_id": "0.0", "published": 9}))
    counted = repeated()
    if anew:
        await relay.stop()
        relay = Relay(database, kafka, "events", lease_seconds=1)
    await loses(spare_kafka, LOST[lost])
    if anew:
        await relay.start()
    try:
        await eventually(lambda: repeated() > counted, within=60)

        async def as_before() -> bool:
            return sorted(id_ for _, _, id_, _ in await published(kafka)) == sorted(before)

        await eventually(as_before, within=60, every=0.5)
        after = await told(journal, kafka, 3, 12)
        assert len(set(after)) == 12
    finally:
        await relay.stop()
