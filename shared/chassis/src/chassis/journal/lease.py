"""Leases on the database's clock.

A lease keeps two holders from fighting; it is never what keeps them from being wrong: for a lane's writer that is the
unique batch id, for its relay Kafka's transactional id.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

from chassis.journal.shape import LANES
from chassis.mongo import Database, Document, Session, errors

SECONDS = 5.0
STEPPED_MS = 60_000
"""A lease that ends later than this was taken before the database's clock was set back: nobody renews it."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True, eq=False)
class Lease:
    """One process's claim on one document of a collection, which must exist.

    `held` is judged by the monotonic clock from before the request was sent, so it ends here before it ends there.
    until: when it ends there, as far as it was told here.
    """

    database: Database
    collection: str
    name: str
    owner: str
    seconds: float = SECONDS
    until: datetime | None = None
    _until: float = 0.0

    @property
    def held(self) -> bool:
        return monotonic() < self._until

    async def take(self, **more: object) -> Document | None:
        """Take or renew it, setting `more` (aggregation expressions) as well; None while somebody else holds it."""
        until = {"$ifNull": ["$until", EPOCH]}
        beyond = {"$dateAdd": {"startDate": "$$NOW", "unit": "millisecond", "amount": STEPPED_MS}}
        free = [{"$lte": [until, "$$NOW"]}, {"$lte": [beyond, until]}]
        return await self._extend({"$expr": {"$or": [{"$eq": ["$owner", self.owner]}, *free]}}, more)

    async def renew(self) -> bool:
        """Extend a lease that is still ours; one that ends earlier than we know is that of a database put back."""
        return await self._extend({"owner": self.owner, "until": {"$gte": self.until or EPOCH}}, {}) is not None

    async def _extend(self, where: Document, more: Document) -> Document | None:
        asked = monotonic()
        end = {"$dateAdd": {"startDate": "$$NOW", "unit": "millisecond", "amount": int(self.seconds * 1000)}}
        taken = await self.database[self.collection].find_one_and_update(
            {"_id": self.name, **where}, [{"$set": {**more, "owner": {"$literal": self.owner}, "until": end}}]
        )
        self._until, self.until = (asked + self.seconds, taken["until"]) if taken is not None else (0.0, None)
        return taken

    def lose(self) -> None:
        self._until = 0.0

    async def release(self) -> None:
        """Let the next one in at once; a database that is away will let it in when the lease runs out."""
        self.lose()
        try:
            await self.database[self.collection].update_one(
                {"_id": self.name, "owner": self.owner}, {"$set": {"until": None}}
            )
        except errors.PyMongoError:
            return


async def take_lane(lease: Lease, session: Session) -> bool:
    """Take a lane in the name of this session, and end the transactions of those before it.

    A dead or frozen writer's open transaction would hold its documents until the server's own limit. `before` keeps
    every session that was named since, until they are known to be ended: a taking may have failed halfway.
    """
    mine = {"$literal": session.lsid}
    named = {"$setUnion": [{"$ifNull": ["$before", []]}, ["$lsid"]]}
    lane = await lease.take(before={"$setDifference": [named, [mine, None]]}, lsid=mine)
    if lane is None:
        return False
    if lane["before"]:
        await lease.database.command({"killSessions": lane["before"]})
        await lease.database[LANES].update_one(
            {"_id": lease.name, "owner": lease.owner, "lsid": lane["lsid"]}, {"$set": {"before": []}}
        )
    return True


def later(now: datetime, last: datetime | None) -> datetime:
    """The time of a decision: the database's, never at or below the lane's last one."""
    if last is None or now > last:
        return now
    return last + timedelta(milliseconds=1)
