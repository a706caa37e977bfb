"""A crowd that RSVPs: many callers at once, who repeat a request under the same key until it is answered."""

import asyncio
from collections.abc import Callable, Sequence
from time import process_time
from zlib import crc32

from pydantic_core import from_json

from convene.load.driver import Driver
from convene.load.ledger import Ledger, Line, What
from convene.load.plan import other_body
from convene.load.setting import Setting
from convene.load.wire import Answer, Connection, put, rsvp


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
        self._driver = Driver(url, at_once=setting.at_once, patience=setting.patience)

    async def play(self, lines: Sequence[Line]) -> Ledger:
        """Send them all: each at its time where there is a rate, else as callers get free."""
        ledger = Ledger(list(lines))
        used = process_time()
        await self._driver.play(self._one, ledger.lines)
        ledger.seconds, ledger.driver = self._driver.now, process_time() - used
        return ledger

    async def _one(self, connection: Connection, line: Line) -> None:
        await self._settle(connection, line)
        self._heard(line)

    async def _settle(self, connection: Connection, line: Line) -> None:
        """Wait for its time and the person's turn, ask, and ask again as it says."""
        await self._driver.until(line.due)
        pair = (line.member_id, line.event_id)
        while pair in self._turns:
            await self._turns[pair]
            line.due = max(line.due, self._driver.now)
        if self._setting.rate is None:
            line.due = self._driver.now
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
        answer = await self._driver.ask(connection, request, line.tries, what)
        if answer is not None:
            line.seconds = line.seconds or self._driver.now - line.due
        return answer

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
