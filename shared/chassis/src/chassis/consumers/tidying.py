"""What a group does beside its batches: gaps that close or do not, people's requests, its own lag."""

import asyncio
from collections.abc import Mapping
from time import monotonic

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from chassis.consumers.decode import Address
from chassis.consumers.marks import MARKS, address_of
from chassis.consumers.progress import HELD, LAG, REQUESTED, Hearing, Partition, Watch, lag
from chassis.consumers.release import Release
from chassis.consumers.requests import carry_out
from chassis.kafka import KafkaSettings, answers
from chassis.mongo import Document

ASK_WITHIN = 5.0
LOOK_EVERY = 2.0
MOST = 1000


class Tidying:
    """Between batches, for the partitions that are this member's."""

    def __init__(
        self, release: Release, kafka: KafkaSettings, names: Mapping[str, str], gap: float, watch: Watch
    ) -> None:
        self._release = release
        self._kafka = kafka
        self._names = names
        self._gap = gap
        self._watch = watch
        self._hearing = Hearing(watch.still)
        self._waiting: dict[tuple[Address, int], float] = {}
        self._retried: set[tuple[Address, int]] = set()
        self._looked = 0.0
        self._oldest: float | None = None
        self._behind: float | None = None
        self.positions: dict[Partition, int] = {}
        self.lag = 0
        self.held = 0

    def waiting_since(self, written: float | None, now: float) -> None:
        """When the oldest record in hand was written, in epoch seconds; None: nothing is in hand."""
        self._oldest = None if written is None else monotonic() - max(0.0, now - written)

    def oldest(self, now: float) -> float:
        """Age in seconds of the oldest record not taken in: the one in hand, else as long as there has been a lag."""
        begun = self._behind if self._oldest is None else self._oldest
        return 0.0 if begun is None else now - begun

    async def look(self, consumer: AIOKafkaConsumer, *, working_since: float | None, paused: bool) -> None:
        """Ask Kafka how far behind this member is. Raises Stalled."""
        if monotonic() - self._looked < LOOK_EVERY:
            return
        self._looked = monotonic()
        assigned = consumer.assignment()
        try:
            async with asyncio.timeout(ASK_WITHIN):
                ends = await consumer.end_offsets(list(assigned)) if assigned else {}
                places = {part: await consumer.position(part) for part in assigned}
        except (KafkaError, TimeoutError):
            # a server that does not answer is no standstill, a client that no longer asks is one
            self._hearing.missed(monotonic(), others_hear=await answers(self._kafka, within=ASK_WITHIN))
            return
        self._hearing.heard()
        self.positions = {_plain(part): place for part, place in places.items()}
        self.lag = lag(self.positions, {_plain(part): end for part, end in ends.items()})
        self._behind = None if self.lag == 0 else self._behind or monotonic()
        LAG.labels(self._release.applier.group).set(self.lag)
        self._watch.look(monotonic(), self.positions, self.lag, working_since=working_since, paused=paused)

    async def act(self) -> None:
        """Requests, then gaps whose time is up, then what an earlier release could not read. Raises Unavailable."""
        database, group = self._release.applier.database, self._release.applier.group
        mine = {(self._names[topic], partition) for topic, partition in self.positions}
        REQUESTED.labels(group).inc(await carry_out(self._release, mine))
        self.held = await database[MARKS].count({"held.reason": {"$exists": True}})
        HELD.labels(group).set(self.held)
        if not self.held:
            self._waiting.clear()
            return
        found = await database[MARKS].find({"held.reason": {"$in": ["waiting", "newer"]}}, limit=MOST)
        held = [one for one in found if (one["_id"]["topic"], one["held"]["partition"]) in mine]
        await self._gaps([one for one in held if one["held"]["reason"] == "waiting"])
        for one in held:
            if one["held"]["reason"] == "newer" and _line(one) not in self._retried:
                self._retried.add(_line(one))
                await self._release.replay(address_of(one))

    async def _gaps(self, waiting: list[Document]) -> None:
        now = monotonic()
        self._waiting = {_line(one): self._waiting.get(_line(one), now) for one in waiting}
        for line, since in list(self._waiting.items()):
            if now - since >= self._gap:
                await self._release.give_up_waiting(line[0])


def _plain(part: TopicPartition) -> Partition:
    return part.topic, part.partition


def _line(document: Document) -> tuple[Address, int]:
    """One wait: the same subject waiting for another message later is another one."""
    return address_of(document), document["sequence"]
