"""The relay between a real mongod and a real Kafka: the topic is the journal, once, in order."""

import asyncio
from collections.abc import Awaitable, Callable

from bank import add
from published import make_topics, published

from chassis.journal import Journal
from chassis.kafka import KafkaSettings
from chassis.mongo import Database
from chassis.relay import Relay
from testkit import KafkaServer, eventually

Start = Callable[..., Awaitable[Journal]]


async def journalled(database: Database) -> int:
    return sum(len(entry["messages"]) for batch in await database["journal"].find({}) for entry in batch["entries"])


async def tells_the_journal(database: Database, kafka: KafkaSettings) -> list[tuple[str, int, str, bytes | None]]:
    """All of the journal is on the topic: once, and gapless in order per subject."""
    wanted = await journalled(database)

    async def complete() -> list[tuple[str, int, str, bytes | None]]:
        found = await published(kafka)
        assert len(found) >= wanted
        return found

    found = await eventually(complete, within=60)
    assert len(found) == wanted
    assert len({id_ for _, _, id_, _ in found}) == wanted
    for subject in {subject for subject, *_ in found}:
        sequences = [sequence for one, sequence, *_ in found if one == subject]
        assert sequences == list(range(1, len(sequences) + 1))
    return found


async def test_what_is_decided_is_published_once_in_order(
    journal: Journal, database: Database, bare_kafka: KafkaSettings, start_relay: Callable[[], Awaitable[Relay]]
) -> None:
    await asyncio.gather(*[journal.run(add(f"a{i % 7}")) for i in range(50)])
    await start_relay()
    await asyncio.gather(*[journal.run(add(f"a{i % 7}")) for i in range(200)])
    found = await tells_the_journal(database, bare_kafka)
    assert len(found) == 250
    assert all(id_.startswith("events-0.0-") for _, _, id_, _ in found)


async def test_relays_that_take_the_lane_from_each_other_publish_nothing_twice(
    journal: Journal, database: Database, bare_kafka: KafkaSettings, start_relay: Callable[[], Awaitable[Relay]]
) -> None:
    relays = [await start_relay(), await start_relay()]

    async def rob() -> None:
        for round_ in range(12):
            before = [relay._relays[0].lease.owner for relay in relays]
            loser = round_ % 2
            await database["relays"].update_one(
                {"_id": "0.0", "owner": before[loser]}, {"$set": {"owner": before[1 - loser], "until": None}}
            )
            relays[1 - loser].ring()
            await asyncio.gather(*[journal.run(add(f"a{i % 3}")) for i in range(30)])

    await rob()
    await tells_the_journal(database, bare_kafka)


async def test_rsvps_go_on_without_kafka_and_drain_in_order(
    spare_kafka: KafkaServer, journal: Journal, database: Database
) -> None:
    kafka = KafkaSettings(bootstrap=spare_kafka.bootstrap)
    await make_topics(kafka)
    relay = Relay(database, kafka, "events", lease_seconds=1)
    await relay.start()
    try:
        await asyncio.gather(*[journal.run(add(f"a{i % 3}")) for i in range(100)])
        await eventually(lambda: relay._relays[0].n > 0)
        assert spare_kafka.running is not None
        spare_kafka.running.kill()
        async with asyncio.timeout(30):
            await asyncio.gather(*[journal.run(add(f"a{i % 3}")) for i in range(300)])
        await spare_kafka.running.restart()
        await asyncio.gather(*[journal.run(add(f"a{i % 3}")) for i in range(100)])
        assert len(await tells_the_journal(database, kafka)) == 500
    finally:
        await relay.stop()
