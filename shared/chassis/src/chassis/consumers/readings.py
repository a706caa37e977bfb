"""How far and how lately a group has read each state topic, kept beside what it made of it: Kafka forgets offsets."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from chassis.consumers.progress import Partition
from chassis.mongo import Database, Document, errors

READINGS = "readings"
NOTE_SECONDS = 60.0
ASK_WITHIN = 5.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """One partition of a topic. committed: None when Kafka knows none; noted: our own last word, None without one."""

    committed: int | None
    begin: int
    end: int
    noted: int | None

    @property
    def lost(self) -> bool:
        """Whether there was an offset that is of no use any more. A partition never read has not lost anything."""
        if self.committed is not None:
            return not self.begin <= self.committed <= self.end
        return bool(self.noted)


@dataclass(frozen=True, slots=True)
class Reading:
    """A topic as a group has read it. unfinished: a rebuild began and did not end; old: it was read longer ago than
    deletions are kept."""

    unfinished: bool
    old: bool
    places: Mapping[int, int]


def reading_id(group: str, topic: str) -> str:
    return f"{group}/{topic}"


async def reading(database: Database, group: str, topic: str, kept: timedelta) -> Reading | None:
    """None before the first time. kept: how long the topic keeps deletions."""
    age = {"$dateDiff": {"startDate": "$read_at", "endDate": "$$NOW", "unit": "second"}}
    found = await database[READINGS].find_one(
        {"_id": reading_id(group, topic)}, fields={"places": 1, "rebuilding": 1, "age": age}
    )
    if found is None:
        return None
    return Reading(
        unfinished=found["rebuilding"],
        old=found["age"] >= kept.total_seconds(),
        places={int(partition): place for partition, place in found["places"].items()},
    )


async def begin(database: Database, group: str, topic: str) -> None:
    """The document that notes go to; one that is there stays."""
    fresh: Document = {"v": 1, "places": {"$literal": {}}, "build": 0, "rebuilding": False, "read_at": "$$NOW"}
    missing = {name: {"$ifNull": [f"${name}", value]} for name, value in fresh.items()}
    await database[READINGS].update_one({"_id": reading_id(group, topic)}, [{"$set": missing}], upsert=True)


class Notes:
    """Writes down how far this member's records are taken in, once a minute and as soon as a partition's first is.

    names: registry name by Kafka's; topics: registry names of those that are noted.
    """

    def __init__(self, database: Database, group: str, names: Mapping[str, str], topics: frozenset[str]) -> None:
        self._database = database
        self._group = group
        self._names = names
        self._topics = topics
        self._begun: set[Partition] = set()
        self._noted = -NOTE_SECONDS

    async def note(self, consumer: AIOKafkaConsumer, positions: Mapping[Partition, int]) -> None:
        """positions: of the partitions that are this member's, while it reads them.

        Noted is what is committed: a position runs ahead of it, and a note of a place that Kafka does not know yet
        would look like one that Kafka forgot.
        """
        mine = {part: place for part, place in positions.items() if self._names[part[0]] in self._topics}
        fresh = {part for part, place in mine.items() if place > 0} - self._begun
        due = monotonic() - self._noted >= NOTE_SECONDS
        if not mine or not (fresh or due):
            return
        try:
            async with asyncio.timeout(ASK_WITHIN):
                places = {part: await consumer.committed(TopicPartition(*part)) for part in (mine if due else fresh)}
            known = {part: place for part, place in places.items() if place is not None}
            if known or due:
                await self._write(mine, known)
        except (KafkaError, TimeoutError, errors.PyMongoError) as error:
            log.info("the reading is noted later", group=self._group, error=type(error).__name__)
            return
        self._begun |= {part for part, place in known.items() if place > 0}
        if due:
            self._noted = monotonic()

    async def _write(self, mine: Iterable[Partition], known: Mapping[Partition, int]) -> None:
        for topic in {self._names[part[0]] for part in mine}:
            places = {f"places.{part[1]}": place for part, place in known.items() if self._names[part[0]] == topic}
            change: Document = {"$currentDate": {"read_at": True}}
            if places:
                change["$set"] = places
            await self._database[READINGS].update_one({"_id": reading_id(self._group, topic)}, change)


async def prepare(database: Database) -> None:
    await database.ensure_collection(READINGS)
