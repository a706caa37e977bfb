"""What a piece of work cost: processor time of each process, and the records that each has gone through."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter

from prometheus_client.parser import text_string_to_metric_families

from convene.bench.ground import Ground
from convene.load.costs import processor_seconds
from convene.operating.access import access
from convene.parts.ports import LOOPBACK
from convene.parts.trouble import Unavailable
from convene.parts.waiting import until
from convene.stack.probe import get

RECORDS = ("convene_relay_messages", "convene_consumer_messages")
"""Published by a relay, taken in by consumers."""
BY_RECORD = ("events-relay", "notifications")
BESIDE = ("zipkin",)
"""What traces are looked at with is no part of what an RSVP costs."""
SETTLE_S = 120.0
STEADY_S = 0.5
COUNTED_S = 10.0
"""Consumers count now and then, not at each record."""


@dataclass(frozen=True, slots=True)
class Spent:
    """seconds: of processor time by process; records: gone through, by process, where a process counts them."""

    seconds: Mapping[str, float]
    records: Mapping[str, float]

    def each(self, number: int) -> dict[str, float]:
        """Microseconds for one of that many, by process, and in `all`."""
        found = {name: seconds / max(1, number) * 1e6 for name, seconds in self.seconds.items()}
        return {**found, "all": sum(found.values())}

    def record(self) -> dict[str, float]:
        """Microseconds for a record, of the two processes that do little but publish or take in records."""
        found = {name: self.records.get(name, 0.0) for name in BY_RECORD}
        return {name: self.seconds[name] / number * 1e6 for name, number in found.items() if number}


class Watch:
    """From `begin` to `arrived`, over RSVPs that are sent in between."""

    def __init__(self, ground: Ground, seconds: Mapping[str, float], records: Mapping[str, float], lines: int) -> None:
        self._ground = ground
        self._seconds = seconds
        self._records = records
        self._lines = lines

    @staticmethod
    async def begin(ground: Ground) -> "Watch":
        records, lines = await _records(ground), await inbox_lines(ground)
        return Watch(ground, _seconds(ground), records, lines)

    async def arrived(self, number: int, *, steady: bool = False) -> tuple[Spent, float]:
        """What it was when so many more lines were in inboxes, and when that was (`perf_counter`).

        steady: when none was added any more. Raises Unavailable.
        """
        wanted = self._lines + number

        async def there() -> bool:
            return await inbox_lines(self._ground) >= wanted

        if not await until(there, SETTLE_S):
            raise Unavailable(f"After {SETTLE_S:.0f} s not every RSVP is in an inbox; `convene load` tells more.")
        at = perf_counter()
        if steady:
            await self._steady()
        seconds = _less(self._seconds, _seconds(self._ground))

        async def counted() -> bool:
            return _less(self._records, await _records(self._ground)).get("notifications", 0.0) >= number

        await until(counted, COUNTED_S)
        return Spent(seconds, _less(self._records, await _records(self._ground))), at

    async def _steady(self) -> None:
        lines = -1
        while (now := await inbox_lines(self._ground)) != lines:
            lines = now
            await asyncio.sleep(STEADY_S)


async def inbox_lines(ground: Ground) -> int:
    """How many there are, by the database's own count, which costs nothing however many there are."""
    async with access(ground.local, "notifications").database() as database:
        found = await database["inbox"].aggregate([{"$collStats": {"count": {}}}])
    return int(found[0]["count"])


def _seconds(ground: Ground) -> dict[str, float]:
    return {name: spent for name, spent in processor_seconds(ground.local).items() if name not in BESIDE}


async def _records(ground: Ground) -> dict[str, float]:
    entries = ground.entries().values()
    found = {entry.name: await _counted(entry.health_port) for entry in entries if entry.health_port}
    return {name: number for name, number in found.items() if number is not None}


async def _counted(port: int) -> float | None:
    """None where neither is counted."""
    status, body = await get(LOOPBACK, port, "/metrics", within=10.0)
    if status != 200:
        return None
    families = [family for family in text_string_to_metric_families(body.decode()) if family.name in RECORDS]
    samples = [sample.value for family in families for sample in family.samples if sample.name.endswith("_total")]
    return sum(samples) if samples else None


def _less(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """What was added; a process that was started anew counts from its start."""
    grown = {name: value - before.get(name, 0.0) for name, value in after.items()}
    return {name: after[name] if value < 0 else value for name, value in grown.items()}
