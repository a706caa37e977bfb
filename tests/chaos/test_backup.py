"""Row 22: MongoDB is restored from a backup while Kafka is ahead: no number that was used stands for something else."""

import asyncio
from secrets import token_hex

import httpx2
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

from .playing import clean, metric, settled, told, under_load
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


async def asks(outside: Outside, event_id: str) -> None:
    """Somebody who answers an event; whether that is taken is not the question here."""
    person = outside.person(f"late-{token_hex(3)}")
    head = {"authorization": f"Bearer {person.token}", "idempotency-key": token_hex(8)}
    url = f"{outside.addresses['events']}/v1/events/{event_id}/rsvp"
    try:
        await outside.http.put(url, json={"response": "yes", "guests": 0}, headers=head, timeout=15)
    except httpx2.TransportError:
        return


async def stays_silent(servers: Standing, platform: Platform, outside: Outside, field: Field) -> None:
    """The lane's alarm rises, and however many go on answering, nothing of it is published."""

    async def alarmed() -> bool:
        for event_id in field.events:
            await asks(outside, event_id)
        return await metric(platform, "events-relay", "convene_relay_disagrees") == 1

    await eventually(alarmed, within=60, every=0.5)
    for _ in range(5):
        for event_id in field.events:
            await asks(outside, event_id)
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
