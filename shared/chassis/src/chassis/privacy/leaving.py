"""Members whose erasure has not begun yet: a call with a token that is younger than their wish undoes it."""

import asyncio
from datetime import datetime

import structlog

from chassis.auth import Caller
from chassis.journal.handoff import hand_over
from chassis.mongo import Database, errors
from chassis.one_task import OneTask
from chassis.privacy.case import CASES, return_command

EVERY_SECONDS = 2.0
ABOUT_LEAVING = frozenset({("GET", "/v1/members/me/erasure"), ("DELETE", "/v1/members/me")})
"""Who only looks at how far their erasure is, or asks for it again, has not come back by it."""

_log = structlog.get_logger(__name__)


def came_back(issued_at: float | None, asked_at: datetime) -> bool:
    """Whether a token tells that its owner signed in after they asked to be forgotten; one without a time may.

    issued_at: epoch seconds.
    """
    return issued_at is None or issued_at > asked_at.timestamp()


class Leaving(OneTask):
    """A part of a process with an API, which asks it at every call of a member: so it answers from memory."""

    def __init__(self, database: Database) -> None:
        super().__init__("leaving")
        self._database = database
        self._requests: dict[str, dict[str, datetime]] = {}
        self._telling: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        """Who is not told of now is seen again at their next call."""
        await super().stop()
        telling = list(self._telling)
        for task in telling:
            task.cancel()
        await asyncio.gather(*telling, return_exceptions=True)

    def seen(self, caller: Caller, method: str, path: str) -> None:
        """The member calls."""
        waiting = self._requests.get(caller.member_id)
        if waiting is None or (method, path) in ABOUT_LEAVING:
            return
        undone = [request for request, asked_at in waiting.items() if came_back(caller.issued_at, asked_at)]
        if not undone:
            return
        del self._requests[caller.member_id]
        task = asyncio.create_task(self._returned(caller.member_id, undone))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def look(self) -> None:
        """Learn who is leaving. Raises the driver's errors."""
        fields = {"member_id": 1, "request_id": 1, "asked_at": 1, "created_at": 1}
        requests: dict[str, dict[str, datetime]] = {}
        for document in await self._database[CASES].find({"stage": "announced"}, fields=fields):
            asked_at = document.get("asked_at") or document["created_at"]
            requests.setdefault(document["member_id"], {})[document["request_id"]] = asked_at
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
