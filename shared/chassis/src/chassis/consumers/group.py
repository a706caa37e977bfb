"""One consumer group of a service: all its topics, in batches, through FastStream."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from time import monotonic
from typing import Any

import structlog
from aiokafka.errors import KafkaError
from faststream.exceptions import NackMessage

from chassis import clock
from chassis.consumers import marks, parking, readings
from chassis.consumers.applying import Applier, Unavailable
from chassis.consumers.decode import decode, record_of
from chassis.consumers.message import Subscription
from chassis.consumers.progress import BATCH, MESSAGES, PAUSED, Watch
from chassis.consumers.readings import Notes
from chassis.consumers.rebuilding import Overtaken, Rebuilder
from chassis.consumers.release import Release
from chassis.consumers.retry import pause
from chassis.consumers.subscriber import MAX_RECORDS, make_broker, refuse_unsafe, subscribe
from chassis.consumers.tidying import Tidying
from chassis.consumers.tracing import traced
from chassis.journal.schema import verify
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, errors
from contracts.registry import topics

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds.

    retry: how long one batch may be tried again in place, all its failing messages together.
    patience: how long a batch is kept in hand while a server is away, before it is given back to Kafka and asked for
        again; well below `poll`.
    poll: aiokafka's max_poll_interval: a batch in hand for longer costs the member its partitions.
    gap: how long a missing message is waited for. tidy: between looks at what waits aside. stop: how long `stop` waits
    for the batch in hand. still: how long no position may move while records wait, or Kafka may answer others and not
    this member. gather: how long the next batch gathers after one that came in the wake of another.
    """

    retry: float = 10.0
    patience: float = 60.0
    poll: float = 300.0
    gap: float = 30.0
    tidy: float = 0.5
    stop: float = 10.0
    still: float = 60.0
    gather: float = 0.05


