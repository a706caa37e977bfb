"""What was missed of groups and members while nobody listened is asked for when their topics are read anew."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from chassis import journal, topics
from chassis.consumers import prepare as prepare_consumers
from chassis.consumers.readings import READINGS, begin
from chassis.consumers.rebuilding import Rebuilder
from chassis.journal import HANDOFFS
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, connect
from contracts.examples import examples
from contracts.groups import GroupState, MembershipState, MemberState
from contracts.message import Message
from contracts.registry import topics as registry
from events_service.consumers import SUBSCRIPTIONS
from events_service.handlers import membership, person, sight
from events_service.store import schema
from events_service.store.membership import sweep_aggregate
from events_service.store.sight import sight_aggregate
from testkit import eventually

from .deciding import GROUP

MODELS: dict[str, type[Message]] = {model.topic: model for model in (GroupState, MemberState, MembershipState)}
GROUP_NAME = "events-anew"


@pytest.fixture
async def database(mongo_url: str) -> AsyncIterator[Database]:
    found = connect(mongo_url)
    await journal.prepare(found, lanes=1)
    await prepare_consumers(found)
    await schema.prepare(found)
    yield found
    found.close()


def shown(topic: str, **differently: Any) -> Message:
    """An example of the topic's state, but for what is given."""
    example = next(one for one in examples() if one.topic == topic and one.value is not None)
    return MODELS[topic].model_validate({**example.value, **differently})


async def publish(kafka: KafkaSettings, subject: str, sequence: int, body: Message, *, key: str | None = None) -> None:
    headers = {
        "ce_id": f"{subject}-{sequence}",
        "ce_source": "/convene/groups",
        "ce_type": body.types[1],
        "ce_time": "2026-11-24T18:30:00+00:00",
        "ce_subject": subject,
        "ce_sequence": str(sequence),
    }
    producer = AIOKafkaProducer(**kafka.client_options())
    await producer.start()
    await producer.send_and_wait(
        kafka.topic(body.topic),
        body.model_dump_json().encode(),
        key=(key or subject).encode(),
        partition=0,  # as the relay keeps a subject's messages together, whatever their keys
        headers=[(name, value.encode()) for name, value in headers.items()],
    )
    await producer.stop()


async def knows(database: Database) -> None:
    """The state before: everybody and every group is public, and so are their RSVPs; eve's waits for her number."""
    for group_id in ("secret", "open"):
        await database["groups"].insert_one({**GROUP, "_id": group_id})
        await database["events"].insert_one({"_id": f"e-{group_id}", "group_id": group_id})
    for number, member_id in enumerate(("ada", "bo", "cy", "di")):
        profile = {"_id": member_id, "v": 1, "number": number, "name": member_id, "photo": None}
        await database["members"].insert_one({**profile, "attendance": "everyone"})
        for group_id in ("secret", "open"):
            event_id = f"e-{group_id}"
            rsvp = {"_id": f"{event_id}:{member_id}", "event_id": event_id, "member_id": member_id, "number": number}
            kept = {"shown": None if member_id == "di" else "yes", "live": True, "status": "yes", "seen": 1}
            await database["rsvps"].insert_one({**rsvp, "group_id": group_id, "starts": "", "order": number, **kept})
    await database["visitors"].insert_one({"_id": "eve", "v": 1, "seen": True, "waiting": ["e-open"]})
    await database["visitors"].insert_one({"_id": "nobody", "v": 1, "seen": True, "waiting": ["e-open"]})
    await database["visitors"].insert_one({"_id": "ada", "v": 1, "seen": True, "waiting": []})


async def anew(database: Database, kafka: KafkaSettings) -> list[tuple[str, str, Any]]:
    """Read the topics anew, as after a loss; the commands that were asked for."""
    by_topic = {one.topic: one for one in SUBSCRIPTIONS if one.topic in MODELS}
    for topic in MODELS:
        await begin(database, GROUP_NAME, topic)
    await database[READINGS].update_many({}, {"$set": {"rebuilding": True}})

    async def rebuilt() -> bool:
        try:
            await Rebuilder(database, kafka, GROUP_NAME, by_topic).run()
        except KafkaError:  # a broker that has just started has no coordinator yet
            return False
        return True

    await eventually(rebuilt, within=90)
    found = await database[HANDOFFS].find({})
    return sorted((one["name"], one["aggregate"], one["body"]) for one in found)


