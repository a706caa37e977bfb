"""What waits aside is kept no longer than its topic keeps it, where members say something of themselves: on MongoDB."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from consuming import FACTS, SEEN, Notebook, headers, rsvp, seen

from chassis.clock import utc_now
from chassis.consumers.applying import Applier
from chassis.consumers.decode import Address, Decoded, Record, decode
from chassis.consumers.group import prepare
from chassis.consumers.message import Subscription
from chassis.consumers.parking import PARKED, empty_overdue
from chassis.consumers.release import Release
from chassis.kafka import KafkaSettings
from chassis.mongo import Database
from chassis.retention import Retention
from testkit import eventually

TALK = "groups.conversation.v1"
THREAD = Address(TALK, "/convene/groups", "p1")


def record(topic: str, subject: str, sequence: int, value: bytes, days: float, **changes: str | None) -> Decoded:
    """As it was written so many days ago."""
    at = round((utc_now() - timedelta(days=days)).timestamp() * 1000)
    head = tuple(headers(subject, sequence, topic, **changes))
    return decode(Record(topic, 0, sequence, at, b"key", value, head))


def said(sequence: int, days: float, **changes: str | None) -> Decoded:
    """Of this topic a week is kept."""
    ids = {"group_id": "g1", "post_id": "p1", "thread_id": "p1", "author_id": "ada", "version": 1}
    value = json.dumps({**ids, "excerpt": f"planted {sequence}"}).encode()
    type_: dict[str, str | None] = {"ce_type": "convene.groups.conversation.edited.v1"}
    return record(TALK, "p1", sequence, value, days, **{**type_, **changes})


def answered(days: float) -> Decoded:
    """Of this topic a month is kept, and nobody's own text is in it."""
    return record(FACTS, "e1", 1, json.dumps(rsvp("e1", 1)).encode(), days)


@pytest.fixture
async def applier(database: Database, notebook: Notebook) -> AsyncIterator[Applier]:
    await prepare(database)
    await database.ensure_collection(SEEN)
    found = Applier(database, "toy", {topic: Subscription(topic, notebook.apply) for topic in (TALK, FACTS)})
    yield found
    await found.finish(10)


async def held(database: Database, **where: Any) -> list[bytes | None]:
    return [one["value"] for one in await database[PARKED].find(where, sort=[("topic", 1), ("sequence", 1)])]


async def test_what_waits_longer_than_its_topic_keeps_it_says_nothing_more_and_holds_nobody_up(
    database: Database, notebook: Notebook, applier: Applier
) -> None:
    notebook.bugs |= {("p1", 1), ("e1", 1)}
    first = said(1, 8)
    await applier.run([first, said(2, 7.1), said(3, 6.9), answered(40)], until=monotonic())
    assert await empty_overdue(database) == 2
    assert await held(database, topic=TALK) == [None, None, said(3, 0).record.value]
    assert await held(database, topic=FACTS) == [answered(0).record.value]
    assert await empty_overdue(database) == 0
    # Kafka hands it over once more: it is not kept again
    await applier.run([first, said(4, 6.8)], until=monotonic())
    assert (await held(database, topic=TALK))[:2] == [None, None]
    release = Release(applier, patience=0.1)
    assert await release.replay(THREAD) == {"released": 4, "remaining": 0}
    assert await seen(database) == {"p1": [3, 4]}
    await applier.run([said(5, 0)], until=monotonic())
    assert await seen(database) == {"p1": [3, 4, 5]}


async def test_one_that_nobody_can_place_stays_to_be_dropped_without_its_text(
    database: Database, applier: Applier
) -> None:
    await applier.run([said(1, 8, ce_subject=None)], until=monotonic())
    assert await empty_overdue(database) == 1
    [document] = await database[PARKED].find({})
    assert document["value"] is None
    release = Release(applier, patience=0.1)
    assert await release.replay_alone(document) == {"released": 0, "remaining": 1}
    assert (await release.drop(document))["dropped"] == 1


async def test_the_part_that_looks_for_what_has_had_its_time_empties_them(
    database: Database, notebook: Notebook, applier: Applier, kafka: KafkaSettings
) -> None:
    notebook.bugs.add(("p1", 1))
    await applier.run([said(1, 8)], until=monotonic())
    retention = Retention(database, kafka, "events", keep=timedelta(days=30))
    await retention.start()

    async def emptied() -> bool:
        return await held(database) == [None]

    try:
        await eventually(emptied)
    finally:
        await retention.stop()
