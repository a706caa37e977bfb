"""A member takes everything along and is then forgotten by all three services: what they said is nowhere."""

import io
import secrets
import zipfile
from base64 import b64encode
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from structlog.testing import capture_logs

from chassis.kafka import KafkaSettings
from contracts.registry import topics
from convene.acting.mailbox import address_of, verify_address
from convene.acting.platform import Json, Person
from testkit import KafkaServer, MongoServer, eventually
from testkit.topics import messages

from .recorded import Recorded, recording
from .test_trace import EVENT, GROUP

SOON = {
    "cleanup.policy": "compact",
    "segment.ms": "100",
    "min.cleanable.dirty.ratio": "0.001",
    "min.compaction.lag.ms": "0",
    "max.compaction.lag.ms": "1000",
    "delete.retention.ms": "0",
}
"""What makes Kafka compact a topic now instead of some day."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def recorded(mongo_server: MongoServer, kafka_server: KafkaServer) -> AsyncIterator[Recorded]:
    async with recording(mongo_server, kafka_server) as found:
        yield found


async def compact(kafka: KafkaSettings) -> None:
    """A record more in every partition, so that those before it are in segments that may be compacted."""
    states = {name: topic for name, topic in topics().items() if topic.kind in ("state", "public")}
    admin = AIOKafkaAdminClient(**kafka.client_options())
    await admin.start()
    await admin.alter_configs(
        [ConfigResource(ConfigResourceType.TOPIC, kafka.topic(name), configs=SOON) for name in states]
    )
    await admin.close()
    producer = AIOKafkaProducer(**kafka.client_options())
    await producer.start()
    for _ in range(2):
        for name, topic in states.items():
            for partition in range(topic.partitions):
                await producer.send_and_wait(kafka.topic(name), None, key=b"1", partition=partition)
    await producer.stop()


def guises(word: str) -> list[str]:
    """The word, and what base64 makes of it wherever in a text it stands."""
    shifted = [b64encode(b"." * shift + word.encode()).decode() for shift in range(3)]
    return [word, *(text[4 * bool(shift) : -4] for shift, text in enumerate(shifted))]


async def kept(recorded: Recorded, word: str) -> list[str]:
    """Where it is found: collections and steps of traces."""
    found: list[str] = []
    for service, database in recorded.databases.items():
        for name in await database.collections():
            everything = repr(await database[name].find({}))
            if any(guise in everything for guise in guises(word)):
                found.append(f"{service} {name}")
    return found + [span.name for span in recorded.exporter.get_finished_spans() if word in span.to_json()]


async def published(recorded: Recorded, word: str) -> list[str]:
    """On which topics it can be read."""
    found: list[str] = []
    for name in topics():
        values = [value or b"" for _, value in await messages(recorded.kafka, name)]
        if any(guise.encode() in value for value in values for guise in guises(word)):
            found.append(name)
    return found


async def held_up(recorded: Recorded, who: Person, word: str) -> None:
    """A record that nobody can read, so that the member's next state waits behind it wherever it is consumed."""
    topic = recorded.kafka.topic("groups.member.v1")
    said = await messages(recorded.kafka, "groups.member.v1", lambda head: head["ce_subject"] == who.member_id)
    head = {**said[-1][0], "ce_id": "poison", "ce_sequence": str(int(said[-1][0]["ce_sequence"]) + 1)}
    producer = AIOKafkaProducer(**recorded.kafka.client_options())
    await producer.start()
    headers = [(name, value.encode()) for name, value in head.items()]
    poison = f'{{"name": "{word} poison"'.encode()
    await producer.send_and_wait(topic, poison, key=who.member_id.encode(), headers=headers)
    await producer.stop()
    await who.put("groups", "/v1/members/me", {"name": f"{word} other"})
    who.positions.clear()  # nobody gets there

    async def aside() -> bool:
        databases = [recorded.databases[name] for name in ("events", "notifications")]
        found = [await database["parked"].find({"subject": who.member_id}) for database in databases]
        return all(len(records) == 2 and word in repr(records) for records in found)

    await eventually(aside, within=60)


