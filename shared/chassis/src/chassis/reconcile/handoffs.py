"""Commands that wait although their lane goes on.

A handoff is no damage because it is old: a lane may have much to do. It is stuck when its lane has decided more batches
since it was first seen than there were handoffs before it, or when a living writer with time to spare leaves it.
"""

from dataclasses import dataclass, field

from chassis import clock
from chassis.journal.shape import HANDOFFS, LANES
from chassis.mongo import Database, Document
from chassis.reconcile.findings import Findings
from chassis.reconcile.journal import heads, lane_names
from chassis.reconcile.pace import Pace

LOOKED_AT = 1_000
SPARE = 100
"""Batches beyond those that could have been needed: continuations come first, and some commands are put back."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """head, waiting: of its lane, when the handoff was first seen. seen: the head when it was last seen. since: the
    monotonic time since when its lane decides nothing although somebody writes it."""

    head: int
    waiting: int
    seen: int
    since: float


@dataclass(slots=True)
class HandoffBooks:
    """idle: seconds for which a lane with a living writer may decide nothing while something waits."""

    database: Database
    pace: Pace
    idle: float = 60.0
    waiting: int = 0
    _sightings: dict[str, Sighting] = field(default_factory=dict)

    async def look(self) -> Findings:
        found = Findings()
        found.looked_for("handoffs_stuck")
        seen: dict[str, Sighting] = {}
        self.waiting = 0
        for lane in await lane_names(self.database):
            async with self.pace.step(), self.database.snapshot() as session:
                row = await self.database[LANES].find_one(
                    {"_id": lane}, fields={"until": 1, "now": "$$NOW"}, session=session
                )
                head = (await heads(self.database, session))[lane]
                waiting = await self.database[HANDOFFS].count({"lane": lane}, session=session)
                handoffs = await self.database[HANDOFFS].find(
                    {"lane": lane, "deadline": None},
                    sort=[("first", -1), ("at", 1)],
                    limit=LOOKED_AT,
                    fields={"name": 1, "aggregate": 1},
                    session=session,
                )
            self.waiting += waiting
            for handoff in handoffs:
                sighting = seen[handoff["_id"]] = self._sighted(handoff["_id"], row, head, waiting)
                passed = head > sighting.head + sighting.waiting + SPARE
                if passed or clock.monotonic() - sighting.since > self.idle:
                    found.add("handoffs_stuck", f"{handoff['name']} for {handoff['aggregate']}: {handoff['_id']}")
        self._sightings = seen
        return found

    def _sighted(self, id_: str, lane: Document | None, head: int, waiting: int) -> Sighting:
        before = self._sightings.get(id_)
        if before is None:
            return Sighting(head, waiting, head, clock.monotonic())
        if before.seen != head or not _is_held(lane):
            return Sighting(before.head, before.waiting, head, clock.monotonic())
        return before


def _is_held(lane: Document | None) -> bool:
    return lane is not None and lane["until"] is not None and lane["until"] > lane["now"]
