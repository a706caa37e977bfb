"""A group on real Kafka and MongoDB: every message applied once, in order, whatever arrives."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from consuming import FACTS, QUICK, Notebook, Publisher, applied, headers, rsvp, seen
from pydantic_core import to_json

from chassis import dead_letters
from chassis.consumers import Consumers
from chassis.consumers.parking import PARKED
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, Document
from contracts.events import RsvpChanged
from contracts.registry import messages_by_type
from testkit import eventually

Start = Callable[..., Awaitable[Consumers]]


async def committed(kafka: KafkaSettings, group: str, partition: int = 0) -> int:
    consumer = AIOKafkaConsumer(group_id=group, enable_auto_commit=False, **kafka.client_options())
    await consumer.start()
    try:
        return int(await consumer.committed(TopicPartition(kafka.topic(FACTS), partition)) or 0)
    finally:
        await consumer.stop()


async def test_messages_are_applied_once_in_order_with_their_commands(
    start: Start, publish: Publisher, database: Database, kafka: KafkaSettings
) -> None:
    member = await start()
    await publish.fact("e1", 1, 2, 3)
    await publish.fact("e2", 1, 2, partition=1)
    await publish.state("g1", 1, 4, 9)
    await applied(database, e1=[1, 2, 3], e2=[1, 2], g1=[1, 4, 9])
    assert await database["handoffs"].count({"aggregate": "e1"}) == 3
    sources = await database["handoffs"].find({"aggregate": "e1"}, sort=[("source.sequence", 1)])
    assert [one["source"]["sequence"] for one in sources] == [1, 2, 3]
    await eventually(lambda: member.progress()["assigned"] == 8 and member.progress()["lag"] == 0)
    await member.stop()
    assert await committed(kafka, member.group) == 3


async def test_repeats_and_old_ones_do_nothing(start: Start, publish: Publisher, database: Database) -> None:
    await start()
    await publish.fact("e1", 5, 6, 5, 6, 7, 2, 7, 8)
    await publish.state("g1", 3, 2, 3, 8)
    await applied(database, e1=[5, 6, 7, 8], g1=[3, 8])
    assert await database[PARKED].count({}) == 0


async def test_what_comes_early_waits_for_what_is_missing(start: Start, publish: Publisher, database: Database) -> None:
    await start()
    await publish.fact("e1", 1, 4, 3)
    await publish.fact("e2", 1)
    await applied(database, e1=[1], e2=[1])
    await eventually(lambda: _parked(database, "e1", 2))
    await publish.fact("e1", 5, 2, 6)
    await applied(database, e1=[1, 2, 3, 4, 5, 6])
    await eventually(lambda: _parked(database, "e1", 0))


async def _parked(database: Database, subject: str, count: int) -> bool:
    return await database[PARKED].count({"subject": subject}) == count


async def test_a_gap_that_does_not_close_parks_its_subject_alone_until_somebody_says_go_on(
    start: Start, publish: Publisher, database: Database
) -> None:
    await start()
    await publish.fact("e1", 1, 4)
    await publish.fact("e2", 1, 2)
    listed = await eventually(lambda: _listed(database, "gap"), within=60)
    assert (listed["subject"], listed["sequence"], listed["held"]["detail"]) == ("e1", 4, "2 to 3 missing")
    await eventually(lambda: database["handoffs"].count({"name": "dead-letter.record"}))
    await publish.fact("e1", 5)
    await publish.fact("e2", 3)
    await applied(database, e1=[1], e2=[1, 2, 3])
    request = await dead_letters.request_replay(database, listed["id"], past_gap=True)
    assert await dead_letters.outcome(database, request, within=60) == {"released": 2, "remaining": 0}
    await publish.fact("e1", 6)
    await applied(database, e1=[1, 4, 5, 6])


async def _nobodys(database: Database, count: int) -> bool:
    return await database[PARKED].count({"subject": None}) == count


async def _listed(database: Database, reason: str) -> Document:
    found = await dead_letters.list_parked(database)
    return next((one for one in found if (one["held"] or one)["reason"] == reason), {})


async def test_a_late_one_closes_a_gap_that_was_already_reported(
    start: Start, publish: Publisher, database: Database
) -> None:
    await start()
    await publish.fact("e1", 1, 3)
    await eventually(lambda: _listed(database, "gap"), within=60)
    await publish.fact("e1", 2)
    await applied(database, e1=[1, 2, 3])
    await eventually(lambda: _nothing_listed(database))


async def _nothing_listed(database: Database) -> bool:
    return await dead_letters.list_parked(database) == []


async def test_poison_is_put_aside_once_and_nobody_else_waits(
    start: Start, publish: Publisher, database: Database, kafka: KafkaSettings
) -> None:
    admin = AIOKafkaAdminClient(**kafka.client_options())
    await admin.start()
    larger = {"max.message.bytes": str(4 * 1024 * 1024), "retention.ms": "-1"}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, kafka.topic(FACTS), configs=larger)])
    await admin.close()
    member = await start()
    good = to_json(rsvp("x", 1))
    for subject in ("json", "schema", "huge", "null", "type", "odd"):
        await publish.fact(subject, 1)
    await publish.raw(FACTS, "json", b"{nope", headers("json", 2))
    await publish.raw(FACTS, "schema", b'{"hello": "world"}', headers("schema", 2))
    await publish.raw(FACTS, "huge", b'"' + b"x" * 2_000_000 + b'"', headers("huge", 2))
    await publish.raw(FACTS, "null", None, headers("null", 2))
    await publish.raw(FACTS, "type", good, headers("type", 2, ce_type="convene.events.rsvp.traded.v1"))
    await publish.raw(FACTS, "odd", good, [*headers("odd", 2, ce_time=None), ("ce_time", b"\xff\xfe")])
    await publish.raw(FACTS, "bare", good, [])
    await publish.raw(FACTS, "bytes", b"\xff\xfe", [("ce_subject", b"\xff")])
    for subject in ("json", "schema", "huge", "null", "type", "odd"):
        await publish.fact(subject, 3)
    await publish.fact("fine", 1, 2)
    await applied(database, fine=[1, 2], json=[1], schema=[1], huge=[1], null=[1], type=[1], odd=[1])
    for subject in ("json", "schema", "huge", "null", "type", "odd"):
        await eventually(partial(_parked, database, subject, 2))
    await eventually(lambda: _nobodys(database, 2))
    listed = await dead_letters.list_parked(database)
    assert {(one["subject"], one["reason"], one["behind"]) for one in listed} == {
        ("json", "unreadable", 1),
        ("schema", "unreadable", 1),
        ("huge", "unreadable", 1),
        ("null", "unreadable", 1),
        ("type", "newer", 1),
        ("odd", "unreadable", 1),
        (None, "unreadable", 0),
    }
    assert len(listed) == 8
    assert await database["handoffs"].count({"name": "dead-letter.record"}) == 8
    whole = next(one for one in listed if one["subject"] == "json")
    assert (await dead_letters.show(database, whole["id"]))["value"] == "{nope"
    await eventually(lambda: member.progress()["lag"] == 0 and member.progress()["held"] == 6)

    huge = next(one for one in listed if one["subject"] == "huge")
    request = await dead_letters.request_drop(database, huge["id"])
    assert await dead_letters.outcome(database, request, within=60) == {"dropped": 1, "released": 1, "remaining": 0}
    bare = next(one for one in listed if one["subject"] is None)
    request = await dead_letters.request_drop(database, bare["id"])
    assert await dead_letters.outcome(database, request, within=60) is not None
    await publish.fact("huge", 4)
    await applied(database, huge=[1, 3, 4])


async def test_a_bug_parks_its_subject_in_order_and_the_replay_gives_what_a_clean_run_gives(
    start: Start, publish: Publisher, database: Database, notebook: Notebook
) -> None:
    notebook.bugs.add(("e1", 3))
    notebook.refused.add(("e3", 1))
    await start()
    for sequence in range(1, 7):
        await publish.fact("e1", sequence)
        await publish.fact("e2", sequence)
        await publish.fact("e3", sequence)
    await applied(database, e1=[1, 2], e2=[1, 2, 3, 4, 5, 6])
    await eventually(lambda: _parked(database, "e1", 4))
    await eventually(lambda: _parked(database, "e3", 6))
    assert "e3" not in await seen(database)
    listed = {one["subject"]: one for one in await dead_letters.list_parked(database)}
    assert listed["e1"]["reason"] == "rejected"
    assert "KeyError" in listed["e1"]["detail"]
    assert (listed["e1"]["sequence"], listed["e1"]["behind"]) == (3, 3)

    early = await dead_letters.request_replay(database, listed["e1"]["id"])
    assert await dead_letters.outcome(database, early, within=60) == {"released": 0, "remaining": 4}
    second = await database[PARKED].find_one({"subject": "e1", "sequence": 4})
    assert second is not None
    refused = await dead_letters.outcome(database, await dead_letters.request_drop(database, second["_id"]), within=60)
    assert refused is not None
    assert "refused" in refused

    notebook.bugs.clear()
    notebook.refused.clear()
    for subject, count in (("e1", 4), ("e3", 6)):
        request = await dead_letters.request_replay(database, listed[subject]["id"])
        assert await dead_letters.outcome(database, request, within=60) == {"released": count, "remaining": 0}
    await publish.fact("e1", 7)
    await applied(database, e1=[1, 2, 3, 4, 5, 6, 7], e3=[1, 2, 3, 4, 5, 6])
    assert await dead_letters.list_parked(database) == []


async def test_a_bug_in_a_late_parked_one_keeps_the_rest_of_the_replay_waiting(
    start: Start, publish: Publisher, database: Database, notebook: Notebook
) -> None:
    notebook.bugs |= {("e1", 2), ("e1", 5)}
    await start()
    await publish.fact("e1", 1, 2, 3, 4, 5, 6)
    await eventually(lambda: _parked(database, "e1", 5))
    first = await eventually(lambda: _listed(database, "rejected"))
    notebook.bugs.discard(("e1", 2))
    request = await dead_letters.request_replay(database, first["id"])
    assert await dead_letters.outcome(database, request, within=60) == {"released": 3, "remaining": 2}
    await applied(database, e1=[1, 2, 3, 4])
    await eventually(lambda: _parked(database, "e1", 2))
    [left] = await dead_letters.list_parked(database)
    assert (left["sequence"], left["behind"]) == (5, 1)


async def test_what_may_pass_is_tried_again_in_place_and_what_does_not_is_parked(
    start: Start, publish: Publisher, database: Database, notebook: Notebook
) -> None:
    notebook.flaky.update(e1=4, e2=10**9)
    await start(replace(QUICK, retry=5.0))
    await publish.fact("e1", 1, 2)
    await publish.fact("e2", 1, 2)
    await publish.fact("e3", 1)
    await applied(database, e1=[1, 2], e3=[1])
    listed = await eventually(lambda: _listed(database, "rejected"))
    assert listed["subject"] == "e2"


async def test_a_type_that_is_known_by_now_is_replayed_when_a_new_release_starts(
    start: Start, publish: Publisher, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = await start()
    await publish.fact("e1", 1)
    await publish.fact("e1", 2, ce_type="convene.events.rsvp.traded.v1")
    await publish.fact("e1", 3)
    await eventually(lambda: _listed(database, "newer"))
    await old.stop()
    known = {**messages_by_type(), "convene.events.rsvp.traded.v1": RsvpChanged}
    monkeypatch.setattr("chassis.consumers.decode.messages_by_type", lambda: known)
    await start()
    await applied(database, e1=[1, 2, 3])


async def test_two_members_share_the_work_and_a_third_takes_over(
    start: Start, publish: Publisher, database: Database
) -> None:
    first = await start()
    sequences = {f"e{n}": 0 for n in range(8)}

    async def some(rounds: int) -> None:
        for _ in range(rounds):
            for number, subject in enumerate(sequences):
                sequences[subject] += 1
                await publish.fact(subject, sequences[subject], partition=number % 4)

    await some(5)
    second = await start()
    await some(5)
    await eventually(lambda: first.progress()["assigned"] == second.progress()["assigned"] == 4, within=60)
    await some(5)
    await asyncio.gather(first.stop(), some(5))
    await start()
    await some(5)
    expected: dict[str, Any] = {subject: list(range(1, 26)) for subject in sequences}
    await applied(database, **expected)
    assert await database[PARKED].count({}) == 0
