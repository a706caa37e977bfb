"""What a request names and must be there. For what another service has just made, or a command causes, this one waits
a little."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from chassis import clock
from chassis.http.problems import Problem
from chassis.journal.port import Ask
from chassis.journal.shape import RESULTS
from chassis.mongo import Database
from chassis.position import MAX_PLACES

T = TypeVar("T")

WAIT = 2.0
"""Seconds until a name that nobody knows is a 404."""
_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 0.2


def there(found: T | None, what: str = "resource") -> T:
    """What was found of a thing that this service alone makes. Raises Problem 404; `what` names it in the detail."""
    if found is None:
        raise Problem(404, "not-found", "Not Found", f"There is no such {what}.")
    return found


async def known(lookup: Callable[[], Awaitable[T | None]], what: str = "resource", wait: float = WAIT) -> T:
    """What `lookup` finds, asked again for up to 2 s. Raises Problem 404; `what` names it in the detail."""
    return there(await _waited(lookup, wait), what)


async def repeats(database: Database, ask: Ask) -> bool:
    """Whether the request was decided before under its key. Then the journal says what it said, whatever the command
    holds by now: what is no longer there to be looked up is not asked for."""
    wish = ask(name="", aggregate="", body={})
    return await database[RESULTS].find_one({"_id": wish.id}, fields={"_id": 1}) is not None


async def decided(database: Database, command_ids: Sequence[str], wait: float = WAIT) -> list[str]:
    """Wait, for up to 2 s, until commands that were handed over have been decided; they are sooner or later.

    What they said last, as in `Result.position`: of so many as one header takes.
    """
    wanted = {"_id": {"$in": list(command_ids)}}

    async def all_of_them() -> bool | None:
        return await database[RESULTS].count(wanted) >= len(command_ids) or None

    await _waited(all_of_them, wait)
    spoke = await database[RESULTS].find({**wanted, "position": {"$ne": []}}, fields={"position": 1}, limit=MAX_PLACES)
    return [position for result in spoke for position in result["position"]][:MAX_PLACES]


async def _waited(lookup: Callable[[], Awaitable[T | None]], wait: float) -> T | None:
    deadline = clock.monotonic() + wait
    pause = _FIRST_PAUSE
    while (found := await lookup()) is None:
        left = deadline - clock.monotonic()
        if left <= 0:
            return None
        await asyncio.sleep(min(pause, left))
        pause = min(pause * 2, _LONGEST_PAUSE)
    return found