async def planted(recorded: Recorded, word: str, spoken: str) -> tuple[Person, str]:
    """Somebody with a profile, answers, addresses, a seat, an inbox, an invitation, a report, a post and a comment; and
    an event."""
    olga = recorded.platform.person(f"olga-{secrets.token_hex(3)}")
    ada = recorded.platform.person(f"ada-{secrets.token_hex(3)}")
    profile: Json = {"name": f"{word} name", "bio": f"{word} bio", "city": f"{word} city", "topics": [f"{word} topic"]}
    photo = f"https://photos.test/{word}.jpg"
    await ada.put("groups", "/v1/members/me", {**profile, "country": "nl", "photo": photo})
    await verify_address(ada)
    asking = {**GROUP, "join_mode": "approval", "join_questions": ["Why?"]}
    group = (await olga.post("groups", "/v1/groups", asking))["group_id"]
    await ada.put("groups", f"/v1/groups/{group}/membership", {"answers": [f"{word} answer"]})
    await olga.post("groups", f"/v1/groups/{group}/members/{ada.member_id}/approve")
    await ada.post("groups", f"/v1/groups/{group}/posts", {"title": f"{spoken} title", "body": f"{spoken} body"})
    report: Json = {"what": "group", "id": group, "reason": f"{word} reason", "text": f"{word} text"}
    await ada.post("groups", "/v1/reports", report)
    other = (await olga.post("groups", "/v1/groups", {**GROUP, "join_mode": "closed"}))["group_id"]
    await olga.post("groups", f"/v1/groups/{other}/invitations", {"member_id": ada.member_id})
    event = (await olga.post("events", f"/v1/groups/{group}/events", {**EVENT, "questions": ["Why?"]}))["event_id"]
    await olga.post("events", f"/v1/events/{event}/publish")
    ada.positions |= olga.positions
    await ada.put("events", f"/v1/events/{event}/rsvp", {"response": "yes", "answers": [f"{word} said"]})
    comment: Json = {"body": f"{spoken} comment"}
    await ada.post("events", f"/v1/events/{event}/comments", comment)
    await ada.post("events", "/v1/members/me/calendar")

    async def seen_by_all() -> bool:
        lines = await recorded.databases["notifications"]["inbox"].count({"member_id": ada.member_id})
        public = await messages(recorded.kafka, "public.rsvps.v1", lambda head: head["ce_subject"] == event)
        counted = await recorded.databases["groups"]["activity_days"].find({"group_id": group})
        shown = any(word.encode() in (value or b"") for _, value in public)
        return lines > 0 and shown and word in repr(counted)

    await eventually(seen_by_all, within=60)
    return ada, event


@pytest.mark.timeout(240)
async def test_who_is_forgotten_is_found_nowhere(recorded: Recorded) -> None:
    word, spoken = f"planted{secrets.token_hex(5)}", f"spoken{secrets.token_hex(5)}"
    with capture_logs() as logged:
        ada, event = await planted(recorded, word, spoken)
        address = address_of(ada.member_id)
        export = await ada.post("groups", "/v1/members/me/export")
        path = f"{recorded.platform.addresses['groups']}/v1/members/me/export/{export['export_id']}"
        headers = {"authorization": f"Bearer {ada.token}"}

        async def whole() -> bool:
            answer = await recorded.platform.http.get(path, headers=headers)
            assert answer.status_code == 200, answer.text
            return True

        await eventually(whole, within=60)
        packed = zipfile.ZipFile(io.BytesIO((await recorded.platform.http.get(path, headers=headers)).content))
        texts = {name: packed.read(name).decode() for name in packed.namelist()}
        assert f"{word} bio" in texts["groups/profile.json"]
        assert f"{word} answer" in texts["groups/memberships.json"]
        assert f"{spoken} body" in texts["groups/posts.json"]
        assert f"{word} text" in texts["groups/reports.json"]
        assert event in texts["events/rsvps.json"]
        assert f"{word} said" in texts["events/rsvps.json"]
        assert "events/calendar.json" in texts
        assert f"{spoken} comment" in texts["events/comments.json"]
        assert address in texts["notifications/contact-points.json"]
        assert "notifications/inbox.json" in texts
        await held_up(recorded, ada, word)
        await ada.call("DELETE", "groups", "/v1/members/me?now=true")

        async def done() -> bool:
            return bool((await ada.get("groups", "/v1/members/me/erasure"))["status"] == "done")

        await eventually(done, within=90)
    shown = await recorded.platform.anonymous("events", f"/v1/events/{event}")
    assert shown["seats_used"] == 0

    async def in_no_database() -> bool:
        assert [await kept(recorded, said) for said in (word, spoken, address)] == [[], [], []]
        return True

    await eventually(in_no_database, within=60)
    for said in (word, spoken, address):
        assert said not in repr(logged)
    for service in recorded.services.values():
        damage = {what: count for what, count in (await service.reconciled()).damage.items() if count}
        # the record that holds the member up is one that groups never wrote
        assert damage == ({"messages_without_entry": 1} if service.name == "groups" else {}), service.name
    await compact(recorded.kafka)

    async def on_no_topic() -> bool:
        assert await published(recorded, word) == []
        belongs = await messages(recorded.kafka, "groups.membership.v1")
        assert not [value for _, value in belongs if ada.member_id.encode() in (value or b"")]
        return True

    await eventually(on_no_topic, within=90, every=3)
    assert await published(recorded, address) == []
    conversations = ["groups.conversation.v1", "events.conversation.v1"]
    assert await published(recorded, spoken) == conversations, "which keep what happened for a week"
