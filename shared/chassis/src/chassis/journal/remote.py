"""Commands of this process for a lane that another one writes: handed over many at a time, answered from results."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

import structlog

from chassis.journal.handoff import handoff_write
from chassis.journal.outcome import Busy, Unknown
from chassis.journal.shape import HANDOFFS, RESULTS
from chassis.journal.vault import Vault
from chassis.journal.waiting import QUEUE, Waiting
from chassis.mongo import Database, errors

TICK_SECONDS = 0.01
BATCH = 500
LOST_SECONDS = 0.5

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class Remote:
    """Forwards, then watches for the answers; callers' deadlines are kept by the journal."""

    database: Database
    vault: Vault
    _fresh: list[Waiting] = field(default_factory=list)
    _pending: dict[str, list[Waiting]] = field(default_factory=dict)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _looked: float = 0.0

    def put(self, waiting: Waiting) -> None:
        """A caller's. Raises Busy."""
        if len(self._fresh) >= QUEUE:
            raise Busy
        self.take_over(waiting)

    def take_over(self, waiting: Waiting) -> None:
        """One that a writer of this process had taken on already: it is not turned away any more."""
        self._fresh.append(waiting)
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            if not (self._fresh or self._pending):
                self._wake.clear()
                await self._wake.wait()
            try:
                await self._forward()
                await self._collect()
            except errors.PyMongoError as error:
                log.warning("forwarding waits for the database", error=type(error).__name__)
                await asyncio.sleep(0.2)
            await asyncio.sleep(TICK_SECONDS)

    async def _forward(self) -> None:
        taken = self._fresh[:BATCH]
        going = [waiting for waiting in taken if not waiting.future.done()]
        if going:
            clock = (await self.database.command({"hello": 1}))["localTime"]
            left = monotonic()
            commands = await self.vault.commands([waiting.command for waiting in going])
            await self.database[HANDOFFS].write(
                [
                    handoff_write(
                        command,
                        deadline=clock + timedelta(seconds=max(0.0, waiting.until - left)),
                    )
                    for waiting, command in zip(going, commands, strict=True)
                ],
                ordered=False,
            )
            for waiting in going:
                self._pending.setdefault(waiting.command.id, []).append(waiting)
        del self._fresh[: len(taken)]  # more may have come while the database was asked

    async def _collect(self) -> None:
        self._pending = {
            id_: open_ for id_, some in self._pending.items() if (open_ := [w for w in some if not w.future.done()])
        }
        if not self._pending:
            return
        gone = await self._gone()
        found = await self.database[RESULTS].find({"_id": {"$in": list(self._pending)}})
        for document in await self.vault.answers(found):
            for waiting in self._pending.pop(document["_id"], []):
                waiting.answer(document)
        for id_ in gone:
            for waiting in self._pending.pop(id_, []):
                waiting.fail(Unknown())

    async def _gone(self) -> set[str]:
        """Commands that wait no more. Those that have no result either, read after this, were removed undecided: their
        decisions break, or they are late. Not told as failed: an earlier try may still arrive and be decided by
        another release. Asked now and then, for those that take longer than most."""
        now = monotonic()
        if now - self._looked < LOST_SECONDS:
            return set()
        self._looked = now
        slow = {id_ for id_, some in self._pending.items() if now - some[0].since > LOST_SECONDS}
        if not slow:
            return slow
        there = await self.database[HANDOFFS].find({"_id": {"$in": sorted(slow)}}, fields={"_id": 1})
        return slow - {document["_id"] for document in there}
