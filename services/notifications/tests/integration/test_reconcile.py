"""The books agree after whatever the other tests did; the service finds planted damage by itself."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from chassis.mongo import Database, connect
from chassis.serve import Process
from notifications_service.app import own
from testkit import KafkaServer, MongoServer, eventually
from testkit.planting import found_in_a_pass, kept, nothing_wrong

from .community import rsvp
from .conftest import Service, fresh, prepared, running


async def test_the_books_agree(service: Service) -> None:
    ada, park = fresh("ada"), fresh("park")
    await service.reachable(ada)
    await service.publish("rsvp.confirmed", rsvp(park, "moms", ada, 1, "yes"), subject=park, actor=ada)
    await eventually(lambda: service.inbox(ada))
    await service.call(ada, "POST", "/inbox/read-all")

    async def settled() -> bool:
        report = await own(service.settings).reconciled()
        assert report.sound, report.document()
        return report.settled

    await eventually(settled, within=60, every=0.2)


@dataclass(frozen=True)
class Proving:
    process: Process
    database: Database


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def proving(mongo_server: MongoServer, kafka_server: KafkaServer, issuer: str) -> AsyncIterator[Proving]:
    """A worker with books of its own, which it proves all the time; nothing happens there but what a test plants."""
    often = {"reconcile_every": 0.1, "reconcile_share": 1.0}
    async with (
        prepared(mongo_server, kafka_server, issuer, 1, **often) as settings,
        running(settings, ("worker",)) as process,
    ):
        database = connect(settings.mongo_url.get_secret_value())
        yield Proving(process, database)
        database.close()


Plant = Callable[[Database], Awaitable[Any]]


def put(collection: str, **document: Any) -> Plant:
    async def plant(database: Database) -> None:
        await database[collection].insert_one(document)

    return plant


@pytest.mark.parametrize(
    ("plant", "named"),
    [
        (put("rsvps", _id="r", member_id="ada", event_id="park", state="waitlist"), "rsvps_untold"),
        (put("inbox", _id="1", kind="event.announced", member_id="ada", event_id="park"), "lines_without_cause"),
        (put("inbox", _id="1", kind="join.approved", member_id="ada", group_id="moms"), "lines_without_cause"),
        (put("mails", _id="m", kind="rsvp.confirmed", line="1", state="sent"), "mails_without_line"),
        (put("mails", _id="m", kind="post.digest", items=[{"line": "1"}], state="sent"), "mails_without_line"),
        (put("mails", _id="m", kind="contact.verify", state="waiting"), "mails_lost"),
        (put("mails", _id="m", kind="erasure.receipt", state="waiting"), "mails_lost"),
        (put("inbox_reads", _id="1"), "reads_of_no_line"),
        (put("spreads", _id="s", audience="members", event_id="park", look=9), "spreads_without_cause"),
        (put("spreads", _id="s", audience="members", event_id=None, group_id="moms", look=9), "spreads_without_cause"),
        (put("spreads", _id="s", audience="members", event_id="park", look=0), "spreads_lost"),
        (put("accounts", _id="ada", journal={"sequence": 1, "sent": {}}), "counters_wrong"),
    ],
)
async def test_planted_damage_is_found_by_itself(proving: Proving, plant: Plant, named: str) -> None:
    progress = proving.process.health.progress
    async with kept(proving.database, "rsvps", "inbox", "mails", "inbox_reads", "spreads", "accounts"):
        await nothing_wrong(progress)
        await plant(proving.database)
        await found_in_a_pass(progress, named)
        ready, _ = await proving.process.health.ready()
        assert ready, "damage is no reason to turn people away"
