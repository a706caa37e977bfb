"""Row 15: every process has another wrong clock, and they jump by an hour or two, under load."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from secrets import token_hex

import httpx2
import pytest

from chassis.mongo import connect
from convene.acting.platform import Person, client, reach
from convene.acting.platform import Platform as Outside
from convene.faults.clock import Clocks, clocks
from convene.load.setting import Field, Setting
from convene.operating.access import access
from convene.parts.ports import LOOPBACK
from convene.stack.plan import PROCESSES
from testkit import Platform, eventually
from testkit.platform import running_platform
from testkit.scratch import scratch_dir

from .playing import clean, kafka_of, settled, under_load

pytestmark = pytest.mark.timeout(600)

SETTING = Setting(events=10, members=200, requests=2000, capacity=50, at_once=8, mailed=10)
HOUR = 3600
FIRST = {
    "groups": -HOUR,
    "events": HOUR,
    "events-consumer": -HOUR,
    "events-relay": HOUR,
    "events-stream": -HOUR,
    "notifications": HOUR,
}


@pytest.fixture
async def wrong() -> AsyncIterator[tuple[Platform, Outside, Clocks]]:
    names = [process.name for process in PROCESSES]
    with scratch_dir() as folder, clocks(folder / "clocks", names) as made:
        for process, seconds in FIRST.items():
            made.set(process, seconds)
        async with running_platform(folder / "local", made.environ) as platform, client() as http:
            yield platform, reach(platform.local, http, platform.environ), made


def wall(ahead: timedelta) -> str:
    return (datetime.now(UTC) + ahead).replace(microsecond=0, tzinfo=None).isoformat()  # noqa: TID251 - real time


async def are_heard(platform: Platform, made: Clocks) -> bool:
    """Whether every process dates its answers by the clock it was given."""
    for name, ahead in made.ahead.items():
        port = platform.processes()[name].health_port
        async with httpx2.AsyncClient(trust_env=False) as http:
            answer = await http.get(f"http://{LOOPBACK}:{port}/health/live")
        dated = parsedate_to_datetime(answer.headers["date"])
        assert abs(dated - datetime.now(UTC) - timedelta(seconds=ahead)) < timedelta(minutes=1), name  # noqa: TID251 - real time
    return True


async def closing(host: Person, group_id: str, ahead: timedelta) -> str:
    """The path to RSVP to an event that takes RSVPs until then; its place in time is the true clock's."""
    body = {
        "title": "Closing",
        "starts_at": wall(timedelta(days=2)),
        "ends_at": wall(timedelta(days=2, hours=1)),
        "timezone": "UTC",
        "rsvp_closes_at": wall(ahead),
    }
    made = await host.post("events", f"/v1/groups/{group_id}/events", body)
    await host.post("events", f"/v1/events/{made['event_id']}/publish")
    return f"/v1/events/{made['event_id']}/rsvp"


async def written_between(platform: Platform) -> tuple[datetime, datetime, datetime, bool]:
    """First and last time in the events journal, the database's time now, and whether the times rise."""
    database = connect(access(platform.local, "events").variables["MONGO_URL"])
    try:
        found = [one["at"] for one in await database["journal"].find({}, sort=[("_id", 1)], fields={"at": 1})]
        now: datetime = (await database.command({"hello": 1}))["localTime"]
    finally:
        database.close()
    return found[0], found[-1], now, found == sorted(set(found))


async def test_clocks_that_are_wrong_and_jump_decide_nothing(wrong: tuple[Platform, Outside, Clocks]) -> None:
    platform, outside, made = wrong
    run = f"clocks-{token_hex(3)}"
    host = outside.person(f"host-{run}")
    yes = {"response": "yes", "guests": 0}

    async def jump(field: Field) -> None:
        still_open = await closing(host, field.group_id, timedelta(minutes=20))
        closed = await closing(host, field.group_id, timedelta(minutes=-20))
        for clock in (HOUR, -HOUR):
            for process, seconds in FIRST.items():
                made.set(process, seconds if clock == FIRST["events"] else -seconds)
            await eventually(partial(are_heard, platform, made), within=10, every=0.2)
            guest = outside.person(f"guest-{clock}-{run}")
            await guest.put("events", still_open, yes)
            refused = await guest.put("events", closed, yes, expect=(409,))
            assert refused["type"].endswith("rsvps-closed")

    ledger, audit = await under_load(outside, kafka_of(platform), SETTING, run, jump)
    clean(ledger, audit)
    await settled(platform)
    first, last, now, rising = await written_between(platform)
    assert rising
    assert now - timedelta(minutes=10) < first < last <= now
