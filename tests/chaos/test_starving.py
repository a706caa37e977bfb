"""Row 17: processes that get a tenth of the processor, or no more memory, under load."""

from contextlib import AsyncExitStack
from secrets import token_hex

import pytest

from convene.acting.platform import client, reach
from convene.faults.starving import slowed, without_memory
from convene.load.setting import Field, Setting
from testkit import Platform

from .playing import beside, clean, kafka_of, settled, told, under_load

pytestmark = pytest.mark.timeout(600)

SETTING = Setting(events=10, members=200, requests=1500, capacity=50, at_once=16)
PROCESSES = ("events", "events-relay", "events-consumer", "notifications")


async def test_a_tenth_of_the_processor_makes_slow_and_nothing_wrong(spare_platform: Platform) -> None:
    async def slow(field: Field) -> None:
        async with AsyncExitStack() as all_slow:
            for name in PROCESSES:
                await all_slow.enter_async_context(slowed(spare_platform.processes()[name].pid, 0.1))
            await told(outside, event_id)

    async with client() as http:
        outside = reach(spare_platform.local, http, spare_platform.environ)
        event_id = await beside(outside)
        ledger, audit = await under_load(outside, kafka_of(spare_platform), SETTING, f"slow-{token_hex(3)}", slow)
        clean(ledger, audit)
        await settled(spare_platform)


@pytest.mark.parametrize("name", ["events", "notifications"])
async def test_a_process_without_memory_is_as_one_that_dies(spare_platform: Platform, name: str) -> None:
    async def starve(field: Field) -> None:
        with without_memory(spare_platform.processes()[name].pid, 1):
            for _ in range(3):
                await told(outside, event_id)

    async with client() as http:
        outside = reach(spare_platform.local, http, spare_platform.environ)
        event_id = await beside(outside)
        ledger, audit = await under_load(outside, kafka_of(spare_platform), SETTING, f"full-{token_hex(3)}", starve)
        clean(ledger, audit)
        await settled(spare_platform)
