"""Rule 28: a place that is lost or too old is noticed, and the projection is read anew without anything following."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.protocol.admin import DeleteGroupsRequest
from consuming import QUICK, STATE, Publisher, headers

from chassis.consumers import Consumers, Effects, Received, Subscription, prepare
from chassis.consumers.tidying import LOOK_EVERY
from chassis.ids import derived_id
from chassis.journal import HANDOFFS, Command
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, Document, UpdateOne
from testkit import eventually
from testkit.topics import cut_off

Start = Callable[[], Awaitable[Consumers]]
ROWS = "rows"
TOLD = "told"


async def apply(messages: Sequence[Received[Any]], effects: Effects) -> None:
    """Keep the state; tell somebody and have something decided."""
    for message in messages:
        name = None if message.body is None else message.body.name
        row = {"_id": message.subject, "v": 1, "sequence": message.sequence}
        effects.put(ROWS, {**row, "deleted": True} if name is None else {**row, "name": name})
        id_ = derived_id(message.subject, str(message.sequence))
        effects.write(TOLD, UpdateOne({"_id": id_}, {"$inc": {"times": 1}}, upsert=True))
        effects.handoff(Command(id_, "account.add", message.subject, {}))


@pytest.fixture
def gate() -> asyncio.Event:
    """What the members wait for with a batch in hand; open unless a test closes it."""
    found = asyncio.Event()
    found.set()
    return found


@pytest.fixture
async def start(database: Database, kafka: KafkaSettings, name: str, gate: asyncio.Event) -> AsyncIterator[Start]:
    """Start a member of the test's group."""
    await prepare(database)
    for collection in (ROWS, TOLD):
        await database.ensure_collection(collection)
    running: list[Consumers] = []

    async def gated(messages: Sequence[Received[Any]], effects: Effects) -> None:
        await gate.wait()
        await apply(messages, effects)

    async def member() -> Consumers:
        read = [Subscription(STATE, gated, projects=(ROWS,))]
        found = Consumers("toy", database, kafka, read, name=name, timing=QUICK)
        await found.start()
        running.append(found)
        return found

    yield member
    gate.set()
    for one in running:
        await one.stop()


async def rows(database: Database) -> dict[str, Document]:
    found = await database[ROWS].find({}, fields={"v": 0})
    return {row.pop("_id"): row for row in found}


async def followed(database: Database) -> tuple[int, int]:
    """Notices and commands so far."""
    told = await database[TOLD].find({})
    return sum(one["times"] for one in told), await database[HANDOFFS].count({})


async def reads(database: Database, subject: str, sequence: int) -> None:
    """Wait until this is what is known of the subject, and the place is noted."""

    async def known() -> bool:
        assert (await rows(database)).get(subject, {}).get("sequence") == sequence
        found = await database["readings"].find_one({})
        assert found is not None
        return bool(found["places"].get("0", 0) > 0)

    await eventually(known, within=60)


async def caught_up(member: Consumers) -> None:
    await eventually(lambda: member.progress()["assigned"] == 4 and member.progress()["lag"] == 0, within=60)
    await member.stop()


async def admin(kafka: KafkaSettings) -> AIOKafkaAdminClient:
    client = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await client.start()
    return client


async def forget_offsets(kafka: KafkaSettings, group: str) -> None:
    """As Kafka does by itself a week after a group's last member has gone."""
    client = await admin(kafka)
    try:

        async def forgotten() -> bool:
            node = await client.find_coordinator(group)
            answer: Any = await client._send_request(DeleteGroupsRequest([group]), node)
            return bool(answer.results[0][1] == 0)  # refused while the last member is still leaving

        await eventually(forgotten, within=60)
    finally:
        await client.close()


async def compact_away(kafka: KafkaSettings, before: int) -> None:
    """What compaction does in weeks, done to the first records of partition 0."""
    topic = kafka.topic(STATE)
    client = await admin(kafka)
    try:
        policy = {"cleanup.policy": "compact,delete"}
        await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=policy)])
        await cut_off(client, TopicPartition(topic, 0), before=before)
    finally:
        await client.close()


async def test_lost_offsets_are_noticed_and_what_was_deleted_meanwhile_is_gone(
    start: Start, publish: Publisher, kafka: KafkaSettings, database: Database
) -> None:
    member = await start()
    await publish.state("gone", 1, 2)
    await publish.state("stays", 1)
    await reads(database, "stays", 1)
    await caught_up(member)
    assert await followed(database) == (3, 3)
    await publish.state("stays", 2)
    await compact_away(kafka, 3)
    await forget_offsets(kafka, member.group)
    again = await start()
    await reads(database, "stays", 2)
    await eventually(lambda: again.progress()["assigned"] == 4, within=60)

    async def buried() -> bool:
        return (await rows(database))["gone"] == {"sequence": 2, "deleted": True}

    await eventually(buried)
    assert (await rows(database))["stays"]["name"] == "Group 2"
    assert await followed(database) == (3, 3)
    await publish.state("stays", 3)
    await publish.state("gone", 7)
    await reads(database, "gone", 7)
    assert await followed(database) == (5, 5)


