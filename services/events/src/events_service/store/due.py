"""Events in which something happens by itself at a time: offers expire, and what is over ends."""

from datetime import datetime

from chassis.journal import hand_over
from chassis.mongo import Database
from events_service.handlers.offer import lapse
from events_service.handlers.passing import end
from events_service.store.event import EVENTS
from events_service.store.ledger import LEDGERS

AT_ONCE = 200


class DueOffers:
    """As many workers as there are may look: all of them ask for the same commands."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def hand_over(self) -> float:
        """Ask for offers to expire that are due by the database's clock, the first due first; for how many seconds
        that had been due.

        Raises the driver's errors.
        """
        now: datetime = (await self._database.command({"hello": 1}))["localTime"]
        found = await self._database[LEDGERS].find(
            {"lapses": {"$type": "date", "$lte": now}},
            sort=[("lapses", 1)],
            limit=AT_ONCE,
            fields={"lapses": 1, "seq": 1},
        )
        if not found:
            return 0.0
        await hand_over(self._database, [lapse(one["_id"], one["seq"], one["lapses"], now) for one in found])
        due_for: float = (now - found[0]["lapses"]).total_seconds()
        return due_for


class OverEvents:
    """As many workers as there are may look: all of them ask for the same commands."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def hand_over(self) -> float:
        """Ask for what is over by the database's clock, the first first; for how many seconds that had been over.

        Raises the driver's errors.
        """
        now: datetime = (await self._database.command({"hello": 1}))["localTime"]
        found = await self._database[EVENTS].find(
            {"due_at": {"$type": "date", "$lte": now}},
            sort=[("due_at", 1)],
            limit=AT_ONCE,
            fields={"due_at": 1, "version": 1},
        )
        if not found:
            return 0.0
        await hand_over(self._database, [end(one["_id"], one["version"], one["due_at"], now) for one in found])
        over_for: float = (now - found[0]["due_at"]).total_seconds()
        return over_for