class Consumers:
    """A part of a process: reads the subscriptions' topics as one group and applies their messages.

    name: tells the groups of one service apart; a topic belongs to one group of a service.
    """

    def __init__(
        self,
        service: str,
        database: Database,
        kafka: KafkaSettings,
        subscriptions: Sequence[Subscription],
        *,
        name: str = "consumer",
        timing: Timing | None = None,
    ) -> None:
        unknown = {subscription.topic for subscription in subscriptions} - set(topics())
        if unknown:
            raise ValueError(f"not in the registry: {', '.join(sorted(unknown))}")
        self.group = kafka.topic(f"{service}-{name}")
        self.timing = timing or Timing()
        self._database = database
        self._kafka = kafka
        self._names = {kafka.topic(subscription.topic): subscription.topic for subscription in subscriptions}
        by_topic = {subscription.topic: subscription for subscription in subscriptions}
        self._applier = Applier(database, self.group, by_topic)
        self._rebuilder = Rebuilder(database, kafka, self.group, by_topic, patience=self.timing.retry)
        self._notes = Notes(database, self.group, self._names, self._rebuilder.topics)
        self._release = Release(self._applier, patience=self.timing.retry)
        self._turn = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._random = Random()  # noqa: S311 - jitter
        self._paused = False
        self._in_hand: tuple[float, int] | None = None
        self._free_at = 0.0
        self._broker = make_broker(kafka, self.group, graceful_seconds=self.timing.stop)
        self._subscriber = subscribe(self._broker, self._names, self.group, self._handle, poll_seconds=self.timing.poll)
        self._tidying = Tidying(
            self._release,
            kafka,
            self._names,
            self.timing.gap,
            Watch(still=self.timing.still, in_hand=2 * self.timing.poll),
        )
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start reading; Kafka may be away. Raises UnsafeSubscriber when a subscriber could lose messages,
        NotPrepared when the journal is not there."""
        refuse_unsafe(self._broker)
        await verify(self._database)
        self._tasks = [asyncio.create_task(self._live(), name=f"consumers {self.group}")]

    @property
    def tasks(self) -> "list[asyncio.Task[None]]":
        return self._tasks

    async def stop(self) -> None:
        """Finish the batch in hand, or leave it for redelivery when that takes too long."""
        self._stopping.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await self._broker.stop()
        await self._applier.finish(self.timing.stop)

    def progress(self) -> dict[str, Any]:
        """For /health/progress: partitions assigned, records not taken in yet, subjects held, the oldest one's age."""
        return {
            "group": self.group,
            "assigned": len(self._tidying.positions),
            "lag": self._tidying.lag + (self._in_hand[1] if self._in_hand else 0),
            "held": self._tidying.held,
            "paused": self._paused,
            "oldest_seconds": round(self._tidying.oldest(monotonic()), 3),
        }

    async def _live(self) -> None:
        await self._connect()
        while True:
            await asyncio.sleep(self.timing.tidy)
            await self._tidy()

    async def _connect(self) -> None:
        tries = 0
        while True:
            try:
                await self._rebuilder.run()
                await self._broker.start()
            except (KafkaError, OSError, TimeoutError, errors.PyMongoError, Overtaken) as error:
                log.warning("not consuming yet", group=self.group, error=type(error).__name__)
                await self._broker.stop()
                await asyncio.sleep(pause(tries, self._random))
                tries += 1
            else:
                log.info("consuming", group=self.group, topics=sorted(self._names.values()))
                return

    async def _handle(self, records: Sequence[Any]) -> None:
        """FastStream's handler: returns when the batch is taken in and its offsets may be committed."""
        in_a_row = monotonic() - self._free_at < self.timing.gather
        self._tidying.waiting_since(min(record.timestamp for record in records) / 1000, clock.epoch_seconds())
        async with self._turn:
            self._in_hand = (monotonic(), len(records))
            try:
                with BATCH.labels(self.group).time():
                    done = await self._insist(records)
            finally:
                self._in_hand = None
                self._count()
        if not done:
            raise NackMessage
        self._tidying.waiting_since(None, 0)
        if in_a_row and len(records) < MAX_RECORDS:
            await self._rest(self.timing.gather)
        self._free_at = monotonic()

    async def _take_in(self, records: Sequence[Any], size: int) -> None:
        """size: at most so many in one transaction."""
        items = [decode(record_of(record, self._names[record.topic])) for record in records]
        with traced(self.group, items) as mine:
            for start in range(0, len(mine), size):
                await self._applier.run(mine[start : start + size], until=monotonic() + self.timing.retry)
            for address in list(self._applier.resumable):
                await self._release.replay(address)

    async def _insist(self, records: Sequence[Any]) -> bool:
        """Take the batch in, as often as it takes while servers are away; False when Kafka should have it back first.

        A server that is there and refuses may find the transaction too long: each such try halves it.
        """
        begun, tries, size = monotonic(), 0, len(records)
        while True:
            try:
                await self._take_in(records, size)
            except Exception as error:
                known = isinstance(error, Unavailable)
                if not self._paused or not known:
                    log.warning("consuming paused", group=self.group, error=str(error), exc_info=not known)
                if isinstance(error, Unavailable) and error.answered:
                    size = max(1, size // 2)
            else:
                self._pause(False)
                return True
            self._pause(True)
            if self._stopping.is_set() or monotonic() - begun > self.timing.patience:
                return False
            await self._rest(pause(tries, self._random))
            tries += 1

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return

    def _pause(self, paused: bool) -> None:
        if self._paused and not paused:
            log.info("consuming again", group=self.group)
        self._paused = paused
        PAUSED.labels(self.group).set(int(paused))

    async def _tidy(self) -> None:
        consumer = self._subscriber.consumer
        if consumer is None:
            return
        working = self._in_hand[0] if self._in_hand else None
        await self._tidying.look(consumer, working_since=working, paused=self._paused)
        if self._paused:
            return
        await self._notes.note(consumer, self._tidying.positions)
        if self._turn.locked():
            return
        async with self._turn:
            try:
                await self._tidying.act()
            except Exception as error:
                log.warning("parked records are left for later", group=self.group, error=str(error), exc_info=True)
            self._count()

    def _count(self) -> None:
        outcomes = self._applier.outcomes
        for (topic, outcome), number in outcomes.items():
            MESSAGES.labels(self.group, topic, outcome).inc(number)
        outcomes.clear()


async def prepare(database: Database) -> None:
    """Make the collections and indexes of the consuming side; safe to run again."""
    await marks.prepare(database)
    await parking.prepare(database)
    await readings.prepare(database)