async def test_a_place_before_the_topic_s_beginning_is_lost(
    start: Start, publish: Publisher, kafka: KafkaSettings, database: Database
) -> None:
    member = await start()
    await publish.state("gone", 1)
    await reads(database, "gone", 1)
    await caught_up(member)
    await publish.state("stays", 1, 2, 3)
    await compact_away(kafka, 3)
    await start()
    await reads(database, "stays", 3)

    async def buried() -> bool:
        return (await rows(database))["gone"] == {"sequence": 1, "deleted": True}

    await eventually(buried, within=60)
    assert await followed(database) == (1, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"$set": {"rebuilding": True}},
        [{"$set": {"read_at": {"$dateSubtract": {"startDate": "$$NOW", "unit": "day", "amount": 30}}}}],
    ],
    ids=["an earlier one did not end", "read too long ago"],
)
async def test_what_else_makes_it_read_anew(start: Start, publish: Publisher, database: Database, change: Any) -> None:
    member = await start()
    await publish.state("stays", 1)
    await reads(database, "stays", 1)
    await caught_up(member)
    await database[ROWS].insert_one({"_id": "stray", "v": 1, "sequence": 4, "name": "Nobody's"})
    await database["readings"].update_one({}, change)
    await start()

    async def done() -> bool:
        assert (await rows(database))["stray"] == {"sequence": 4, "deleted": True}
        reading = await database["readings"].find_one({})
        return reading is not None and reading["rebuilding"] is False

    await eventually(done, within=60)
    assert (await rows(database))["stays"]["name"] == "Group 1"
    assert await followed(database) == (1, 1)


async def test_a_first_reading_and_a_partition_s_first_records_are_no_rebuild(
    start: Start, publish: Publisher, database: Database
) -> None:
    await publish.state("early", 1)
    member = await start()
    await reads(database, "early", 1)
    await caught_up(member)
    publish.partition = 1
    await publish.state("elsewhere", 1)
    await start()
    await reads(database, "elsewhere", 1)
    assert await followed(database) == (2, 2)


async def test_a_batch_in_hand_is_no_place_that_was_lost(
    database: Database, publish: Publisher, kafka: KafkaSettings, start: Start, gate: asyncio.Event
) -> None:
    gate.clear()
    await publish.state("stays", 1)
    member = await start()

    def looked_at_with_the_batch_in_hand() -> bool:
        found = member.progress()
        return bool(found["lag"] == 1 and found["oldest_seconds"] > 2 * LOOK_EVERY)

    await eventually(looked_at_with_the_batch_in_hand, within=60)
    another = await start()
    await eventually(lambda: another.progress()["assigned"] > 0, within=60)
    gate.set()
    await reads(database, "stays", 1)
    assert await followed(database) == (1, 1)


async def test_nothing_is_rebuilt_while_another_member_reads(
    start: Start, publish: Publisher, database: Database
) -> None:
    member = await start()
    await publish.state("stays", 1)
    await reads(database, "stays", 1)
    await database[ROWS].insert_one({"_id": "stray", "v": 1, "sequence": 4, "name": "Nobody's"})
    await database["readings"].update_one({}, {"$set": {"rebuilding": True}})
    await start()

    async def turned_away() -> bool:
        reading = await database["readings"].find_one({})
        assert reading is not None
        assert reading["build"] == 0
        return "owner" in reading and reading["until"] is None

    await eventually(turned_away, within=60)
    assert (await rows(database))["stray"]["name"] == "Nobody's"
    await caught_up(member)

    async def buried() -> bool:
        return (await rows(database))["stray"] == {"sequence": 4, "deleted": True}

    await eventually(buried, within=60)
    assert await followed(database) == (1, 1)


async def test_what_cannot_be_read_is_put_aside_by_a_rebuild_too(
    start: Start, publish: Publisher, kafka: KafkaSettings, database: Database
) -> None:
    member = await start()
    await publish.raw(STATE, "bad", b"no json", headers("bad", 1, STATE))
    await publish.state("stays", 1)
    await reads(database, "stays", 1)
    await caught_up(member)
    before = await database["parked"].find({}, fields={"at": 0, "tries": 0})
    assert len(before) == 1
    await forget_offsets(kafka, member.group)
    again = await start()
    await eventually(lambda: again.progress()["held"] == 1, within=60)
    assert await database["parked"].find({}, fields={"at": 0, "tries": 0}) == before
