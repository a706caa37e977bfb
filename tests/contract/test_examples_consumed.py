"""Every service takes in every example of the topics it reads: nothing is refused, all of its commands are known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import pytest

import events_service.consumers
import events_service.decisions
import events_service.store.schema
import groups_service.consumers
import groups_service.decisions
import groups_service.store.schema
import notifications_service.consumers
import notifications_service.decisions
import notifications_service.store.schema
from chassis import dead_letters, journal
from chassis.consumers import Subscription, prepare
from chassis.consumers.applying import Applier
from chassis.consumers.decode import Record, decode
from chassis.journal.shape import HANDOFFS
from chassis.mongo import Database, connect
from contracts.examples import Example, examples


@dataclass(frozen=True)
class Service:
    """What a service listens to and what it can decide."""

    schema: Any
    subscriptions: Sequence[Subscription]
    decisions: Mapping[str, Any]


SERVICES = {
    "groups": Service(
        groups_service.store.schema, groups_service.consumers.SUBSCRIPTIONS, groups_service.decisions.decisions()
    ),
    "events": Service(
        events_service.store.schema,
        events_service.consumers.SUBSCRIPTIONS,
        events_service.decisions.decisions("https://example.org"),
    ),
    "notifications": Service(
        notifications_service.store.schema,
        notifications_service.consumers.SUBSCRIPTIONS,
        notifications_service.decisions.decisions(),
    ),
}


def record(example: Example, offset: int) -> Record:
    headers = tuple((name, value.encode()) for name, value in example.headers.items())
    return Record(example.topic, 0, offset, 0, example.key.encode(), example.value_bytes, headers)


async def feed(database: Database, service: Service, *, at_once: bool) -> int:
    """Every example of every topic that the service reads, through its own consumers; how many."""
    applier = Applier(database, "examples", {one.topic: one for one in service.subscriptions})
    shown = [one for one in examples() if one.topic in applier.subscriptions]
    items = [decode(record(one, offset)) for offset, one in enumerate(shown)]
    batches = [items] if at_once else [[item] for item in items]
    for batch in batches:
        await applier.run(batch, until=monotonic())
    return len(items)


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "one by one"])
@pytest.mark.parametrize("name", SERVICES)
async def test_every_example_is_taken_in(name: str, at_once: bool, mongo_url: str) -> None:
    service = SERVICES[name]
    database = connect(mongo_url)
    try:
        await journal.prepare(database)
        await prepare(database)
        await service.schema.prepare(database)
        assert await feed(database, service, at_once=at_once) >= len(service.subscriptions)
        refused = {one["subject"]: one["detail"] for one in await dead_letters.list_parked(database)}
        assert refused == {}
        caused = {one["name"] for one in await database[HANDOFFS].find({}, fields={"name": 1})}
        assert caused <= set(service.decisions)
        before = await contents(database)
        await feed(database, service, at_once=at_once)
        assert await contents(database) == before, "a redelivery changed something"
    finally:
        database.close()


async def contents(database: Database) -> dict[str, list[Any]]:
    return {name: await database[name].find({}, sort=[("_id", 1)]) for name in sorted(await database.collections())}
