"""The consumers' marks against the records they speak of.

Up to the group's committed offset every record has been taken in, so no mark may be lower than its subject's last
record there, unless something of the subject is parked. No mark may be higher than its subject's last record at all.
"""

from asyncio import timeout
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.consumers.decode import Address, place_in_line, record_of
from chassis.consumers.marks import read as read_marks
from chassis.consumers.order import Mark
from chassis.kafka import KafkaSettings
from chassis.mongo import Database
from chassis.reconcile.findings import Findings, Stale
from chassis.reconcile.pace import Pace
from contracts.registry import Topic

CHUNK = 500
STILL = 30.0
"""Seconds in which Kafka must say something more, when there is more."""
COUNT_TO = 10_000
"""Unread records are counted up to here; more is "at least so many"."""

Highs = dict[Address, int]


@dataclass(slots=True)
class MarkBooks:
    """What has been read of the topics that the service reads, as consumer group `group`. names: in the registry."""

    database: Database
    kafka: KafkaSettings
    group: str
    names: Mapping[str, Topic]
    pace: Pace
    offsets: dict[TopicPartition, int] = field(default_factory=dict)
    highs: Highs = field(default_factory=dict)
    unread: int = 0

    async def compare(self) -> Findings:
        """Read on, then look at every mark. Raises Stale, KafkaError, TimeoutError."""
        found = Findings()
        found.looked_for("marks_behind", "marks_ahead")
        consumer = AIOKafkaConsumer(
            **self.kafka.client_options(),
            group_id=self.group,
            isolation_level="read_committed",
            enable_auto_commit=False,
        )
        try:
            await consumer.start()
            await self._read_committed(consumer)
            ahead: dict[Address, Mark] = {}
            addresses = list(self.highs)
            for start in range(0, len(addresses), CHUNK):
                async with self.pace.step(), self.database.snapshot() as session:
                    some = addresses[start : start + CHUNK]
                    marks = await read_marks(self.database, some, session)
                for address in some:
                    mark = marks.get(address, Mark())
                    if mark.sequence > self.highs[address]:
                        ahead[address] = mark
                    elif mark.sequence < self.highs[address] and mark.held is None:
                        found.add("marks_behind", f"{address}: {mark.sequence}, read up to {self.highs[address]}")
            later = await self._read_unread(consumer)
        finally:
            await consumer.stop()
        if self.unread < COUNT_TO:
            for address, mark in ahead.items():
                if self._must_show_all(address) and mark.sequence > max(self.highs[address], later.get(address, -1)):
                    found.add("marks_ahead", f"{address}: {mark.sequence}")
        return found

    def _must_show_all(self, address: Address) -> bool:
        """Of a compacted topic a deletion's own record goes one day, and the mark rightly stands above the rest."""
        return self.names[address.topic].cleanup == "delete"

    def _places(self) -> dict[TopicPartition, str]:
        return {
            TopicPartition(self.kafka.topic(name), number): name
            for name, topic in self.names.items()
            for number in range(topic.partitions)
        }

    async def _read_committed(self, consumer: AIOKafkaConsumer) -> None:
        """To the group's offsets, which are asked for before any mark is read."""
        places = self._places()
        consumer.assign(list(places))
        begins = await consumer.beginning_offsets(list(places))
        to: dict[TopicPartition, int] = {}
        for place in places:
            done = await consumer.committed(place)
            to[place] = begins[place] if done is None else max(done, begins[place])
        if any(to[place] < offset for place, offset in self.offsets.items()):
            raise Stale("a consumer group was set back")
        for place, name in places.items():
            start = max(self.offsets.get(place, 0), begins[place])
            self.offsets[place] = max(
                start, await self._read(consumer, place, name, between=(start, to[place]), highs=self.highs)
            )

    async def _read_unread(self, consumer: AIOKafkaConsumer) -> Highs:
        """The last sequences beyond what is committed, to the ends, which are asked for after the marks were read."""
        places = self._places()
        ends = await consumer.end_offsets(list(places))
        later: Highs = {}
        self.unread = 0

        def more(records: list[Any]) -> bool:
            self.unread += len(records)
            return self.unread < COUNT_TO

        for place, name in places.items():
            if self.unread < COUNT_TO:
                await self._read(
                    consumer, place, name, between=(self.offsets[place], ends[place]), highs=later, more=more
                )
        return later

    async def _read(
        self,
        consumer: AIOKafkaConsumer,
        place: TopicPartition,
        name: str,
        *,
        between: tuple[int, int],
        highs: Highs,
        more: Callable[[list[Any]], bool] = bool,
    ) -> int:
        """Note the sequences of one partition's records between two offsets, while `more`; the offset reached."""
        at, end = between
        if at >= end:
            return at
        consumer.assign([place])
        consumer.seek(place, at)
        while await consumer.position(place) < end:
            async with self.pace.step():
                records = [record for record in await _some(consumer, place, end) if record.offset < end]
                for record in records:
                    placed = place_in_line(record_of(record, name))
                    if placed is not None:
                        highs[placed[0]] = max(placed[1], highs.get(placed[0], -1))
            if records and not more(records):
                break
        return end


async def _some(consumer: AIOKafkaConsumer, place: TopicPartition, end: int) -> list[Any]:
    """The next records; none where only marks of transactions were left before the end."""
    async with timeout(STILL):
        while await consumer.position(place) < end:
            found = await consumer.getmany(place, timeout_ms=200, max_records=CHUNK)
            if found:
                return list(found[place])
    return []
