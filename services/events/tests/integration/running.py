"""What the service's tests share: the service in this process, people who call it, and the groups service's words."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import AIOKafkaProducer

from chassis import clock
from chassis.relay.record import records
from contracts.groups import BlockChanged, GroupState, MembershipState, MemberState, NetworkState, RefusedJoin
from contracts.message import Message
from contracts.registry import topics
from events_service import app
from events_service.settings import Settings
from testkit import eventually
from testkit.calling import Person as Caller
from testkit.issuer import issuing
from testkit.running import Serving, serving, settings_for
from testkit.topics import Headers, messages


def evening(**changes: Any) -> dict[str, Any]:
    """An event in a month, as a caller sends it."""
    day = (clock.utc_now() + timedelta(days=30)).date().isoformat()
    place = {"kind": "physical", "name": "Café Ströme", "address": "Torstr. 1", "lat": 52.53, "lon": 13.4}
    event = {"title": "Bread", "starts_at": f"{day}T18:30", "ends_at": f"{day}T21:00", "timezone": "Europe/Berlin"}
    return {**event, "place": place, **changes}


@dataclass
class Person(Caller):
    """Who calls may also RSVP."""

    async def rsvp(self, event_id: str, response: str = "yes", guests: int = 0, **more: Any) -> dict[str, Any]:
        answer = await self("PUT", f"/events/{event_id}/rsvp", {"response": response, "guests": guests, **more})
        assert answer.status_code in (200, 201), answer.text
        found: dict[str, Any] = answer.json()
        return found


@dataclass
class Groups:
    """Writes what the groups service would, to its topics."""

    producer: AIOKafkaProducer
    prefix: str
    run: str = field(default_factory=lambda: secrets.token_hex(6))
    _sequences: dict[tuple[str, str], int] = field(default_factory=dict)
    _versions: dict[tuple[str, str], int] = field(default_factory=dict)
    _n: int = 0

    async def tell(self, message: Message, type_: str, subject: str, key: str) -> None:
        self._n += 1
        sequence = self._sequences[message.topic, subject] = self._sequences.get((message.topic, subject), 0) + 1
        told = {
            "topic": message.topic,
            "type": type_,
            "subject": subject,
            "sequence": sequence,
            "key": key,
            "partition": subject,
            "value": message.model_dump_json(),
        }
        entry = {"actor": None, "trace": None, "messages": [told]}
        batch = {"_id": {"lane": self.run, "n": self._n}, "at": clock.utc_now(), "entries": [entry]}
        for record in records(batch, "groups", topics()):
            await self.producer.send_and_wait(
                f"{self.prefix}{record.topic}",
                record.value,
                key=record.key,
                partition=record.partition,
                headers=record.headers,
            )

    def position(self, topic: str, subject: str) -> str:
        """The last that was told of the subject, as callers name it."""
        return f"{topic}:{subject}@{self._sequences[topic, subject]}"

    async def group(self, group_id: str, organizer: str, **changes: Any) -> GroupState:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        group = GroupState(
            **{
                "group_id": group_id,
                "number": 77,
                "urlname": group_id,
                "name": "Bakers",
                "topics": ["Sour Dough"],
                "city": "Jersey City",
                "country": "US",
                "state": "NJ",
                "lat": 40.7,
                "lon": -74.0,
                "timezone": "America/New_York",
                "visibility": "public",
                "join_mode": "open",
                "organizer_id": organizer,
                "version": 1,
                "created_at": now,
                "updated_at": now,
                **changes,
            }
        )
        await self.tell(group, "convene.groups.group.created.v1", group_id, group_id)
        return group

    async def network(self, network_id: str, *admins: str) -> None:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        told = NetworkState(
            network_id=network_id,
            name="Bread in every city",
            reason="owned",
            admins=list(admins),
            version=1,
            created_at=now,
            updated_at=now,
        )
        await self.tell(told, "convene.groups.network.created.v1", network_id, network_id)

    async def membership(
        self, group_id: str, member_id: str, state: Any, *, refused: RefusedJoin | None = None
    ) -> None:
        version = self._versions.get((group_id, member_id), 0) + (refused is None)
        self._versions[group_id, member_id] = version
        kind = {"pending": "requested", "active": "joined"}.get(state, "left") if refused is None else "join-refused"
        told = MembershipState(group_id=group_id, member_id=member_id, state=state, version=version, refused=refused)
        await self.tell(told, f"convene.groups.membership.{kind}.v1", group_id, f"{group_id}:{member_id}")

    async def member(self, member_id: str, number: int, **changes: Any) -> None:
        told = MemberState(**{"member_id": member_id, "number": number, "name": "Ada", "version": 1, **changes})
        await self.tell(told, "convene.groups.member.registered.v1", member_id, member_id)

    async def block(self, member_id: str, other_id: str, *, blocked: bool) -> None:
        told = BlockChanged(member_id=member_id, other_id=other_id, blocked=blocked)
        happened = "made" if blocked else "lifted"
        await self.tell(told, f"convene.groups.block.{happened}.v1", member_id, member_id)


@dataclass(frozen=True)
class Service(Serving[Settings]):
    """The running service: people to call it, its database, its topics, and the groups service beside it."""

    groups: Groups

    def person(self, name: str | None = "ada") -> Person:
        """Somebody nobody has seen before, unless anonymous."""
        return Person(self.client, None if name is None else f"{name}-{secrets.token_hex(6)}")

    async def of(self, topic: str, subject: str) -> list[tuple[Headers, bytes]]:
        """The topic's messages about a subject."""
        found = await messages(self.settings.kafka(), topic, lambda headers: headers["ce_subject"] == subject)
        return [(headers, value or b"") for headers, value in found]

    async def knows(self, group_id: str) -> None:
        """Wait for the group: callers wait two seconds for it, which a busy machine may need for something else."""
        await eventually(lambda: self.database["groups"].find_one({"_id": group_id}), within=60)

    async def event(self, organizer: Person, group_id: str, **changes: Any) -> str:
        """A published event."""
        await self.knows(group_id)
        made = await organizer("POST", f"/groups/{group_id}/events", evening(**changes))
        assert made.status_code == 201, made.text
        event_id: str = made.json()["event_id"]
        published = await organizer("POST", f"/events/{event_id}/publish")
        assert published.status_code == 200, published.text
        return event_id


@asynccontextmanager
async def running(url: str, kafka_bootstrap: str, prefix: str, **changes: Any) -> AsyncIterator[Service]:
    """All roles but the stream, in this process. changes: to the settings."""
    async with issuing() as keys:
        settings = settings_for(
            Settings,
            mongo_url=url,
            kafka_bootstrap=kafka_bootstrap,
            prefix=prefix,
            keys=keys,
            public_url="https://convene.test",
            **changes,
        )
        await app.own(settings).setup()
        producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap, acks="all")
        await producer.start()
        async with serving(app, settings, ("api", "consumer", "relay", "worker")) as found:
            groups = Groups(producer, prefix)
            await groups.group("first", "olga")
            # a new consumer group takes seconds to find its coordinator, longer than callers wait
            await eventually(lambda: found.database["groups"].find_one({"_id": "first"}), within=60)
            yield Service(found.process, found.client, found.database, settings, groups)
        await producer.stop()
