"""Events to come whose zone has other rules by now than when their instants were computed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from chassis.ids import random_id
from chassis.journal import hand_over
from chassis.mongo import Database
from events_service.domain.details import times
from events_service.domain.refusal import Refused
from events_service.handlers.passing import rezone
from events_service.store.event import EVENTS, event_of

AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Rezoned:
    """How many events to come were looked at, and of how many the instants are other ones by today's zone rules."""

    looked_at: int
    moved: int

    @property
    def sound(self) -> bool:
        """Whatever was found is put right by commands."""
        return True

    def document(self) -> dict[str, Any]:
        return {"looked_at": self.looked_at, "moved": self.moved}


async def rezoned(database: Database) -> Rezoned:
    """Ask for new instants where the zone's rules have changed; safe to run again. Raises the driver's errors."""
    now: datetime = (await database.command({"hello": 1}))["localTime"]
    run, after = random_id(), ""
    looked_at = moved = 0
    while found := await database[EVENTS].find(
        {"_id": {"$gt": after}, "status": {"$in": ["draft", "published"]}, "starts": {"$gt": now}},
        sort=[("_id", 1)],
        limit=AT_ONCE,
    ):
        commands = []
        for event in map(event_of, found):
            fresh = times(event.details)
            if not isinstance(fresh, Refused) and fresh != event.times:
                commands.append(rezone(event.id, run))
        await hand_over(database, commands)
        looked_at, moved, after = looked_at + len(found), moved + len(commands), found[-1]["_id"]
    return Rezoned(looked_at, moved)
