"""A crowd that RSVPs: many callers at once, who repeat a request under the same key until it is answered."""

import asyncio
from collections.abc import Callable, Sequence
from time import perf_counter, process_time
from zlib import crc32

from pydantic_core import from_json

from convene.load.ledger import Ledger, Line, Try, What
from convene.load.plan import other_body
from convene.load.setting import Setting
from convene.load.wire import Answer, Connection, Cut, put, rsvp

ONE_TRY = 12.0
NOT_NOW = frozenset({429, 502, 503, 504})


class Crowd:
    """Callers share the lines. Two requests of one person to one event never overlap, but for double clicks.

    token: of a member; heard: called with each line when it is done.
    """

    def __init__(self, url: str, setting: Setting, token: Callable[[str], str], heard: Callable[[Line], None]) -> None:
        self._url = url
        self._setting = setting
        self._token = token
        self._heard = heard
        self._turns: dict[tuple[str, str], asyncio.Future[None]] = {}
        self._began = 0.0

    async def play(self, lines: Sequence[Line]) -> Ledger:
        """Send them all: each at its time where there is a rate, else as callers get free."""
        ledger = Ledger(list(lines))
        waiting = iter(ledger.lines)
        self._began, used = perf_counter(), process_time()

        async def caller() -> None:
            connection = Connection(self._url)
            for line in waiting:
                await self._settle(connection, line)
                self._heard(line)
            connection.close()

        async with asyncio.TaskGroup() as callers:
            for _ in range(self._setting.at_once):
                callers.create_task(caller())
        ledger.seconds, ledger.driver = self._now(), process_time() - used
        return ledger

    def _now(self) -> float:
        return perf_counter() - self._began

    async def _settle(self, connection: Connection, line: Line) -> None:
        """Wait for its time and the person's turn, ask, and ask again as it says."""
        wait = line.due - self._now()
        if wait > 0:
            await asyncio.sleep(wait)
        pair = (line.member_id, line.event_id)
        while pair in self._turns:
            await self._turns[pair]
            line.due = max(line.due, self._now())
        if self._setting.rate is None:
            line.due = self._now()
        turn = self._turns[pair] = asyncio.get_running_loop().create_future()
        try:
            await self._ask(connection, line)
        finally:
            del self._turns[pair]
            turn.set_result(None)

    async def _ask(self, connection: Connection, line: Line) -> None:
        request = self._request(line, line.response, line.guests)
        if line.also == "twin":
            spare = Connection(self._url)
            answers = await asyncio.gather(
                self._answer(connection, line, request, "first"), self._answer(spare, line, request, "twin")
            )
            spare.close()
            for answer in answers:
                self._note(line, answer)
            return
        self._note(line, await self._answer(connection, line, request, "first"))
        if line.also == "repeat":
            self._note(line, await self._answer(connection, line, request, "repeat"))
        elif line.also == "other" and line.heard is not None:
            answer = await self._answer(connection, line, self._request(line, *other_body(line)), "other")
            line.contradicted |= answer is not None and answer.status != 422

    def _request(self, line: Line, response: str, guests: int) -> bytes:
        return put(line.path, self._token(line.member_id), line.key, rsvp(response, guests))

    async def _answer(self, connection: Connection, line: Line, request: bytes, what: What) -> Answer | None:
        """Until it is answered, or patience is over: None, its outcome stays unknown."""
        pause = 0.05
        until = self._now() + self._setting.patience
        while True:
            at = self._now()
            try:
                answer = await connection.send(request, ONE_TRY)
            except (TimeoutError, *Cut):
                answer = None
            now = self._now()
            line.tries.append(Try(at, now - at, 0 if answer is None else answer.status, what))
            if answer is not None and answer.status not in NOT_NOW:
                line.seconds = line.seconds or now - line.due
                return answer
            if now > until:
                return None
            wanted = pause if answer is None or answer.retry_after is None else answer.retry_after
            await asyncio.sleep(min(wanted, 1.0))
            pause = min(pause * 2, 1.0)

    def _note(self, line: Line, answer: Answer | None) -> None:
        """The first answer counts; a repeat that says something else is a contradiction."""
        if answer is None:
            return
        heard = (answer.status, crc32(answer.body))
        if line.heard is not None:
            line.contradicted |= heard != line.heard
            return
        line.heard = heard
        if answer.status < 500:
            line.outcome = "refused"
        if answer.status in {200, 201}:
            line.outcome = "accepted"
            told = from_json(answer.body)
            line.status, line.seq = told.get("status"), told.get("seq")
