"""The lane's writer: the one task that commits a lane's batches, one at a time.

Callers put commands in and wait on futures; no request and no shutdown cancels the transaction under way.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

import structlog

from chassis.crash import crash_point
from chassis.ids import random_id
from chassis.journal import refusing
from chassis.journal.attempt import Attempt, LostLease
from chassis.journal.blocked import Blocked
from chassis.journal.command import Command
from chassis.journal.decided import Decided
from chassis.journal.generation import floors
from chassis.journal.lease import Lease, take_lane
from chassis.journal.measures import BATCH_SECONDS, BATCH_SIZE
from chassis.journal.outcome import Busy, Failed
from chassis.journal.refusing import Refused, Refusing
from chassis.journal.settle import Gone, Sealed, committed, open_head
from chassis.journal.spans import committing
from chassis.journal.suspects import Suspects
from chassis.journal.waiting import QUEUE, Waiting
from chassis.mongo import Database, InvalidDocument, Session, errors

BATCH = 400
HANDOFFS_PER_BATCH = 400
SWEEP_SECONDS = 0.5
DRAIN_SECONDS = 5.0

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class LaneWriter:
    """Writes one lane while it holds the lease.

    forward: takes commands whose lease was lost, to hand them to whoever holds it now.
    tried: set once the lane was taken or found taken.
    published: called after a commit that holds messages.
    """

    database: Database
    attempt: Attempt
    forward: Callable[[Waiting], None]
    published: Callable[[], None] = lambda: None

    _session: Session | None = None
    _left: list[Session] = field(default_factory=list)
    _queue: deque[Waiting] = field(default_factory=deque)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _handoffs: bool = True
    _swept: float = 0.0
    _n: int = -1
    _last: datetime | None = None
    _blocked: Blocked = field(default_factory=Blocked)
    _suspects: Suspects = field(default_factory=Suspects)
    _limit: int = BATCH
    _stalled: int = 0
    tried: asyncio.Event = field(default_factory=asyncio.Event)
    _refusing: Refusing = field(init=False)
    _stopping: bool = False
    _drain_until: float = 0.0

    def __post_init__(self) -> None:
        self._refusing = Refusing(self.attempt.lane)

    @property
    def lease(self) -> Lease:
        return self.attempt.lease

    @property
    def holds(self) -> bool:
        return self.lease.held and not self._stopping

    def put(self, waiting: Waiting) -> None:
        """Raises Busy."""
        if self._refusing or len(self._queue) >= QUEUE:
            raise Busy
        self._queue.append(waiting)
        self._wake.set()

    def ring(self) -> None:
        """A handoff may be waiting."""
        self._handoffs = True
        self._wake.set()

    def stop(self, drain: float = DRAIN_SECONDS) -> None:
        """End when the queue is empty, or after so many seconds; what is queued then is handed over."""
        self._stopping = True
        self._drain_until = monotonic() + drain
        self._wake.set()

    async def run(self) -> None:
        """Until stopped, or the lane has ended. Infrastructure errors wait and try again, for ever."""
        pause = 0.05
        while not self._stopping or (self._queue and monotonic() < self._drain_until):
            try:
                if not self.lease.held and not await self._take_over():
                    self.tried.set()
                    self._hand_queue_over()
                    await self._rest(self.lease.seconds / 10)
                    continue
                self.tried.set()
                await self._idle()
                if self.lease.held and (self._queue or self._handoffs):
                    await self._batch()
                self._refusing.end()
                pause = 0.05
            except Sealed:
                log.info("lane ended", lane=self.attempt.lane)
                break
            except Refused as error:
                await self._refuse(error)
            except LostLease:
                log.warning("lane lost", lane=self.attempt.lane)
                await self._drop_session()
            except errors.PyMongoError as error:
                log.warning("lane waits for the database", lane=self.attempt.lane, error=type(error).__name__)
                await self._drop_session()
                await self._rest(pause)
                pause = min(pause * 2, 1.0)
        self._stopping = True
        self.tried.set()
        self._hand_queue_over()
        await self._drop_session()
        await self.lease.release()

    async def _take_over(self) -> bool:
        if self._session is None:
            self._session = await self.database.session()
        if not await take_lane(self.lease, self._session):
            return False
        self._n, self._last = await open_head(self.database, self.attempt.lane, self._n)
        self.attempt.floors = await floors(self.database)
        self._handoffs = True
        log.info("lane taken", lane=self.attempt.lane, head=self._n)
        return True

    async def _drop_session(self) -> None:
        """Leave a session whose transaction may still be open; the lease then names the next one before it writes.

        It is not given back to the driver, who would use its id for other work: whoever takes the lane next ends
        everything that runs under that id.
        """
        if self._session is not None:
            left, self._session = self._session, None
            try:
                await left.abort()
            except errors.PyMongoError:
                log.info("an open transaction is left to the next lease", lane=self.attempt.lane)
            self._left.append(left)
        self.lease.lose()

    async def _refuse(self, error: Refused) -> None:
        """Turn away who waits and who comes, until a later look finds the lane open again. Handoffs wait."""
        self._refusing.begin(error)
        self._handoffs = True
        while self._queue:
            self._queue.popleft().fail(Busy(refusing.SECONDS))
        if self._session is not None:
            await self._session.abort()
        await self._rest(refusing.SECONDS)

    def _hand_queue_over(self) -> None:
        while self._queue:
            self.forward(self._queue.popleft())

    async def _rest(self, seconds: float) -> None:
        self._wake.clear()
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return

    async def _idle(self) -> None:
        """Until there is something to do; the sweep finds handoffs whose bell was lost."""
        while not (self._queue or self._handoffs or self._stopping) and self.lease.held:
            left = self._swept + SWEEP_SECONDS - monotonic()
            if left <= 0:
                self._handoffs = True
                return
            await self._rest(left)

    async def _batch(self) -> None:
        """Take what waits, commit it, answer it."""
        handoffs = self._handoffs
        # At the smallest size a batch holds one command, so that an error names its cause; a continuation goes first.
        room = 0 if handoffs and self._limit == 1 else self._limit
        taken = [self._queue.popleft() for _ in range(min(room, len(self._queue)))]
        if handoffs:
            self._handoffs = False
            self._swept = monotonic()
        started = monotonic()
        try:
            decided = await self._commit(
                [waiting.command for waiting in taken], min(HANDOFFS_PER_BATCH, self._limit) if handoffs else 0
            )
        except BaseException:
            self._queue.extendleft(reversed(taken))
            self._handoffs = True
            raise
        if decided is None:
            self._queue.extendleft(reversed(taken))
            self._handoffs = self._handoffs or handoffs
            return
        BATCH_SECONDS.observe(monotonic() - started)
        self._conclude(taken, decided)

    def _conclude(self, taken: list[Waiting], decided: Decided) -> None:
        back: list[Waiting] = []
        for waiting in taken:
            id_ = waiting.command.id
            document = decided.results.get(id_) or decided.known.get(id_)
            if document is not None:
                waiting.answer(document)
            elif id_ in decided.failed:
                waiting.fail(Failed(str(decided.failed[id_])))
            else:
                back.append(waiting)
        self._queue.extendleft(reversed(back))
        self._blocked.block({decided.handed[id_] for id_ in decided.stuck} | decided.unknown)
        if decided.more or decided.children or decided.put_back & decided.handed.keys():
            self._handoffs = True
        if decided.results:
            BATCH_SIZE.observe(len(decided.results))
        self._suspects.acquit(decided.results)
        if any(entry["messages"] for entry in decided.entries):
            self.published()

    async def _commit(self, commands: list[Command], handoffs: int) -> Decided | None:
        """One attempt, settled. None = nothing was decided, try again (with what was learned)."""
        session = self._session
        if session is None:
            raise LostLease(self.attempt.lane)
        mark = random_id()
        session.begin()
        decided: Decided | None = None
        try:
            decided, todo = await self.attempt.gather(
                commands, last=self._last, handoffs=handoffs, blocked=self._blocked.aggregates, session=session
            )
            await self.attempt.load(todo, decided, session)
            self.attempt.decide(self._suspects.apart(todo, decided), decided, self._suspects.refused())
            if decided.worth_writing:
                await self.attempt.write(decided, self._n + 1, mark, session)
                crash_point("journal.before-commit")
        except (errors.PyMongoError, InvalidDocument, OverflowError) as error:
            await self._recover(error, decided, session)
            return None
        with committing(todo if decided.worth_writing else ()):
            settled = await self._settled(session, decided, mark)
        if not settled:
            return None
        crash_point("journal.after-commit")
        if decided.worth_writing:
            self._n, self._last = self._n + 1, decided.now
            self._limit, self._stalled = min(BATCH, self._limit * 2), 0
        return decided

    async def _settled(self, session: Session, decided: Decided, mark: str) -> bool:
        """Commit until the outcome is known. Raises nothing but cancellation."""
        n = self._n + 1 if decided.worth_writing else None
        try:
            await committed(self.database, session, self.attempt.lane, n, mark)
        except Gone:
            self.lease.lose()
            return False
        return True

    async def _recover(self, error: Exception, decided: Decided | None, session: Session) -> None:
        """After an attempt that wrote nothing: learn from the error, begin again from the head."""
        await session.abort()
        if isinstance(error, errors.PyMongoError) and error.has_error_label("TransientTransactionError"):
            self._stalled += 1
        elif decided is not None and self._suspects.learn(error, decided):
            log.warning("a command's own write was refused", lane=self.attempt.lane, error=str(error)[:300])
        elif isinstance(error, errors.DuplicateKeyError | errors.BulkWriteError):
            self._stalled += 1
        elif isinstance(error, errors.PyMongoError):
            raise error
        else:
            self._stalled += 1
            log.error("a batch could not be encoded", error=str(error)[:300])
        before = self._n
        self._n, self._last = await open_head(self.database, self.attempt.lane, self._n)
        if self._n == before and self._stalled >= 2:
            self._limit, self._stalled = max(1, self._limit // 2), 0
        if not await self.lease.renew():
            raise LostLease(self.attempt.lane) from error
