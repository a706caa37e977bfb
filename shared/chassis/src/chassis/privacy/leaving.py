"""Members whose erasure has not begun yet: a call of theirs undoes it."""

import asyncio

import structlog

from chassis.journal.handoff import hand_over
from chassis.mongo import Database, errors
from chassis.one_task import OneTask
from chassis.privacy.case import CASES, return_command

EVERY_SECONDS = 2.0
LOOKING = frozenset({"/v1/members/me/erasure"})
"""Who only looks at how far their erasure is has not come back by it."""

_log = structlog.get_logger(__name__)


class Leaving(OneTask):
    """A part of a process with an API, which asks it at every call of a member: so it answers from memory."""

    def __init__(self, database: Database) -> None:
        super().__init__("leaving")
        self._database = database
        self._requests: dict[str, list[str]] = {}
        self._telling: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        """Who is not told of now is seen again at their next call."""
        await super().stop()
        telling = list(self._telling)
        for task in telling:
            task.cancel()
        await asyncio.gather(*telling, return_exceptions=True)

    def seen(self, member_id: str, path: str) -> None:
        """The member calls."""
        if member_id not in self._requests or path in LOOKING:
            return
        task = asyncio.create_task(self._returned(member_id, self._requests.pop(member_id)))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def look(self) -> None:
        """Learn who is leaving. Raises the driver's errors."""
        found = await self._database[CASES].find({"stage": "announced"}, fields={"member_id": 1, "request_id": 1})
        requests: dict[str, list[str]] = {}
        for document in found:
            requests.setdefault(document["member_id"], []).append(document["request_id"])
        self._requests = requests

    async def _returned(self, member_id: str, requests: list[str]) -> None:
        try:
            await hand_over(self._database, [return_command(request, member_id) for request in requests])
        except errors.PyMongoError as error:
            _log.warning("a member's return is noted at their next call", error=type(error).__name__)

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except errors.PyMongoError as error:
                _log.warning("who is leaving is looked for later", error=type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)
