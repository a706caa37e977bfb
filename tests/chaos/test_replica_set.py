"""Row 5: a set of three whose primary steps down, and whose isolated primary is rolled back, under load."""

import secrets
from collections.abc import AsyncIterator

import pytest
from pymongo import WriteConcern
from pymongo.read_concern import ReadConcern

from convene.acting.platform import Platform as Outside
from convene.acting.platform import client, reach
from convene.faults.replicas import Client, ReplicaSet, replica_set
from convene.load.setting import Field, Setting
from convene.stack.plan import SERVICES
from testkit import Platform, eventually
from testkit.platform import running_platform
from testkit.scratch import scratch_dir

from .playing import clean, kafka_of, settled, under_load

pytestmark = pytest.mark.timeout(600)

SETTING = Setting(events=10, members=200, requests=2000, capacity=50, at_once=16)
SCRATCH = "lost_writes"


@pytest.fixture
async def three() -> AsyncIterator[tuple[Platform, Outside, ReplicaSet]]:
    users = {name: secrets.token_hex(8) for name in SERVICES}
    with scratch_dir() as folder:
        async with replica_set(folder / "set", users) as replicas:
            urls = {name: replicas.url(name, name, secret) for name, secret in users.items()}
            environ = {f"MONGO_URL_{name.upper()}": url for name, url in urls.items()}
            async with running_platform(folder / "local", environ) as platform, client() as http:
                yield platform, reach(platform.local, http, platform.environ), replicas


async def test_a_primary_that_steps_down_changes_no_answer(three: tuple[Platform, Outside, ReplicaSet]) -> None:
    platform, outside, replicas = three

    async def twice(field: Field) -> None:
        first = await replicas.step_down()
        assert await replicas.step_down() != first

    ledger, audit = await under_load(outside, kafka_of(platform), SETTING, f"down-{secrets.token_hex(3)}", twice)
    clean(ledger, audit)
    await settled(platform)


async def alone_with(member: Client) -> str:
    """The mark of a batch of the events journal that this member has, safe on its disk, and no majority; or nothing."""
    journal = member.events["journal"]
    last = [("_id", -1)]
    own = await journal.with_options(read_concern=ReadConcern("local")).find_one({}, sort=last)
    common = await journal.with_options(read_concern=ReadConcern("majority")).find_one({}, sort=last)
    assert own is not None
    assert common is not None
    times = (await member.admin.command("replSetGetStatus"))["optimes"]
    alone = own["_id"] != common["_id"] and times["durableOpTime"]["ts"] == times["appliedOpTime"]["ts"]
    return str(own["batch"]) if alone else ""


async def test_what_was_answered_survives_a_primary_that_is_rolled_back(
    three: tuple[Platform, Outside, ReplicaSet],
) -> None:
    platform, outside, replicas = three
    lost: list[str] = []
    old = 0

    async def isolated(field: Field) -> None:
        nonlocal old
        old = await replicas.others_deaf()
        async with replicas.direct(old) as alone:
            one = alone.get_database("admin", write_concern=WriteConcern(w=1))[SCRATCH]
            for number in range(3):
                await one.insert_one({"_id": number})
            lost.append(await eventually(lambda: alone_with(alone), within=20))
        new = await replicas.rolled_back(old)
        assert new != old

        async def follows() -> bool:
            async with replicas.direct(old) as member:
                return bool((await member.admin.command("hello")).get("secondary"))

        await eventually(follows, within=60, every=0.5)
        async with replicas.direct(new) as elected:
            assert await elected.admin[SCRATCH].count_documents({}) == 0, "a write of w:1 is what a rollback loses"
            assert await elected.events["journal"].count_documents({"batch": {"$in": lost}}) == 0

    ledger, audit = await under_load(outside, kafka_of(platform), SETTING, f"back-{secrets.token_hex(3)}", isolated)
    clean(ledger, audit)
    assert lost, "no batch was in the old primary alone: the fault came beside the point"
    await settled(platform)
