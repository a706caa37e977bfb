"""Reading a state topic anew when the place in it is lost, or so old that deletions may have been missed.

Every row is written again with the number of this build; a row that no build's reading has seen was deleted meanwhile,
and what a deletion leaves is left of it. Nothing follows from any of it, no command and no notice, but what the service
finds overdue once all rows are there.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from time import monotonic

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code

from chassis.consumers.applying import Applier, Unavailable
from chassis.consumers.decode import Decoded, decode, record_of
from chassis.consumers.marks import MARKS, of_topic
from chassis.consumers.message import Subscription
from chassis.consumers.parking import PARKED
from chassis.consumers.progress import REBUILDING
from chassis.consumers.readings import READINGS, Place, begin, reading, reading_id
from chassis.consumers.retry import pause
from chassis.ids import derived_id, random_id
from chassis.journal.command import Command
from chassis.journal.handoff import hand_over
from chassis.journal.lease import Lease
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, Document
from contracts.registry import Topic, topics

LEASE_SECONDS = 30.0
RECORDS = 500
CHUNK = 1_000
MARGIN = timedelta(days=1)

log = structlog.get_logger(__name__)


class Overtaken(Exception):
    """Another member of the group rebuilds now, or still reads: what it writes would carry no build's number."""


@dataclass(slots=True)
class Rebuilder:
    """One group's, before its member joins."""

    database: Database
    kafka: KafkaSettings
    group: str
    subscriptions: Mapping[str, Subscription]
    patience: float = 10.0
    _owner: str = field(default_factory=random_id)
    _random: Random = field(default_factory=Random)

    @property
    def topics(self) -> frozenset[str]:
        """The state topics that fill projections; facts of others cannot be told again."""
        return frozenset(
            name for name, one in self.subscriptions.items() if one.projects and topics()[name].kind == "state"
        )

    async def run(self) -> None:
        """Rebuild what has to be; a topic that was never read is begun. Raises what the servers raise, Unavailable,
        and Overtaken when another member is at it."""
        for name in sorted(self.topics):
            topic = topics()[name]
            why = await self._why(topic)
            if why is not None:
                async with self._turn(topic) as lease:
                    if await self._why(topic) is not None:
                        if await self._read_by_others():
                            raise Overtaken(topic.name)
                        log.warning("a projection is rebuilt", group=self.group, topic=name, why=why)
                        await self._rebuild(topic, lease)
            await begin(self.database, self.group, name)

    async def _why(self, topic: Topic) -> str | None:
        kept = timedelta(days=topic.delete_retention_days) - MARGIN
        found = await reading(self.database, self.group, topic.name, kept)
        if found is None:
            return None
        if found.unfinished:
            return "an earlier rebuild did not end"
        if found.old:
            return "it was last read too long ago"
        async with self._consumer(topic) as (consumer, parts):
            begins, ends = await consumer.beginning_offsets(parts), await consumer.end_offsets(parts)
            for part in parts:
                committed = await consumer.committed(part)
                if Place(committed, begins[part], ends[part], found.places.get(part.partition)).lost:
                    return f"the place in partition {part.partition} is lost"
        return None

    async def _read_by_others(self) -> bool:
        """Whether Kafka knows members of the group: living ones, or dead ones whose session has not run out."""
        admin = AIOKafkaAdminClient(**self.kafka.client_options())
        try:
            await admin.start()
            (answer,) = await admin.describe_consumer_groups([self.group])
        finally:
            await admin.close()
        ((code, _, _, _, _, members, *_),) = answer.groups
        if code:
            raise for_code(code)(self.group)
        return bool(members)

    @asynccontextmanager
    async def _consumer(self, topic: Topic) -> AsyncIterator[tuple[AIOKafkaConsumer, list[TopicPartition]]]:
        """One that reads all partitions with the group's offsets, without being a member."""
        parts = [TopicPartition(self.kafka.topic(topic.name), number) for number in range(topic.partitions)]
        consumer = AIOKafkaConsumer(
            **self.kafka.client_options(),
            group_id=self.group,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        try:
            await consumer.start()
            consumer.assign(parts)
            yield consumer, parts
        finally:
            await consumer.stop()

    @asynccontextmanager
    async def _turn(self, topic: Topic) -> AsyncIterator[Lease]:
        await begin(self.database, self.group, topic.name)
        lease = Lease(self.database, READINGS, reading_id(self.group, topic.name), self._owner, LEASE_SECONDS)
        if await lease.take() is None:
            raise Overtaken(topic.name)
        try:
            with REBUILDING.labels(self.group, topic.name).track_inprogress():
                yield lease
        finally:
            await lease.release()

    async def _rebuild(self, topic: Topic, lease: Lease) -> None:
        """Whatever interrupts it, the next start begins again."""
        build = await self._begin(topic)
        await self._forget(MARKS, of_topic(topic.name), lease)
        await self._forget(PARKED, {"topic": topic.name, "group": self.group}, lease)
        applier = Applier(self.database, self.group, self.subscriptions, build=build)
        async with self._consumer(topic) as (consumer, parts):
            ends = await consumer.end_offsets(parts)
            await consumer.seek_to_beginning(*parts)
            try:
                while any([await consumer.position(part) < end for part, end in ends.items()]):
                    await _keep(lease)
                    for records in (await consumer.getmany(timeout_ms=200, max_records=RECORDS)).values():
                        items = [decode(record_of(record, topic.name)) for record in records]
                        await self._apply(applier, items, lease)
            finally:
                await applier.finish(self.patience)
            for collection in self.subscriptions[topic.name].projects:
                gone = await self._bury(collection, build, lease)
                log.info("rows that the topic no longer holds", collection=collection, count=gone)
            await self._ask_for_overdue(topic, build, lease)
            places = {part: await consumer.position(part) for part in parts}
            await consumer.commit(places)
        await self.database[READINGS].update_one(
            {"_id": reading_id(self.group, topic.name)},
            {
                "$set": {
                    "rebuilding": False,
                    "places": {str(part.partition): place for part, place in places.items()},
                },
                "$currentDate": {"read_at": True},
            },
        )

    async def _ask_for_overdue(self, topic: Topic, build: int, lease: Lease) -> None:
        """Once more where the rebuild begins again: such commands are about what is, and change nothing then."""
        overdue = self.subscriptions[topic.name].overdue
        if overdue is None:
            return

        def ask(*, name: str, aggregate: str, body: Document) -> Command:
            id_ = derived_id("overdue", self.group, topic.name, str(build), aggregate, name)
            return Command(id_, name, aggregate, body, first=True)

        count = 0
        async for commands in overdue(self.database, ask):
            await hand_over(self.database, commands)
            await _keep(lease)
            count += len(commands)
        log.info("commands that were overdue", group=self.group, topic=topic.name, count=count)

    async def _begin(self, topic: Topic) -> int:
        found = await self.database[READINGS].find_one_and_update(
            {"_id": reading_id(self.group, topic.name)}, {"$set": {"rebuilding": True}, "$inc": {"build": 1}}
        )
        if found is None:
            raise Overtaken(topic.name)
        return int(found["build"])

    async def _apply(self, applier: Applier, items: list[Decoded], lease: Lease) -> None:
        tries = 0
        while True:
            try:
                await applier.run(items, until=monotonic() + self.patience)
            except Unavailable as away:
                log.info("the rebuild waits", group=self.group, why=str(away))
                await asyncio.sleep(pause(tries, self._random))
                tries += 1
                await _keep(lease)
            else:
                return

    async def _forget(self, collection: str, where: Document, lease: Lease) -> None:
        while found := await self.database[collection].find(where, fields={"_id": 1}, limit=CHUNK):
            await self.database[collection].delete_many({"_id": {"$in": [document["_id"] for document in found]}})
            await _keep(lease)

    async def _bury(self, collection: str, build: int, lease: Lease) -> int:
        """Leave of every row that was not seen what its deletion would have left; how many."""
        unseen: Document = {"build": {"$ne": build}, "deleted": {"$ne": True}}
        grave = {"_id": "$_id", "v": {"$literal": 1}, "sequence": {"$ifNull": ["$sequence", 0]}, "deleted": True}
        rows, count = self.database[collection], 0
        while found := await rows.find(unseen, fields={"_id": 1}, sort=[("_id", 1)], limit=CHUNK):
            ids = [document["_id"] for document in found]
            count += await rows.update_many({**unseen, "_id": {"$in": ids}}, [{"$replaceWith": grave}])
            unseen["_id"] = {"$gt": ids[-1]}
            await _keep(lease)
        return count


async def _keep(lease: Lease) -> None:
    if not await lease.renew():
        raise Overtaken(lease.name)
