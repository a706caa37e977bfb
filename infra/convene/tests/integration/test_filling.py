"""A filled database is one that the service could have written: its own checks find nothing wrong in it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest_asyncio

from chassis.journal.shape import RESULTS
from chassis.mongo import Database, connect
from chassis.reconcile.pace import Pace
from contracts.groups import GroupState
from convene.bench.filling import PER_EVENT, Filling
from events_service.domain.details import Details, Times
from events_service.domain.event import Event
from events_service.domain.ledger import Ledger
from events_service.store import reconcile, schema
from events_service.store.event import EVENTS, event_document
from events_service.store.ledger import LEDGERS, document_of
from events_service.store.projection import GROUPS, MEMBERSHIPS, group_document
from events_service.store.rsvp import RSVPS
from notifications_service.store.notice import INBOX
from notifications_service.store.projection import RSVPS as KNOWN_RSVPS
from testkit.servers import MongoServer

NOW = datetime(2026, 11, 25, tzinfo=UTC)
GROUP = GroupState(
    group_id="g",
    number=1,
    urlname="g",
    name="Group",
    topics=[],
    city="Berlin",
    country="DE",
    lat=52.5,
    lon=13.4,
    timezone="Europe/Berlin",
    visibility="public",
    join_mode="open",
    status="active",
    organizer_id="ada",
    created_at=NOW,
    updated_at=NOW,
    version=1,
)


def event(id_: str) -> Event:
    """Published, without a limit, in a month of real time: the filling asks the database what time it is."""
    starts = datetime.now(UTC) + timedelta(days=30)  # noqa: TID251 - the database's clock is real
    details = Details("Evening", "2026-12-25T19:00:00", "2026-12-25T21:00:00", "Europe/Berlin", "everyone")
    times = Times(starts, starts + timedelta(hours=2), None, starts)
    return Event(id_, GROUP.group_id, details, times, "ada", NOW, NOW, status="published")


@pytest_asyncio.fixture
async def events(mongo_server: MongoServer) -> AsyncIterator[Database]:
    async with mongo_server.database() as url:
        database = connect(url)
        await schema.prepare(database)
        await database[GROUPS].insert_one(group_document(GROUP))
        for one in (event("like"), event("full")):
            await database[EVENTS].insert_one(event_document(one))
            await database[LEDGERS].insert_one(document_of(one.terms(), Ledger(None), None))
        yield database
        database.close()


@pytest_asyncio.fixture
async def notifications(mongo_server: MongoServer) -> AsyncIterator[Database]:
    async with mongo_server.database() as url:
        database = connect(url)
        yield database
        database.close()


async def test_the_services_own_checks_find_nothing_wrong(events: Database, notifications: Database) -> None:
    filling = Filling(events, notifications, "like")
    await filling.stored(PER_EVENT + 50)
    await filling.on_event("full", 120)
    await filling.stored(PER_EVENT)
    total = PER_EVENT + 50 + 120 + PER_EVENT
    assert await events[RSVPS].count({"status": "yes", "shown": "yes"}) == total
    assert await events[RESULTS].count({"created": True}) == total
    assert await events[MEMBERSHIPS].count({"state": "active"}) == 120
    assert await notifications[INBOX].count({"kind": "rsvp.confirmed"}) == total
    assert await notifications[KNOWN_RSVPS].count({"state": "yes"}) == total
    ledgers = {ledger["_id"]: ledger["seats"] for ledger in await events[LEDGERS].find({})}
    assert sorted(ledgers.values()) == [0, 50, PER_EVENT, PER_EVENT, 120]
    assert ledgers["full"] == 120
    assert len(await events[EVENTS].find({"status": "published"})) == len(ledgers)
    for check in reconcile.CHECKS:
        found = await check.run(events, Pace())
        assert found.sound, found.examples
