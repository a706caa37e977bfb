"""One lane's relay: lease, fence, find the place, publish.

Anything that goes wrong ends in the same way: throw the producer away and begin again from the lease. What the
predecessor left open is settled by `init_transactions`, what it published is told by the relay topic.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from chassis.crash import crash_point
from chassis.ids import random_id
from chassis.journal.generation import published
from chassis.journal.keyring import Keyring
from chassis.journal.lease import Lease
from chassis.journal.settle import end
from chassis.journal.shape import JOURNAL, LANES, RELAYS, batches_after
from chassis.journal.vault import opened_messages
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, Document, errors
from chassis.relay.measures import ALARM, BEHIND, PUBLISHED, REPEATED
from chassis.relay.position import Place, Position, read
from chassis.relay.record import Record, records
from chassis.relay.seen import last_seen
from chassis.relay.spans import published_by
from contracts.registry import Topic

BATCHES = 32
SWEEP_SECONDS = 0.5
TRANSACTION_MS = 10_000
STUCK_SECONDS = 30.0
MARK_SECONDS = 1.0
FIELDS = {
    "at": 1,
    "seal": 1,
    "entries.actor": 1,
    "entries.trace": 1,
    "entries.messages": 1,
    "entries.personal": 1,
}

log = structlog.get_logger(__name__)


class Disagree(RuntimeError):
    """Kafka and the journal tell different stories; an operator must decide which one is true."""


@dataclass(slots=True, eq=False)
class LaneRelay:
    """Publishes one lane while it holds the lane's relay lease."""

    database: Database
    kafka: KafkaSettings
    service: str
    topics: Mapping[str, Topic]
    lane: str
    index: int
    keyring: Keyring
    lease_seconds: float = 5.0

    lease: Lease = field(init=False)
    n: int = -1
    oldest: datetime | None = None
    stopped: bool = False
    ended: bool = False
    _marked: float = -MARK_SECONDS
    _bell: asyncio.Event = field(default_factory=asyncio.Event)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.lease = Lease(self.database, RELAYS, self.lane, random_id(), self.lease_seconds)

    def ring(self) -> None:
        self._bell.set()

    def stop(self) -> None:
        self.stopped = True
        self._bell.set()
        self._stopping.set()

    async def run(self) -> None:
        """Until stopped, until all of a lane that has ended is published, or for ever silent (with an alarm) once Kafka
        and the journal disagree."""
        pause = 0.1
        while not (self.stopped or self.ended):
            try:
                if await self.lease.take() is None:
                    await _rest(self._stopping, self.lease_seconds / 5)
                    continue
                await self._hold()
                pause = 0.1
            except Disagree as error:
                ALARM.labels(self.lane).set(1)
                log.critical("the relay stops", lane=self.lane, why=str(error))
                await self._tell_the_writer(str(error))
                return
            except (KafkaError, errors.PyMongoError, TimeoutError, OSError) as error:
                why = f"{type(error).__name__}: {error}"
                log.warning("the relay begins again", lane=self.lane, error=why[:300])
                await _rest(self._stopping, pause)
                pause = min(pause * 2, 2.0)
            except Exception:
                ALARM.labels(self.lane).set(1)
                log.exception("the relay cannot publish", lane=self.lane)
                await _rest(self._stopping, 2.0)
        await self.lease.release()

    async def _hold(self) -> None:
        """Fence the predecessor, find the place, publish until stopped or out of lease."""
        producer = AIOKafkaProducer(
            **self.kafka.client_options(),
            transactional_id=f"{self.kafka.prefix}{self.service}.{self.lane}",
            transaction_timeout_ms=TRANSACTION_MS,
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=262_144,
        )
        try:
            async with asyncio.timeout(STUCK_SECONDS):
                await producer.start()
                self.n = await self._recover()
            ALARM.labels(self.lane).set(0)
            log.info("relay at work", lane=self.lane, after=self.n)
            await self._publish_all(producer)
        finally:
            with suppress(KafkaError, TimeoutError, OSError):
                async with asyncio.timeout(5):
                    await producer.stop()

    async def _recover(self) -> int:
        """The last published batch. Raises Disagree."""
        place = Place(self.kafka.topic(f"{self.service}.relay.v1"), self.index, self.lane)
        position = await read(self.kafka, place)
        last, _, sealed = await end(self.database, self.lane)
        known = await published(self.database, self.lane)
        if position is None and known:
            position = await last_seen(self.kafka, self.service, self.topics, self.lane)
        if position is None:
            return 0
        if position > last:
            raise Disagree(f"Kafka holds batch {position}, the journal ends at {last}")
        lane = await self.database[LANES].find_one({"_id": self.lane}, fields={"trimmed_to": 1})
        if lane is not None and position < lane.get("trimmed_to", 0):
            raise Disagree(f"Kafka holds batch {position}, the journal begins after {lane['trimmed_to']}")
        if position < known:
            REPEATED.inc(known - position)
            log.error("Kafka has lost batches, they are published again", lane=self.lane, after=position, to=known)
        await self.database[LANES].update_one({"_id": self.lane}, {"$set": {"stopped": None}})
        await self._mark(position)
        if sealed and position == last:  # a predecessor published the seal, but could not tell any more
            await self._end()
        return position

    async def _mark(self, n: int) -> None:
        """Remember, now and then, how far Kafka has it: what is less one day was lost there."""
        if monotonic() - self._marked > MARK_SECONDS:
            await self.database[RELAYS].update_one({"_id": self.lane}, {"$max": {"published": n}})
            self._marked = monotonic()

    async def _tell_the_writer(self, why: str) -> None:
        """What would be decided now could not be published: the lane takes no batch until an operator has decided."""
        while not self.stopped:
            try:
                await self.database[LANES].update_one({"_id": self.lane}, {"$set": {"stopped": why}})
            except errors.PyMongoError as error:
                log.warning("the lane's writer is not told yet", lane=self.lane, error=type(error).__name__)
                await _rest(self._stopping, 1.0)
            else:
                return

    async def _end(self) -> None:
        """All of the lane is published, up to its seal: the relays of the next lanes may begin."""
        await self.database[RELAYS].update_one({"_id": self.lane}, {"$set": {"ended": True}})
        self.ended = True
        log.info("all of the lane is published", lane=self.lane)

    async def _publish_all(self, producer: AIOKafkaProducer) -> None:
        renewed = monotonic()
        while not (self.stopped or self.ended):
            if monotonic() - renewed > self.lease_seconds / 4:
                if not await self.lease.renew():
                    return
                renewed = monotonic()
            self._bell.clear()
            batches = await self.database[JOURNAL].find(
                batches_after(self.lane, self.n), sort=[("_id", 1)], limit=BATCHES, fields=FIELDS
            )
            self.oldest = batches[0]["at"] if batches else None
            BEHIND.labels(self.lane).set(len(batches))
            if not batches:
                await _rest(self._bell, SWEEP_SECONDS)
                continue
            async with asyncio.timeout(STUCK_SECONDS):
                await self._publish(producer, await opened_messages(self.keyring, batches))
            if batches[-1].get("seal"):
                await self._end()

    async def _publish(self, producer: AIOKafkaProducer, batches: list[Document]) -> None:
        """Whole batches and the new position in one Kafka transaction. Batches without messages cost none."""
        expected = range(self.n + 1, self.n + 1 + len(batches))
        if [batch["_id"]["n"] for batch in batches] != list(expected):
            raise Disagree(f"the journal has a gap after {self.n}")
        going = [record for batch in batches for record in records(batch, self.service, self.topics)]
        last = batches[-1]["_id"]["n"]
        if going:
            await producer.begin_transaction()
            await self._send(producer, published_by(going), last)
            crash_point("relay.before-commit")
            await producer.commit_transaction()
            crash_point("relay.after-commit")
            PUBLISHED.inc(len(going))
            await self._mark(last)
        self.n = last

    async def _send(self, producer: AIOKafkaProducer, going: list[Record], last: int) -> None:
        """Order per partition is the journal's: one open builder per partition, sent when full and at the end."""
        sent: list[asyncio.Future[Any]] = []
        building: dict[tuple[str, int], Any] = {}
        for record in going:
            place = (self.kafka.topic(record.topic), record.partition)
            builder = building.get(place)
            if builder is None or not _add(builder, record):
                if builder is not None:
                    sent.append(await producer.send_batch(builder, place[0], partition=place[1]))
                builder = building[place] = producer.create_batch()
                if not _add(builder, record):
                    raise Disagree(f"a message of {record.topic} is larger than a batch may be")
        for (topic, partition), builder in building.items():
            sent.append(await producer.send_batch(builder, topic, partition=partition))
        position = Position(lane=self.lane, n=last).model_dump_json().encode()
        sent.append(
            await producer.send(
                self.kafka.topic(f"{self.service}.relay.v1"), position, key=self.lane.encode(), partition=self.index
            )
        )
        await asyncio.gather(*sent)


async def _rest(until: asyncio.Event, seconds: float) -> None:
    """The bell ends only the holder's rest: it keeps ringing for those who wait for the lease."""
    with suppress(TimeoutError):
        await asyncio.wait_for(until.wait(), seconds)


def _add(builder: Any, record: Record) -> bool:
    """False when the builder is full."""
    return builder.append(timestamp=None, key=record.key, value=record.value, headers=record.headers) is not None
