"""What happens by itself at a time: offers expire, what is over ends, the public topic gets its record of the day."""

from datetime import datetime

from chassis.journal import hand_over
from chassis.mongo import Database
from contracts.public import PublicRsvp
from contracts.registry import topics
from events_service.handlers.offer import lapse
from events_service.handlers.passing import end
from events_service.handlers.rolling import roll
from events_service.store.event import EVENTS
from events_service.store.ledger import LEDGERS
from events_service.store.rolling import ROLLINGS, aggregates

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


class QuietPartitions:
    """As many workers as there are may look: all of them ask for the same commands."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._aggregates = aggregates(topics()[PublicRsvp.topic].partitions)

    async def hand_over(self) -> float:
        """Ask for the record of each partition whose last one is a day old by the database's clock; for how many
        seconds the first had been due.

        Raises the driver's errors.
        """
        now: datetime = (await self._database.command({"hello": 1}))["localTime"]
        known = await self._database[ROLLINGS].find({"_id": {"$in": self._aggregates}}, fields={"due_at": 1})
        due_at = {one["_id"]: one["due_at"] for one in known}
        due = [name for name in self._aggregates if name not in due_at or due_at[name] <= now]
        if due:
            await hand_over(self._database, [roll(name, due_at.get(name), now) for name in due])
        return max([(now - due_at[name]).total_seconds() for name in due if name in due_at], default=0.0)
