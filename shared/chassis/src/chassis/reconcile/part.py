"""The reconciler as a part of a process: by itself, on a schedule, in one process of a service at a time."""

import asyncio
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka.errors import KafkaError

from chassis import clock
from chassis.ids import random_id
from chassis.journal.lease import Lease
from chassis.mongo import Database, errors
from chassis.one_task import OneTask, end
from chassis.reconcile.auditor import Auditor, Books
from chassis.reconcile.findings import Report, Stale
from chassis.reconcile.measures import AGE, PASSED, TOTAL, WRONG
from chassis.reconcile.pace import Pace
from chassis.settings import ServiceSettings

RECONCILER = "reconciler"
LEASE = "reconciler"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds, but for `share`.

    every: from the end of one pass to the beginning of the next. share: of the time that a pass may work in. full:
    after which everything is read again, not only what is new. idle: for which a living writer may leave a handoff.
    lease: after which another process takes over from a dead one.
    """

    every: float = 60.0
    share: float = 0.03
    full: float = 86_400.0
    idle: float = 60.0
    lease: float = 10.0


def timing(settings: ServiceSettings) -> Timing:
    """As the environment has it."""
    return Timing(every=settings.reconcile_every, share=settings.reconcile_share, full=settings.reconcile_full_every)


async def prepare(database: Database) -> None:
    """Make the collection of the lease; safe to run again."""
    await database.ensure_collection(RECONCILER)
    await database[RECONCILER].update_one(
        {"_id": LEASE}, {"$setOnInsert": {"v": 1, "owner": None, "until": None}}, upsert=True
    )


class Reconciler(OneTask):
    """Makes passes while it holds the service's lease. What it finds is a metric and a log line, never an end: neither
    damage nor a defect here makes the process unready or stops it."""

    def __init__(self, books: Books, timing: Timing | None = None) -> None:
        super().__init__("reconciler")
        self._books = books
        self._timing = timing or Timing()
        self._lease = Lease(books.database, RECONCILER, LEASE, random_id(), self._timing.lease)
        self._work: asyncio.Task[None] | None = None
        self._report: Report | None = None
        self._passes = 0
        self._ended: float | None = None

    async def stop(self) -> None:
        """A pass under way is dropped: it only reads."""
        await super().stop()
        await self._let_go()
        await self._lease.release()

    def progress(self) -> dict[str, Any]:
        """For /health/progress. held: by this process; the others know nothing of passes."""
        if self._work is None:
            return {"held": False}
        report = self._report
        return {
            "held": True,
            "passes": self._passes,
            "age_seconds": round(self._age(), 3),
            "wrong": None if report is None else {kind: count for kind, count in report.damage.items() if count},
            "confirmed": {} if report is None else report.confirmed,
        }

    async def _run(self) -> None:
        while True:
            try:
                held = await self._lease.take() is not None
            except errors.PyMongoError as error:
                log.warning("the reconciler waits", service=self._books.service, error=type(error).__name__)
                held = self._lease.held
            if not held:
                await self._let_go()
            elif self._work is None:
                self._ended = clock.monotonic()
                AGE.labels(self._books.service).set_function(self._age)
                self._work = asyncio.create_task(self._passes_on(), name="reconciler passes")
            await asyncio.sleep(self._timing.lease / 3)

    async def _let_go(self) -> None:
        work, self._work = self._work, None
        if work is None:
            return
        await end([work])
        service = self._books.service
        self._report = None
        for gauge in (AGE, TOTAL, PASSED):
            gauge.remove_by_labels({"service": service})
        WRONG.remove_by_labels({"service": service})

    async def _passes_on(self) -> None:
        timing = self._timing
        auditor = Auditor(self._books, Pace(timing.share), timing.full, timing.idle)
        while True:
            began = clock.monotonic()
            try:
                self._tell(await auditor.look(), clock.monotonic() - began)
            except (KafkaError, errors.PyMongoError, Stale, TimeoutError, OSError) as error:
                log.warning("the books could not be read", service=self._books.service, error=type(error).__name__)
            except Exception:
                log.exception("the reconciler is broken", service=self._books.service)
            await asyncio.sleep(timing.every)

    def _tell(self, report: Report, took: float) -> None:
        service = self._books.service
        for kind, count in report.damage.items():
            WRONG.labels(service, kind).set(count)
        TOTAL.labels(service).set(sum(report.damage.values()))
        PASSED.labels(service).set(took)
        self._report, self._ended, self._passes = report, clock.monotonic(), self._passes + 1
        if not report.sound:
            wrong = {kind: count for kind, count in report.damage.items() if count}
            log.error("the books do not agree", service=service, wrong=wrong, examples=report.examples)

    def _age(self) -> float:
        return 0.0 if self._ended is None else clock.monotonic() - self._ended
