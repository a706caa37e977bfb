"""How far and how lately a group has read each state topic, kept beside what it made of it: Kafka forgets offsets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

import structlog

from chassis.consumers.progress import Partition
from chassis.mongo import Database, Document, errors

READINGS = "readings"
NOTE_SECONDS = 60.0

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
    """Writes down where this member is, once a minute and when it reads a partition's first record.

    names: registry name by Kafka's; topics: registry names of those that are noted.
    """

    def __init__(self, database: Database, group: str, names: Mapping[str, str], topics: frozenset[str]) -> None:
        self._database = database
        self._group = group
        self._names = names
        self._topics = topics
        self._begun: set[Partition] = set()
        self._noted = -NOTE_SECONDS

    async def note(self, positions: Mapping[Partition, int]) -> None:
        """positions: of the partitions that are this member's, while it reads them."""
        begun = {part for part, place in positions.items() if place > 0}
        if begun <= self._begun and monotonic() - self._noted < NOTE_SECONDS:
            return
        try:
            for topic in self._topics:
                places = {
                    f"places.{part[1]}": place for part, place in positions.items() if self._names[part[0]] == topic
                }
                if places:
                    await self._database[READINGS].update_one(
                        {"_id": reading_id(self._group, topic)},
                        {"$set": places, "$currentDate": {"read_at": True}},
                    )
        except errors.PyMongoError as error:
            log.info("the reading is noted later", group=self._group, error=type(error).__name__)
            return
        self._begun, self._noted = begun, monotonic()


async def prepare(database: Database) -> None:
    await database.ensure_collection(READINGS)
