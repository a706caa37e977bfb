"""The journal as a service's rooms see it: put a command in, get its one answer."""

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic

import structlog

from chassis.doorbell import hear
from chassis.journal import spreading, vault
from chassis.journal.command import Command, check
from chassis.journal.decision import Deciders, Result
from chassis.journal.forgetting import forget_for_ever
from chassis.journal.keyring import Keyring
from chassis.journal.measures import QUEUE
from chassis.journal.outcome import Busy, Unknown
from chassis.journal.remote import Remote
from chassis.journal.schema import verify
from chassis.journal.shape import HANDOFFS
from chassis.journal.waiting import Waiting
from chassis.journal.writer import LaneWriter
from chassis.journal.writers import Writers
from chassis.mongo import Database, errors
from chassis.sealing import Sealer

TICK_SECONDS = 0.25

log = structlog.get_logger(__name__)


class Journal:
    """One per process. Writes the lanes it holds a lease on; hands commands for the others over.

    published: called after each commit that holds messages, to wake a relay in the same process.
    secret: what members' keys are sealed under.
    """

    def __init__(
        self,
        database: Database,
        deciders: Deciders,
        *,
        lease_seconds: float = 5.0,
        published: Callable[[], None] = lambda: None,
        secret: Sealer | None = None,
    ) -> None:
        self._database = database
        deciders = {**deciders, **spreading.DECIDERS, **vault.DECIDERS}
        sealing = vault.Vault(Keyring(database, secret), deciders)
        self._lease_seconds = lease_seconds
        self._remote = Remote(database, sealing)
        self._writers = Writers(
            database, sealing, forward=self._remote.take_over, published=published, lease_seconds=lease_seconds
        )
        self._watching: list[asyncio.Task[None]] = []
        self._open: deque[Waiting] = deque()
        self._stopped = False

    async def start(self) -> None:
        """Compete for the lanes; returns when they are taken or found taken.

        Raises NotPrepared when the database is not.
        """
        generation = await verify(self._database)
        self._watching = [
            asyncio.create_task(self._remote.run(), name="journal forwarding"),
            asyncio.create_task(hear(self._database[HANDOFFS], self._ring), name="journal doorbell"),
            asyncio.create_task(self._tick(), name="journal deadlines"),
            asyncio.create_task(forget_for_ever(self._database), name="journal forgetting"),
        ]
        await self._writers.start(generation)

    @property
    def tasks(self) -> "list[asyncio.Task[None]]":
        """What the process cannot live without while the journal is up."""
        return [*self._writers.tasks, *self._watching]

    @property
    def writes(self) -> bool:
        """Whether this process holds every lane."""
        writers = list(self._writers)
        return bool(writers) and all(writer.holds for writer in writers)

    def held(self) -> int:
        """How many lanes this process writes now."""
        return sum(writer.holds for writer in self._writers)

    def oldest_seconds(self) -> float:
        """Age of the oldest unanswered command of this process."""
        waiting = next((w for w in self._open if not w.future.done()), None)
        return 0.0 if waiting is None else max(0.0, monotonic() - waiting.since)

    async def run(self, command: Command, *, deadline: float = 8.0) -> Result:
        """Decide a command once and for all, durably.

        deadline: seconds. Raises Busy, Unknown, Mismatch, Failed, Unstorable.
        """
        check(command.body)
        if self._stopped:
            raise Busy
        now = monotonic()
        waiting = Waiting(command, asyncio.get_running_loop().create_future(), now + deadline, now)
        writer = self._writers.of(command.aggregate)
        if writer.holds:
            writer.put(waiting)
        else:
            self._remote.put(waiting)
        self._open.append(waiting)
        return await waiting.future

    async def stop(self) -> None:
        """Commit what is queued, then let the lanes go."""
        await self._writers.stop()
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        self._stopped = True
        for waiting in self._open:
            waiting.fail(Unknown())

    async def _tick(self) -> None:
        """Keep leases and callers' deadlines."""
        renewed = monotonic()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._expire(monotonic())
            QUEUE.set(self.oldest_seconds())
            if monotonic() - renewed < self._lease_seconds / 4:
                continue
            renewed = monotonic()
            for writer in self._writers:
                if writer.lease.held:
                    await self._renew(writer)

    @staticmethod
    async def _renew(writer: LaneWriter) -> None:
        try:
            await writer.lease.renew()
        except errors.PyMongoError as error:
            log.warning("a lease could not be renewed", error=type(error).__name__)

    def _expire(self, now: float) -> None:
        for _ in range(len(self._open)):
            waiting = self._open.popleft()
            if waiting.future.done():
                continue
            if waiting.until < now:
                waiting.fail(Unknown())
            else:
                self._open.append(waiting)

    def _ring(self) -> None:
        """Handoffs may be waiting."""
        for writer in self._writers:
            writer.ring()
