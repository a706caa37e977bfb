"""Telling many: works through the spreads, chunk after chunk."""

import asyncio
from collections.abc import Callable

import structlog
from prometheus_client import Counter

from chassis.mongo import errors
from chassis.telemetry import current_traceparent, span
from notifications_service.store.spread import Claimed, Spreads
from notifications_service.workers.doorbell import Doorbell

SWEEP_SECONDS = 0.5
RETRY_SECONDS = 0.1

SPREADS = Counter("convene_spreads_total", "Announcements, changes and cancellations gone through", ["kind"])

_log = structlog.get_logger(__name__)


class SpreadWorker:
    """A part of a process; several may run, each spread is worked on by one at a time.

    told: called after each chunk, to wake a mail worker in the same process.
    """

    def __init__(self, spreads: Spreads, doorbell: Doorbell, told: Callable[[], None]) -> None:
        self._spreads = spreads
        self._doorbell = doorbell
        self._told = told
        self._stopping = False

    async def run(self) -> None:
        """Spread until `finish` is called; the chunk in hand is completed, another worker takes up the rest."""
        while not self._stopping:
            try:
                claimed = await self._spreads.claim()
                if claimed is None:
                    await self._doorbell.wait(SWEEP_SECONDS)
                else:
                    await self._go_through(claimed)
            except errors.PyMongoError as error:
                _log.warning("a spread goes on later", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)

    def finish(self) -> None:
        self._stopping = True
        self._doorbell.ring()

    async def _go_through(self, claimed: Claimed) -> None:
        with span("notice.spread", claimed.spread.cause.trace, notice=str(claimed.spread.kind), look=claimed.look):
            trace = current_traceparent()
            place: Claimed | None = claimed
            while place is not None and not self._stopping:
                claimed = place
                place = await self._spreads.tell_some(claimed, trace)
                self._told()
            if place is None:
                await self._spreads.rest(claimed)
                SPREADS.labels(str(claimed.spread.kind)).inc()
