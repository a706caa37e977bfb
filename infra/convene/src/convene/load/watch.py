"""Who else acts while the crowd comes: people who answer what they are offered, and a leader who sees to the events.

What they do is drawn by chance from the seed, but depends on what they see.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import cycle
from random import Random

from pydantic_core import from_json

from chassis import clock
from convene.acting.platform import Json
from convene.load.asking import Asking
from convene.load.driver import Driver
from convene.load.ledger import Act, Line, What
from convene.load.plan import also
from convene.load.setting import Field, Setting
from convene.load.wire import Connection, get

PAUSE = 0.5
"""Seconds between two looks at all events."""
EDGE = 0.1
"""So many seconds before or after an offer's end somebody claims it who waits for the last moment."""
ACTS: tuple[Act, ...] = ("promote", "add", "drop", "capacity")
WEIGHTS = (3, 1, 2, 4)


class Watch:
    """urls: of the service's replicas, used in turn; token: of whoever asks; heard: called with each line when it is
    done.
    """

    def __init__(
        self,
        urls: Sequence[str],
        setting: Setting,
        field: Field,
        token: Callable[[str], str],
        heard: Callable[[Line], None],
    ) -> None:
        self._open = [Connection(url) for url in urls]
        self._connections = cycle(self._open)
        self._setting = setting
        self._field = field
        self._token = token
        self._heard = heard
        self._random = Random(setting.seed)
        self._driver = Driver(urls[0], at_once=1, patience=setting.patience)
        self._asking = Asking(self._driver, token)
        self._seen: set[str] = set()
        self._modes: dict[str, str] = {}
        self._lines: list[Line] = []

    async def play(self, over: asyncio.Event) -> list[Line]:
        """Look and act until the crowd is done; then everybody claims what they are still offered."""
        try:
            await self._play(over)
        finally:
            for connection in self._open:
                connection.close()
        return self._lines

    async def _play(self, over: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as people:
            while not over.is_set():
                await self._look_at_all(people, ending=False)
                with suppress(TimeoutError):
                    await asyncio.wait_for(over.wait(), PAUSE)
        until = self._driver.now + self._setting.patience
        offered = True
        while offered and self._driver.now < until:
            async with asyncio.TaskGroup() as people:
                offered = await self._look_at_all(people, ending=True)
            await asyncio.sleep(PAUSE)

    async def _look_at_all(self, people: asyncio.TaskGroup, *, ending: bool) -> bool:
        """Whether anybody may still have an offer."""
        offered = False
        for event in self._field.events:
            found = await self._listed(event, "rsvps?status=offered&limit=100")
            offered |= found is None or bool(found)
            for one in found or ():
                if one["offer_id"] not in self._seen:
                    self._seen.add(one["offer_id"])
                    self._answer(people, one, ending=ending)
            if not ending:
                await self._lead(event)
        return offered

    def _answer(self, people: asyncio.TaskGroup, one: Json, *, ending: bool) -> None:
        """They claim it, at once or at the last moment, or decline it; or they do nothing, and it expires."""
        setting, offer = self._setting, one["offer_id"]
        random = Random(f"{setting.seed} {offer}")
        chance, late = random.random(), random.random() < 0.3
        if not ending and chance >= setting.claim + setting.decline:
            return
        act: Act = "accept" if ending or chance < setting.claim else "decline"
        line = Line(one["member_id"], one["event_id"], "", 0, f"{act}-{setting.seed}-{offer}", act=act, offer=offer)
        line.also, line.due = _again(setting, random), self._driver.now
        holds = (datetime.fromisoformat(one["offer_expires_at"]) - clock.utc_now()).total_seconds()
        if late and not ending and 0 < holds < setting.patience:
            line.due += max(0.0, holds + random.uniform(-EDGE, EDGE))
        people.create_task(self._ask(line))

    async def _ask(self, line: Line) -> None:
        await self._driver.until(line.due)
        connection = next(self._connections).another()
        try:
            await self._asking.ask(connection, line)
        finally:
            connection.close()
        self._lines.append(line)
        self._heard(line)

    async def _lead(self, event: str) -> None:
        """Where leaders choose who comes, the first in line is let in; and now and then they do something else."""
        if event not in self._modes:
            found = await self._read(f"/v1/events/{event}")
            if found is None:
                return
            self._modes[event] = found["promotion"]["mode"]
        if self._modes[event] == "manual":
            for one in (await self._listed(event, "waitlist?limit=1")) or ():
                await self._by_hand(self._line(event, "promote", one["member_id"]))
        if self._random.random() < self._setting.lead:
            line = await self._drawn(event)
            if line is not None:
                await self._by_hand(line)

    async def _drawn(self, event: str) -> Line | None:
        """Something that leaders do, if there is somebody to whom it can be done."""
        random = self._random
        act = random.choices(ACTS, WEIGHTS)[0]
        if act == "capacity":
            return await self._resized(event)
        people = await self._listed(event, "rsvps?status=yes&limit=50" if act == "drop" else "waitlist?limit=20")
        if not people:
            return None
        line = self._line(event, act, random.choice(people)["member_id"])
        line.guests, line.override = (random.randint(0, 2) if act == "add" else 0), random.random() < 0.5
        return line

    async def _resized(self, event: str) -> Line | None:
        """Up and down between half and twice the seats that there were at first."""
        first, found = self._setting.capacity, await self._read(f"/v1/events/{event}")
        if first is None or found is None or found["capacity"] is None:
            return None
        now, random = found["capacity"], self._random
        up = random.random() < 0.5
        capacity = min(2 * first, now + random.randint(1, 3)) if up else max(1, first // 2, now - random.randint(1, 2))
        if capacity == now:
            return None
        line = self._line(event, "capacity", self._field.host)
        line.capacity, line.version = capacity, found["version"]
        return line

    def _line(self, event: str, act: Act, member_id: str) -> Line:
        key = f"lead-{self._setting.seed}-{len(self._lines)}-{act}"
        return Line(member_id, event, "", 0, key, act=act, by=self._field.host)

    async def _by_hand(self, line: Line) -> None:
        line.also, line.due = _again(self._setting, self._random), self._driver.now
        await self._ask(line)

    async def _listed(self, event: str, what: str) -> list[Json] | None:
        found = await self._read(f"/v1/events/{event}/{what}")
        return None if found is None else found["items"]

    async def _read(self, path: str) -> Json | None:
        """As the leader sees it; None when it is not answered."""
        answer = await self._driver.ask(next(self._connections), get(path, self._token(self._field.host)), [])
        if answer is None or answer.status != 200:
            return None
        found: Json = from_json(answer.body)
        return found


def _again(setting: Setting, random: Random) -> What:
    """Twice at the same time or one after the other; there is no other body that would be one."""
    drawn = also(setting, random.random())
    return "first" if drawn == "other" else drawn
