"""Members whose erasure has not begun yet: a call with a token that is younger than the one that asked undoes it."""

import asyncio
from dataclasses import replace

import structlog

from chassis import telemetry
from chassis.auth import Caller
from chassis.journal.handoff import hand_over
from chassis.mongo import Database, errors
from chassis.one_task import OneTask, end
from chassis.privacy.case import CASES, Case, came_back, case_of, return_command

EVERY_SECONDS = 2.0
ABOUT_LEAVING = frozenset({("GET", "/v1/members/me/erasure"), ("DELETE", "/v1/members/me")})
"""Who only looks at how far their erasure is, or asks for it again, has not come back by it."""

_log = structlog.get_logger(__name__)


class Leaving(OneTask):
    """A part of a process with an API, which asks it at every call of a member: so it answers from memory."""

    def __init__(self, database: Database) -> None:
        super().__init__("leaving")
        self._database = database
        self._requests: dict[str, list[Case]] = {}
        self._telling: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        """Who is not told of now is seen again at their next call."""
        await super().stop()
        await end(self._telling)

    def seen(self, caller: Caller, method: str, path: str) -> None:
        """The member calls."""
        waiting = self._requests.get(caller.member_id)
        if waiting is None or (method, path) in ABOUT_LEAVING:
            return
        undone = [case.id for case in waiting if came_back(caller.issued_at, case)]
        if not undone:
            return
        del self._requests[caller.member_id]
        task = asyncio.create_task(self._returned(caller, undone))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def look(self) -> None:
        """Learn who is leaving. Raises the driver's errors."""
        requests: dict[str, list[Case]] = {}
        for document in await self._database[CASES].find({"stage": "announced"}):
            case = case_of(document)
            requests.setdefault(case.member_id, []).append(case)
        self._requests = requests

    async def _returned(self, caller: Caller, requests: list[str]) -> None:
        trace = telemetry.current_traceparent()
        commands = [
            replace(return_command(request, caller.member_id, caller.issued_at), trace=trace) for request in requests
        ]
        try:
            await hand_over(self._database, commands)
        except errors.PyMongoError as error:
            _log.warning("a member's return is noted at their next call", error=type(error).__name__)

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except errors.PyMongoError as error:
                _log.warning("who is leaving is looked for later", error=type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)
