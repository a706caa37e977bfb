"""A crowd that RSVPs: many callers at once, who repeat a request under the same key until it is answered."""

import asyncio
from collections.abc import Callable, Sequence

from convene.load.asking import Asking
from convene.load.driver import Driver
from convene.load.ledger import Ledger, Line
from convene.load.setting import Setting
from convene.load.wire import Connection


class Crowd:
    """Callers share the lines. Two requests of one person to one event never overlap, but for double clicks.

    token: of a member; heard: called with each line when it is done.
    """

    def __init__(self, url: str, setting: Setting, token: Callable[[str], str], heard: Callable[[Line], None]) -> None:
        self._setting = setting
        self._heard = heard
        self._turns: dict[tuple[str, str], asyncio.Future[None]] = {}
        self._driver = Driver(url, at_once=setting.at_once, patience=setting.patience)
        self._asking = Asking(self._driver, token)

    async def play(self, lines: Sequence[Line]) -> Ledger:
        """Send them all: each at its time where there is a rate, else as callers get free."""
        ledger = Ledger(list(lines))
        await self._driver.play(self._one, ledger.lines)
        ledger.seconds = self._driver.now
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
            await self._asking.ask(connection, line)
        finally:
            del self._turns[pair]
            turn.set_result(None)
