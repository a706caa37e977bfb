"""Whether Kafka still has the end of what a lane's relay wrote.

The end of a partition goes back only when a broker has lost it, with the power or with its disk. A producer hears of it
when it writes there again, and one that comes anew does not at all: so the relay remembers how far each partition
reached when it had written there, and looks.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from time import monotonic

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from chassis.kafka import KafkaSettings
from chassis.mongo import Document
from chassis.relay.position import reader
from chassis.relay.seen import Where

LOOK_SECONDS = 5.0
WITHIN_SECONDS = 2.0

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class Tail:
    """How far each partition reaches, at least, that one lane's relay has written to."""

    kafka: KafkaSettings
    lane: str
    _ends: dict[Where, int] = field(default_factory=dict)
    _before: dict[Where, int] = field(default_factory=dict)
    _looked: float = field(default_factory=monotonic)

    def wrote(self, topic: str, partition: int, offset: int, records: int) -> None:
        """A batch of a transaction. offset: of its first record, negative when the broker could not say any more."""
        if offset >= 0:
            self._ends[topic, partition] = offset + records + 1  # the transaction's end is a record of its own

    def documents(self) -> list[Document]:
        """What the next relay of the lane must know."""
        return [{"topic": topic, "partition": number, "end": end} for (topic, number), end in self._ends.items()]

    def remember(self, documents: Iterable[Document], topics: Iterable[str]) -> None:
        """What an earlier relay of the lane knew of these topics."""
        there = set(topics)
        self._ends = {(one["topic"], one["partition"]): one["end"] for one in documents if one["topic"] in there}
        self._before = {}
        self._looked = monotonic()

    async def shortened(self) -> list[Where]:
        """Partitions that have lost what was written last; they are remembered no longer.

        Asked between transactions, once the ends of the last one are written.
        """
        lost = await self._short(self._ends)
        for place in lost:
            del self._ends[place]
        return lost

    async def is_shorter(self) -> bool:
        """Whether a partition has lost what was written last. Asks Kafka now and then, of those that were not written
        to since it was asked before: at the others, the ends of transactions may still be on their way.

        A Kafka that cannot be asked is left to those who publish.
        """
        if monotonic() - self._looked < LOOK_SECONDS:
            return False
        self._looked = monotonic()
        still = {place: end for place, end in self._ends.items() if self._before.get(place) == end}
        self._before = dict(self._ends)
        try:
            async with asyncio.timeout(WITHIN_SECONDS):
                lost = await self._short(still)
        except (KafkaError, TimeoutError, OSError) as error:
            log.info("Kafka's ends are not known now", lane=self.lane, error=type(error).__name__)
            return False
        return bool(lost)

    async def _short(self, ends: Mapping[Where, int]) -> list[Where]:
        if not ends:
            return []
        places = {TopicPartition(self.kafka.topic(topic), number): (topic, number) for topic, number in ends}
        async with reader(self.kafka, "read_uncommitted") as consumer:
            found = await consumer.end_offsets(list(places))
        return sorted(places[place] for place, end in found.items() if end < ends[places[place]])
