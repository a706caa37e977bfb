"""The naive way beside ours, in pairs on the same servers: how many times as many RSVPs a second, at what cost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from time import perf_counter

from convene.bench.ground import Ground
from convene.bench.measuring import Bench, Variant
from convene.bench.naively.running import naive_running
from convene.bench.spending import SETTLE_S
from convene.bench.way import Crowds, answered, answers, audited, crowd_of, village
from convene.load import Field
from convene.parts.trouble import Unavailable
from convene.parts.waiting import until

NAME = "naive"
TITLE = "Against the naive way"
EVENTS = 100


@asynccontextmanager
async def measured(bench: Bench, ground: Ground) -> AsyncIterator[list[Variant]]:
    sizes, figures = bench.sizes, bench.figures
    people = crowd_of(sizes.naive, EVENTS)
    crowds = Crowds(await village(ground, events=EVENTS, members=bench.rounds * people))
    numbers = count()

    async def pair() -> None:
        field = crowds.next(people)
        way = await audited(ground, await answered(ground, field, sizes.naive), field, crowds.said)
        rate, cost = await naive_way(ground, field, sizes.naive, numbers)
        figures.add(NAME, "ours: whole way", way.rate, "RSVPs/s")
        figures.add(NAME, "naive: whole way", rate, "RSVPs/s")
        figures.add(NAME, "RSVPs a second, ours to naive", way.rate / rate, "times", target="≥ 8")
        figures.add(NAME, "ours: CPU, all processes", way.cost, "µs/RSVP")
        figures.add(NAME, "naive: CPU, all processes", cost, "µs/RSVP")
        figures.add(NAME, "CPU for an RSVP, naive to ours", cost / way.cost, "times")

    yield [pair]


async def naive_way(ground: Ground, field: Field, requests: int, numbers: "count[int]") -> tuple[float, float]:
    """RSVPs a second until the last was in an inbox, and microseconds of all processes for one. Raises Unavailable."""
    async with naive_running(ground, numbers) as naive:
        here = replace(field, events=await naive.events(len(field.events)))
        there = replace(ground.platform, addresses={**ground.platform.addresses, "events": naive.url})
        before = naive.seconds()
        ledger = await answers(there, here, requests)
        heard = perf_counter()

        async def arrived() -> bool:
            return await naive.lines() >= ledger.accepted

        if not await until(arrived, SETTLE_S):
            raise Unavailable(f"After {SETTLE_S:.0f} s the naive way has not brought every RSVP to an inbox.")
        seconds = ledger.seconds + perf_counter() - heard
        return ledger.accepted / seconds, (naive.seconds() - before) / ledger.accepted * 1e6
