"""Row 16: the disk under mongod, the broker, or the services' logs is full, under load; then there is room again."""

from pathlib import Path
from secrets import token_hex

import pytest

from convene.acting.platform import client, reach
from convene.faults.disk import small_disk
from convene.load.setting import Field, Setting
from testkit import eventually
from testkit.platform import running_platform
from testkit.scratch import scratch_dir

from .playing import beside, clean, kafka_of, settled, under_load

pytestmark = pytest.mark.timeout(600)

SETTING = Setting(events=10, members=200, requests=1500, capacity=50, at_once=8)
SIZES = {"mongod": 480, "kafka": 160, "logs": 8}
"""Megabytes with which each starts and runs; the services write into `logs` of themselves."""
ROOM = 400


def has_died(local: Path, name: str) -> bool:
    """Whether the platform's supervisor has said so."""
    lines = (local / "up.log").read_text().splitlines()
    return any(f"{name} ended" in line or f"{name} was killed" in line for line in lines)


@pytest.mark.parametrize("what", SIZES)
async def test_a_full_disk_loses_nothing_that_was_answered(what: str) -> None:
    with scratch_dir() as folder, small_disk(folder / what, SIZES[what]) as disk:
        async with running_platform(folder) as platform, client() as http:
            outside = reach(platform.local, http, platform.environ)
            event_id = await beside(outside)

            async def full(field: Field) -> None:
                assert disk.fill() > 0
                if what == "logs":
                    for number in range(10):  # with no room for a single line
                        person = outside.person(f"late-{number}-{token_hex(3)}")
                        await person.put("events", f"/v1/events/{event_id}/rsvp", {"response": "yes", "guests": 0})
                else:
                    await eventually(lambda: has_died(folder, what), within=60, every=0.2)
                disk.grow(SIZES[what] + ROOM)

            ledger, audit = await under_load(outside, kafka_of(platform), SETTING, f"full-{token_hex(3)}", full)
            clean(ledger, audit)
            await settled(platform)
