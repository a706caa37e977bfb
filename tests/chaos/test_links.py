"""Row 14: links to Kafka and MongoDB that are cut, half open, reset, slow or broken up, under load."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from secrets import token_hex
from urllib.parse import urlsplit

import psutil
import pytest

from chassis.kafka import KafkaSettings
from convene.acting.platform import Platform as Outside
from convene.acting.platform import client, reach
from convene.faults.links import linked_kafka, through
from convene.faults.toxiproxy import CRUMBS, CUT_SHORT, FAR, HALF_OPEN, NARROW, RESET, Link, Toxic, toxiproxy
from convene.load.setting import Field, Setting
from convene.parts.ports import LOOPBACK
from convene.stack.plan import SERVICES
from testkit import MongoServer, Platform, eventually
from testkit.platform import running_platform
from testkit.scratch import scratch_dir

from .playing import beside, clean, heard_for, settled, under_load

pytestmark = pytest.mark.timeout(900)

SETTING = Setting(events=4, members=100, requests=600, capacity=40, at_once=8)
TOXICS: dict[str, Toxic | None] = {
    "cut": None,
    "half open": HALF_OPEN,
    "reset": RESET,
    "cut short": CUT_SHORT,
    "crumbs": CRUMBS,
    "narrow": NARROW,
    "far": FAR,
}
HOLD_S = 6.0
LONGEST_S = 12.0
"""Within which an RSVP has its answer or a 503, whatever is wrong: 8 s for a decision, and what is around it."""
MORE_FILES = 15


@dataclass(frozen=True, slots=True)
class Linked:
    """A platform whose services reach their servers through links."""

    platform: Platform
    outside: Outside
    kafka: KafkaSettings
    links: dict[str, Link]

    def open_files(self) -> dict[str, int]:
        """Sockets and files of each process of a service."""
        processes = self.platform.processes()
        names = [name for name in processes if name.partition("-")[0] in SERVICES]
        return {name: psutil.Process(processes[name].pid).num_fds() for name in names}


@pytest.fixture
async def linked(spare_mongo: MongoServer) -> AsyncIterator[Linked]:
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(scratch_dir())
        proxy = await stack.enter_async_context(toxiproxy(folder / "toxiproxy.log"))
        broker, to_kafka = await linked_kafka(folder / "kafka", proxy)
        stack.push_async_callback(broker.stop)
        to_mongo = await proxy.link("mongod", urlsplit(spare_mongo.root_url).port or 0)
        urls = {name: await stack.enter_async_context(spare_mongo.database(name)) for name in SERVICES}
        environ = {f"MONGO_URL_{name.upper()}": through(url, to_mongo) for name, url in urls.items()}
        environ["KAFKA_BOOTSTRAP"] = f"{LOOPBACK}:{to_kafka.port}"
        platform = await stack.enter_async_context(running_platform(folder / "local", environ))
        http = await stack.enter_async_context(client())
        outside = reach(platform.local, http, platform.environ)
        yield Linked(platform, outside, KafkaSettings(broker.address), {"kafka": to_kafka, "mongod": to_mongo})


async def hold(linked: Linked, link: Link, toxic: Toxic | None, event_id: str) -> list[int]:
    """The link is ill for HOLD_S; what somebody hears who asks meanwhile."""
    async with link.cut() if toxic is None else link.ill(toxic):
        heard = await heard_for(HOLD_S, linked.outside, event_id, within=LONGEST_S)
    assert set(heard) <= {200, 201, 503}
    return heard


@pytest.mark.parametrize("server", ["mongod", "kafka"])
async def test_an_ill_link_bounds_every_wait_and_leaves_nothing_behind(linked: Linked, server: str) -> None:
    event_id = await beside(linked.outside)
    counts: list[dict[str, int]] = []
    for turn in range(2):
        for name, toxic in TOXICS.items():

            async def ill(field: Field, name: str = name, toxic: Toxic | None = toxic) -> None:
                heard = await hold(linked, linked.links[server], toxic, event_id)
                if server == "kafka":
                    assert set(heard) <= {200, 201}, f"{name}: RSVPs do not wait for Kafka"

            run = f"{server}-{name.replace(' ', '-')}-{turn}-{token_hex(2)}"
            ledger, audit = await under_load(linked.outside, linked.kafka, SETTING, run, ill)
            clean(ledger, audit)
        await settled(linked.platform)
        counts.append(linked.open_files())

    def no_more() -> bool:
        """Pools grow once, to what an ill link makes them need; what leaks grows again."""
        first, now = counts[0], linked.open_files()
        assert {name for name in now if now[name] > first[name] + MORE_FILES} == set(), (first, now)
        return True

    await eventually(no_more, within=30)
