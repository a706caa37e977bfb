"""A service of one journal whose books are proven, whoever works on them meanwhile."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import bank
from prometheus_client import REGISTRY

from chassis.consumers import Consumers, Effects, Received, Subscription
from chassis.consumers import prepare as prepare_consumers
from chassis.kafka import KafkaSettings
from chassis.mongo import Database
from chassis.reconcile import Books, Reconciler, Timing, prepare, reconcile
from chassis.relay import Relay
from testkit.planting import found_in_a_pass

TOPIC = "events.rsvp.v1"
QUICK = Timing(every=0.1, share=1.0, full=0.0, idle=5.0, lease=5.0)


async def take(messages: Sequence[Received[Any]], effects: Effects) -> None:
    """Only the marks move."""


def reading(database: Database, kafka: KafkaSettings) -> Consumers:
    return Consumers("events", database, kafka, [Subscription(TOPIC, take)])


@asynccontextmanager
async def consuming(database: Database, kafka: KafkaSettings) -> AsyncIterator[None]:
    await prepare_consumers(database)
    consumers = reading(database, kafka)
    await consumers.start()
    try:
        yield
    finally:
        await consumers.stop()


@asynccontextmanager
async def relaying(database: Database, kafka: KafkaSettings) -> AsyncIterator[None]:
    relay = Relay(database, kafka, "events", lease_seconds=1)
    await relay.start()
    try:
        yield
    finally:
        await relay.stop()


@asynccontextmanager
async def reconciling(books: Books) -> AsyncIterator[Reconciler]:
    await prepare(books.database)
    reconciler = Reconciler(books, QUICK)
    await reconciler.start()
    try:
        yield reconciler
    finally:
        await reconciler.stop()


def books_of(database: Database, kafka: KafkaSettings, *, read: bool = False) -> Books:
    """read: the consumer's marks too."""
    if not read:
        return Books(database, kafka, "events", bank.DECIDERS)
    group = reading(database, kafka).group
    return Books(database, kafka, "events", bank.DECIDERS, consumed=[TOPIC], group=group)


async def settled(books: Books) -> bool:
    found = await reconcile(books)
    assert found.sound, found.document()
    return found.settled


def shown(metric: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(metric, {"service": "events", **labels})


def progress_of(reconciler: Reconciler) -> Callable[[], Awaitable[dict[str, Any]]]:
    async def progress() -> dict[str, Any]:
        return {"reconcile": reconciler.progress()}

    return progress


async def finds(reconciler: Reconciler, named: str) -> None:
    """What the next pass finds is what the metrics show."""
    kinds = named.split()
    await found_in_a_pass(progress_of(reconciler), *kinds)
    assert all(shown("convene_reconcile_wrong", check=kind) for kind in kinds)
    assert shown("convene_reconcile_damage")
