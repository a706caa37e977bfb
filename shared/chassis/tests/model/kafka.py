"""aiokafka's producer and consumer, as far as the relay uses them, over the model's broker."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiokafka import TopicPartition
from aiokafka.errors import ConcurrentTransactions

from model.broker import Data, Place

if TYPE_CHECKING:
    from model.world import World

BUILDER_RECORDS = 4


class Builder:
    """A batch under construction; full after a few records."""

    def __init__(self) -> None:
        self.records: list[tuple[bytes, bytes | None, list[tuple[str, bytes]]]] = []

    def append(
        self, *, timestamp: None, key: bytes, value: bytes | None, headers: list[tuple[str, bytes]]
    ) -> object | None:
        if len(self.records) >= BUILDER_RECORDS:
            return None
        self.records.append((key, value, headers))
        return self

    def record_count(self) -> int:
        return len(self.records)


@dataclass(frozen=True, slots=True)
class Written:
    """Where a batch is. offset: of its first record."""

    offset: int


class ModelProducer:
    """One transactional producer; records of one partition are sent in turn."""

    def __init__(self, world: "World", *, transactional_id: str, **options: Any) -> None:
        self.world = world
        self.id = transactional_id
        self.epoch = 0
        self.transaction = 0
        self._turns: dict[Place, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def start(self) -> None:
        while True:
            try:
                self.epoch = await self.world.kafka("init", lambda: self.world.broker.init(self.id))
            except ConcurrentTransactions:
                await asyncio.sleep(0.02)
            else:
                return

    async def stop(self) -> None:
        return

    async def begin_transaction(self) -> None:
        id_, epoch = self.id, self.epoch
        while True:
            try:
                self.transaction = await self.world.kafka("begin", lambda: self.world.broker.begin(id_, epoch))
            except ConcurrentTransactions:
                await asyncio.sleep(0.01)
            else:
                return

    async def commit_transaction(self) -> None:
        id_, epoch = self.id, self.epoch
        await self.world.kafka("commit transaction", lambda: self.world.broker.commit(id_, epoch))

    def create_batch(self) -> Builder:
        return Builder()

    async def send_batch(self, builder: Builder, topic: str, *, partition: int) -> "asyncio.Task[Written]":
        from model.world import quietly  # noqa: PLC0415 - the world makes the producers

        records = [Data(self.transaction, *record) for record in builder.records]
        sending = asyncio.ensure_future(self._in_turn((topic, partition), records))
        sending.add_done_callback(quietly)
        return sending

    async def _in_turn(self, place: Place, records: list[Data]) -> Written:
        id_, epoch, transaction = self.id, self.epoch, self.transaction
        async with self._turns[place]:
            offset: int = await self.world.kafka(
                f"produce {place[0]}", lambda: self.world.broker.produce(id_, epoch, place, transaction, records)
            )
            return Written(offset)


class ModelConsumer:
    """Reads one partition; ends are the high watermark's, whatever the isolation."""

    def __init__(self, world: "World", *, isolation_level: str, **options: Any) -> None:
        self.world = world
        self.committed = isolation_level == "read_committed"
        self.offset = 0

    async def start(self) -> None:
        await self.world.kafka("metadata", lambda: None)

    async def stop(self) -> None:
        return

    def assign(self, partitions: list[TopicPartition]) -> None:
        return

    async def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 0)

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        def ends() -> dict[TopicPartition, int]:
            return {p: len(self.world.broker.partition((p.topic, p.partition)).log) for p in partitions}

        found: dict[TopicPartition, int] = await self.world.kafka("ends", ends)
        return found

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.offset = offset

    async def position(self, partition: TopicPartition) -> int:
        return self.offset

    async def getmany(self, partition: TopicPartition, *, timeout_ms: int) -> dict[TopicPartition, list[Data]]:
        count, place = self.world.rng.randint(1, 6), (partition.topic, partition.partition)
        found, after = await self.world.kafka(
            "fetch", lambda: self.world.broker.partition(place).read(self.offset, count, committed=self.committed)
        )
        if after == self.offset:
            await asyncio.sleep(timeout_ms / 1000)
        self.offset = after
        return {partition: found} if found else {}
