"""One lane's relay: lease, fence, find the place, publish.

Anything that goes wrong ends in the same way: throw the producer away and begin again from the lease. What the
predecessor left open is settled by `init_transactions`, what it published is told by the relay topic.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from chassis.crash import crash_point
from chassis.ids import random_id
from chassis.journal.generation import published
from chassis.journal.keyring import Keyring
from chassis.journal.lease import Lease
from chassis.journal.settle import end, mark_of, trimmed_to
from chassis.journal.shape import JOURNAL, LANES, RELAYS, batches_after
from chassis.journal.vault import opened_messages
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, Document, errors
from chassis.relay.disagree import Changed, Disagree, refuse_another
from chassis.relay.measures import ALARM, BEHIND, PUBLISHED, REPEATED
from chassis.relay.position import Place, Position, position_at
from chassis.relay.record import Record, records
from chassis.relay.seen import Where, last_seen
from chassis.relay.sending import send
from chassis.relay.spans import published_by
from chassis.relay.tail import Tail
from contracts.registry import Topic

BATCHES = 32
SWEEP_SECONDS = 0.5
TRANSACTION_MS = 10_000
STUCK_SECONDS = 30.0
MARK_SECONDS = 1.0
FIELDS = {
    "at": 1,
    "batch": 1,
    "seal": 1,
    "entries.actor": 1,
    "entries.trace": 1,
    "entries.messages": 1,
    "entries.personal": 1,
}

log = structlog.get_logger(__name__)


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
    batch: str | None = None
    tail: Tail = field(init=False)
    oldest: datetime | None = None
    stopped: bool = False
    ended: bool = False
    _marked: float = -MARK_SECONDS
    _marked_n: int = 0
    _told: int = 0
    _known: int = 0
    _kept: dict[Where, int] = field(default_factory=dict)
    _bell: asyncio.Event = field(default_factory=asyncio.Event)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.lease = Lease(self.database, RELAYS, self.lane, random_id(), self.lease_seconds)
        self.tail = Tail(self.kafka, self.lane)

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
            except (Changed, KafkaError, errors.PyMongoError, TimeoutError, OSError) as error:
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
                self.n, self.batch = await self._recover()
            ALARM.labels(self.lane).set(0)
            log.info("relay at work", lane=self.lane, after=self.n)
            await self._publish_all(producer)
        finally:
            with suppress(KafkaError, TimeoutError, OSError):
                async with asyncio.timeout(5):
                    await producer.stop()

    async def _recover(self) -> tuple[int, str | None]:
        """The last published batch and its mark. Raises Disagree."""
        await refuse_another(self.database, self.lane, self.n, self.batch)
        told = await position_at(self.kafka, Place(self.kafka.topic(self._positions), self.index, self.lane))
        position = None if told is None else told.n
        last, _, sealed = await end(self.database, self.lane)
        await self._mark(after=0)
        known = await published(self.database, self.lane)
        seen = await self._seen() if position is None and known else None
        position = position if seen is None else max(seen.values(), default=0)
        self._known, self._kept = max(position or 0, known), {}
        if position is None:
            return 0, None
        if position > last:
            raise Disagree(f"Kafka holds batch {position}, the journal ends at {last}")
        await refuse_another(self.database, self.lane, position, None if told is None else told.batch)
        trimmed = await trimmed_to(self.database, self.lane)
        if position < trimmed:
            raise Disagree(f"Kafka holds batch {position}, the journal begins after {trimmed}")
        whole = await self._whole(position, trimmed, seen)
        if whole < self._known:
            REPEATED.inc(self._known - whole)
            log.error("Kafka has lost batches", lane=self.lane, published_again_from=whole, to=self._known)
        await self.database[LANES].update_one({"_id": self.lane}, {"$set": {"stopped": None}})
        if whole == position:
            self._told = position
            await self._mark()
        if sealed and whole == last:  # a predecessor published the seal, but could not tell any more
            await self._end()
        return whole, await mark_of(self.database, self.lane, whole)

    @property
    def _positions(self) -> str:
        return f"{self.service}.relay.v1"

    async def _whole(self, position: int, trimmed: int, seen: dict[Where, int] | None) -> int:
        """The last batch up to which no partition has lost any, of those that the journal still has.

        Up to what was known to be published, each partition then gets what it lacks. seen: `_seen`, if asked before.
        """
        relay = await self.database[RELAYS].find_one({"_id": self.lane}, fields={"ends": 1}) or {}
        self.tail.remember(relay.get("ends", ()), [self._positions, *self.topics])
        lost = await self.tail.shortened()
        if lost or position < self._known:
            self._kept = await self._seen() if seen is None else seen
        kept = [self._kept.get(place, 0) for place in lost if place[0] != self._positions]
        return min([position, *(max(n, trimmed) for n in kept)])

    async def _seen(self) -> dict[Where, int]:
        return await last_seen(self.kafka, self.service, self.topics, self.lane)

    async def _look(self) -> None:
        """What was published is what the journal holds, and Kafka still holds it. Raises Disagree, Changed.

        Neither is told by an error: a database that was restored, and a broker that lost the end of its logs, answer as
        if nothing had been.
        """
        await refuse_another(self.database, self.lane, self.n, self.batch)
        if await self.database[LANES].count({"_id": self.lane, "stopped": {"$ne": None}}):
            raise Changed("the lane's writer has stopped")
        if await self.tail.is_shorter():
            raise Changed("Kafka has lost what was published last")

    async def _mark(self, after: float = MARK_SECONDS) -> None:
        """Remember, now and then, how far Kafka has it: what is less one day was lost there.

        What was known before that stays while it is published again. In a database that was put back, where our
        lease ends earlier, nothing is written."""
        if self._told != self._marked_n and monotonic() - self._marked > after:
            known = {"published": self._told, "ends": self.tail.documents()}
            ours = {"_id": self.lane, "owner": self.lease.owner, "until": {"$gte": self.lease.until}}
            await self.database[RELAYS].update_one({**ours, "published": {"$lte": self._told}}, {"$set": known})
            self._marked, self._marked_n = monotonic(), self._told

    def _due(self, batch: Document) -> Iterator[Record]:
        """A batch's messages, without those that Kafka kept when it lost others."""
        made, n = records(batch, self.service, self.topics), batch["_id"]["n"]
        return (one for one in made if n > self._known or n > self._kept.get((one.topic, one.partition), 0))

    def _position(self, batch: Document) -> Record:
        position = Position(lane=self.lane, n=batch["_id"]["n"], batch=batch["batch"])
        return Record(self._positions, self.index, self.lane.encode(), position.model_dump_json().encode(), [])

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
                await self._look()
            self._bell.clear()
            batches = await self.database[JOURNAL].find(
                batches_after(self.lane, self.n), sort=[("_id", 1)], limit=BATCHES, fields=FIELDS
            )
            self.oldest = batches[0]["at"] if batches else None
            BEHIND.labels(self.lane).set(len(batches))
            if not batches:
                await self._mark()
                await _rest(self._bell, SWEEP_SECONDS)
                continue
            if monotonic() - renewed > self.lease_seconds / 4:
                continue  # whatever took so long: look first whether this is still what we know
            async with asyncio.timeout(STUCK_SECONDS):
                await self._publish(producer, await opened_messages(self.keyring, batches))
            if batches[-1].get("seal"):
                await self._end()

    async def _publish(self, producer: AIOKafkaProducer, batches: list[Document]) -> None:
        """Whole batches and the new position in one Kafka transaction. Batches without messages cost none."""
        expected = range(self.n + 1, self.n + 1 + len(batches))
        if [batch["_id"]["n"] for batch in batches] != list(expected):
            raise Disagree(f"the journal has a gap after {self.n}")
        going, own = [record for batch in batches for record in self._due(batch)], self._position(batches[-1])
        last = batches[-1]["_id"]["n"]
        again = self.n < self._known
        if again:
            # where the mark of its end was lost, a transaction is open again: this settles it as one that was not
            await producer.begin_transaction()
            await send(producer, self.kafka, [*going, own])
            await producer.abort_transaction()
        if going or again:
            await producer.begin_transaction()
            for told in await send(producer, self.kafka, [*published_by(going), own]):
                self.tail.wrote(*told)
            crash_point("relay.before-commit")
            await producer.commit_transaction()
            crash_point("relay.after-commit")
            PUBLISHED.inc(len(going))
            self._told = last
            await self._mark()
        self.n, self.batch = last, batches[-1]["batch"]


async def _rest(until: asyncio.Event, seconds: float) -> None:
    """The bell ends only the holder's rest: it keeps ringing for those who wait for the lease."""
    with suppress(TimeoutError):
        await asyncio.wait_for(until.wait(), seconds)
