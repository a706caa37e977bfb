"""Groups in which something happens by itself at a time."""

from datetime import datetime

from chassis.journal import hand_over
from chassis.mongo import Database
from groups_service.handlers.succession import lapse
from groups_service.store.group import GROUPS

AT_ONCE = 200


class DueGroups:
    """As many workers as there are may look: all of them ask for the same commands."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def hand_over(self) -> float:
        """Ask for what is due by the database's clock, the first due first; for how many seconds that had been due.

        Raises the driver's errors.
        """
        now: datetime = (await self._database.command({"hello": 1}))["localTime"]
        found = await self._database[GROUPS].find(
            {"due_at": {"$type": "date", "$lte": now}},
            sort=[("due_at", 1)],
            limit=AT_ONCE,
            fields={"due_at": 1, "version": 1},
        )
        if not found:
            return 0.0
        await hand_over(self._database, [lapse(one["_id"], one["version"], one["due_at"], now) for one in found])
        due_for: float = (now - found[0]["due_at"]).total_seconds()
        return due_for