async def member_of(kafka: KafkaSettings, sequence: int, member_id: str, state: str, version: int) -> None:
    body = shown(
        MembershipState.topic, group_id="open", member_id=member_id, state=state, version=version, refused=None
    )
    await publish(kafka, "open", sequence, body, key=f"open:{member_id}")


async def test_who_left_or_was_let_in_while_nobody_listened_is_settled(
    database: Database, kafka: KafkaSettings
) -> None:
    await topics.apply(kafka, {name: registry()[name] for name in MODELS})
    await knows(database)
    for group_id in ("open", "secret"):
        await publish(kafka, group_id, 1, shown(GroupState.topic, group_id=group_id, visibility="public"))
    for member_id in ("ada", "bo", "cy", "di"):
        await publish(kafka, member_id, 1, shown(MemberState.topic, member_id=member_id, attendance="everyone"))
    await database["rsvps"].update_one({"_id": "e-open:di"}, {"$set": {"status": "requested"}})
    said = (("ada", "left", 2), ("bo", "left", 1), ("cy", "active", 2), ("di", "active", 2))
    for sequence, (member_id, state, version) in enumerate(said, start=1):
        await member_of(kafka, sequence, member_id, state, version)

    def settled(member_id: str, state: str) -> tuple[str, str, Any]:
        body = {"group_id": "open", "member_id": member_id, "state": state, "version": 2}
        return membership.SETTLE, sweep_aggregate("open", member_id), body

    # bo's RSVP was decided with their leaving in view, and of cy nothing has to follow
    assert await anew(database, kafka) == [settled("ada", "left"), settled("di", "active")]


async def test_who_hid_while_nobody_listened_is_taken_off_when_the_topic_is_read_anew(
    database: Database, kafka: KafkaSettings
) -> None:
    await topics.apply(kafka, {name: registry()[name] for name in MODELS})
    await knows(database)
    await publish(kafka, "open", 1, shown(GroupState.topic, group_id="open", visibility="public"))
    await publish(kafka, "secret", 1, shown(GroupState.topic, group_id="secret", visibility="public"))
    await publish(kafka, "secret", 2, shown(GroupState.topic, group_id="secret", visibility="private"))
    await publish(kafka, "never", 1, shown(GroupState.topic, group_id="never", visibility="private"))
    for member_id, attendance in (("ada", "everyone"), ("bo", "members"), ("di", "nobody"), ("eve", "everyone")):
        await publish(kafka, member_id, 1, shown(MemberState.topic, member_id=member_id, attendance=attendance))
    assert await anew(database, kafka) == [
        (person.NUMBER_ARRIVED, "eve", {}),
        (sight.SWEEP, sight_aggregate("bo"), {"member_id": "bo"}),
        # of whom the topic says nothing any more
        (sight.SWEEP, sight_aggregate("cy"), {"member_id": "cy"}),
        (sight.SWEEP, sight_aggregate("secret"), {"group_id": "secret"}),
    ]
    assert all(one["first"] for one in await database[HANDOFFS].find({}))


async def test_where_nothing_was_missed_nothing_is_asked_for(database: Database, kafka: KafkaSettings) -> None:
    await topics.apply(kafka, {name: registry()[name] for name in MODELS})
    await knows(database)
    for group_id in ("open", "secret"):
        await publish(kafka, group_id, 1, shown(GroupState.topic, group_id=group_id, visibility="public"))
    for member_id in ("ada", "bo", "cy", "di"):
        await publish(kafka, member_id, 1, shown(MemberState.topic, member_id=member_id, attendance="everyone"))
    assert await anew(database, kafka) == []
