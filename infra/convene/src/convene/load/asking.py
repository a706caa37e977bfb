"""One request of one caller: what is sent, how often, and what is made of the answers."""

import asyncio
from collections.abc import Callable
from zlib import crc32

from pydantic_core import from_json, to_json

from convene.load.driver import Driver
from convene.load.ledger import Line, What
from convene.load.plan import other_body
from convene.load.wire import Answer, Connection, change


class Asking:
    """token: of whoever asks."""

    def __init__(self, driver: Driver, token: Callable[[str], str]) -> None:
        self._driver = driver
        self._token = token

    async def ask(self, connection: Connection, line: Line) -> None:
        """Ask until it is answered, and once more under the same key as the line says."""
        request = self._request(line, line.body)
        if line.also == "twin":
            spare = connection.another()
            answers = await asyncio.gather(
                self._answer(connection, line, request, "first"), self._answer(spare, line, request, "twin")
            )
            spare.close()
            for answer in answers:
                _note(line, answer)
            return
        _note(line, await self._answer(connection, line, request, "first"))
        if line.also == "repeat":
            _note(line, await self._answer(connection, line, request, "repeat"))
        elif line.also == "other" and line.heard is not None:
            response, guests = other_body(line)
            request = self._request(line, {"response": response, "guests": guests})
            answer = await self._answer(connection, line, request, "other")
            line.contradicted |= answer is not None and answer.status != 422

    def _request(self, line: Line, body: dict[str, object]) -> bytes:
        return change(line.method, line.path, self._token(line.asker), line.key, to_json(body), version=line.version)

    async def _answer(self, connection: Connection, line: Line, request: bytes, what: What) -> Answer | None:
        answer = await self._driver.ask(connection, request, line.tries, what)
        if answer is not None:
            line.seconds = line.seconds or self._driver.now - line.due
        return answer


def _note(line: Line, answer: Answer | None) -> None:
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
