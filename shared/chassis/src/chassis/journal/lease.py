"""Who writes a lane: a lease on the database's clock, naming the holder's session.

The lease keeps two writers from fighting; the unique batch id is what keeps them from being wrong.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

from chassis.journal.shape import LANES
from chassis.mongo import Database, Document, Session, errors

SECONDS = 5.0
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Lease:
    """One process's claim on one lane.

    `held` is judged by the monotonic clock from before the request was sent, so it ends here before it ends there.
    """

    database: Database
    lane: str
    owner: str
    seconds: float = SECONDS
    _until: float = 0.0

    @property
    def held(self) -> bool:
        return monotonic() < self._until

    def _end(self) -> Document:
        return {"$dateAdd": {"startDate": "$$NOW", "unit": "millisecond", "amount": int(self.seconds * 1000)}}

    async def take(self, session: Session) -> bool:
        """Take or renew the lease in the name of this session; end the predecessor's transaction if there was one."""
        asked = monotonic()
        taken = await self.database[LANES].find_one_and_update(
            {
                "_id": self.lane,
                "$expr": {
                    "$or": [
                        {"$eq": ["$owner", self.owner]},
                        {"$lte": [{"$ifNull": ["$until", EPOCH]}, "$$NOW"]},
                    ]
                },
            },
            [
                {
                    "$set": {
                        "before": {"$cond": [{"$eq": ["$lsid", {"$literal": session.lsid}]}, "$before", "$lsid"]},
                        "lsid": {"$literal": session.lsid},
                        "owner": {"$literal": self.owner},
                        "until": {
                            "$dateAdd": {
                                "startDate": "$$NOW",
                                "unit": "millisecond",
                                "amount": int(self.seconds * 1000),
                            }
                        },
                    }
                }
            ],
        )
        if taken is None:
            self._until = 0.0
            return False
        await self._end_predecessor(taken)
        self._until = asked + self.seconds
        return True

    async def _end_predecessor(self, lane: Document) -> None:
        """A dead or frozen writer's open transaction holds its documents until it is ended."""
        before = lane.get("before")
        if before is None:
            return
        await self.database.command({"killSessions": [before]})
        await self.database[LANES].update_one(
            {"_id": self.lane, "owner": self.owner, "lsid": lane["lsid"]}, {"$set": {"before": None}}
        )

    async def renew(self) -> bool:
        """Extend a lease that is still ours."""
        asked = monotonic()
        matched = await self.database[LANES].update_one(
            {"_id": self.lane, "owner": self.owner},
            [
                {
                    "$set": {
                        "until": {
                            "$dateAdd": {
                                "startDate": "$$NOW",
                                "unit": "millisecond",
                                "amount": int(self.seconds * 1000),
                            }
                        }
                    }
                }
            ],
        )
        self._until = asked + self.seconds if matched else 0.0
        return bool(matched)

    def lose(self) -> None:
        self._until = 0.0

    async def release(self) -> None:
        """Let the next writer in at once; a database that is away will let it in when the lease runs out."""
        self._until = 0.0
        try:
            await self.database[LANES].update_one({"_id": self.lane, "owner": self.owner}, {"$set": {"until": None}})
        except errors.PyMongoError:
            return


def later(now: datetime, last: datetime | None) -> datetime:
    """The time of a decision: the database's, never at or below the lane's last one."""
    if last is None or now > last:
        return now
    return last + timedelta(milliseconds=1)
