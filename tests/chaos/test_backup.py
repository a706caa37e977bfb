"""Row 22: MongoDB is restored from a backup while Kafka is ahead: no number that was used stands for something else."""

import asyncio
from secrets import token_hex

import pytest

from convene.acting.platform import Platform as Outside
from convene.faults.backup import back_up, restore
from convene.faults.offsets import forget_offsets, groups
from convene.load.setting import Field, Setting
from convene.load.topics import read_all
from convene.operating.access import accesses
from convene.operating.lanes import lanes
from testkit import Platform, eventually
from testkit.scratch import scratch_dir

from .playing import asked, clean, metric, one_try, settled, told, under_load
from .standing import Standing

pytestmark = pytest.mark.timeout(600)

SETTING = Setting(events=10, members=200, requests=800, capacity=50, at_once=16)
TOPIC = "events.rsvp.v1"


async def twice_used(servers: Standing) -> set[tuple[str, int]]:
    """Numbers of a subject that stand for more than one message."""
    seen: dict[tuple[str, int], str] = {}
    return {
        (one.subject, one.sequence)
        for one in (await read_all(servers.kafka, [TOPIC]))[TOPIC]
        if seen.setdefault((one.subject, one.sequence), one.id) != one.id
    }


async def all_answer(outside: Outside, field: Field) -> None:
    """Somebody answers each event; whether that is taken is not the question here."""
    for event_id in field.events:
        await asked(one_try(outside.person(f"late-{token_hex(3)}"), event_id))


async def stays_silent(servers: Standing, platform: Platform, outside: Outside, field: Field) -> None:
    """The lane's alarm rises, and however many go on answering, nothing of it is published."""

    async def alarmed() -> bool:
        await all_answer(outside, field)
        return await metric(platform, "events-relay", "convene_relay_disagrees") == 1

    await eventually(alarmed, within=60, every=0.5)
    for _ in range(5):
        await all_answer(outside, field)
    assert await twice_used(servers) == set()


async def begin_above(servers: Standing) -> list[str]:
    """What an operator does with the services stopped; the services whose topics held more than their journals."""
    ahead = []
    for one in accesses(servers.local, None):
        if any(lane.stopped or (lane.published or 0) > lane.batches for lane in await lanes(one)):
            await asyncio.to_thread(one.act, "new-generation")
            ahead.append(one.service)
    for group in await groups(servers.kafka):
        await forget_offsets(servers.kafka, group)
    return ahead


@pytest.mark.parametrize("running", [False, True], ids=["under-stopped-services", "under-running-ones"])
async def test_a_restored_journal_publishes_nothing_and_goes_on_above_what_was_told(
    servers: Standing, running: bool
) -> None:
    fields: list[Field] = []

    async def remember(field: Field) -> None:
        fields.append(field)

    with scratch_dir() as folder:
        backup = folder / "backup"
        async with servers.platform() as (platform, outside):
            ledger, audit = await under_load(outside, servers.kafka, SETTING, f"before-{token_hex(3)}", remember)
            clean(ledger, audit)
            await back_up(servers.mongod, servers.mongo_data, backup)
            ledger, audit = await under_load(outside, servers.kafka, SETTING, f"since-{token_hex(3)}", remember)
            clean(ledger, audit)
            await settled(platform)
            if running:
                await restore(servers.mongod, servers.mongo_data, backup)
                await stays_silent(servers, platform, outside, fields[0])
        if not running:
            await restore(servers.mongod, servers.mongo_data, backup)
            async with servers.platform() as (platform, outside):
                await stays_silent(servers, platform, outside, fields[0])
    assert "events" in await begin_above(servers)
    async with servers.platform() as (platform, outside):
        for event_id in fields[0].events:
            await told(outside, event_id)
        assert await metric(platform, "events-relay", "convene_relay_disagrees") == 0
        await settled(platform)
    assert await twice_used(servers) == set()
