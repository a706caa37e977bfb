"""What happens by itself at a time: `due_at` of the document says when."""

from datetime import datetime

from chassis.journal import hand_over
from chassis.mongo import Database, Document
from groups_service.handlers.succession import lapse
from groups_service.store.group import GROUPS

AT_ONCE = 200


async def due_in(database: Database, collection: str, limit: int) -> tuple[datetime, list[Document], float]:
    """The database's time, what is due there by it, the first due first, and for how many seconds that had been due.

    Raises the driver's errors.
    """
    now: datetime = (await database.command({"hello": 1}))["localTime"]
    found = await database[collection].find(
        {"due_at": {"$type": "date", "$lte": now}},
        sort=[("due_at", 1)],
        limit=limit,
        fields={"due_at": 1, "version": 1},
    )
    return now, found, (now - found[0]["due_at"]).total_seconds() if found else 0.0


class DueGroups:
    """Groups without organizer. As many workers as there are may look: all of them ask for the same commands."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def hand_over(self) -> float:
        """As every `Due`."""
        now, found, late = await due_in(self._database, GROUPS, AT_ONCE)
        if found:
            await hand_over(self._database, [lapse(one["_id"], one["version"], one["due_at"], now) for one in found])
        return late
