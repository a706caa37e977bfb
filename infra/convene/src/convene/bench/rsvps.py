"""RSVPs the whole way: how many a second, how long an answer takes, and what one costs each process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from shutil import which

from convene.bench.figures import Figures
from convene.bench.ground import Ground
from convene.bench.measuring import Bench, Variant
from convene.bench.spending import Watch
from convene.bench.way import Crowds, Way, answered, audited, crowd_of, village
from convene.load.ledger import Line
from convene.load.peak import peak

NAME = "rsvps"
TITLE = "RSVPs the whole way"


@asynccontextmanager
async def measured(bench: Bench, ground: Ground) -> AsyncIterator[list[Variant]]:
    sizes, note = bench.sizes, partial(_note, bench.figures)
    few = crowd_of(sizes.few, sizes.events)
    people = bench.rounds * (sizes.members + few)
    crowds = Crowds(await village(ground, events=sizes.events, members=people))
    hot = await village(ground, events=bench.rounds, members=sizes.hot, capacity=sizes.hot // 10)
    hot_events = iter(hot.events)
    hot_said: list[Line] = []
    events = f"{sizes.events:,} events"

    async def over_many_events() -> None:
        field = crowds.next(sizes.members)
        way = await audited(ground, await answered(ground, field, sizes.requests), field, crowds.said)
        note(f"{events}, 128 callers", way, rate="4,000, then 8,000", p99="< 100", cost="< 400, then < 200")
        _note_processes(bench.figures, way)

    async def with_few_callers() -> None:
        field = crowds.next(few)
        way = await audited(ground, await answered(ground, field, sizes.few, at_once=16), field, crowds.said)
        note(f"{events}, 16 callers", way, p99="< 25")

    async def on_one_event() -> None:
        field = replace(hot, events=[next(hot_events)])
        way = await audited(ground, await answered(ground, field, sizes.hot), hot, hot_said)
        note("one hot event, 128 callers", way, rate="no slower", p99="< 100")

    async def with_joining() -> None:
        field = await village(ground, events=10, members=crowd_of(sizes.few, 10), joined=False)
        way = await audited(ground, await answered(ground, field, sizes.few, steady=True), field, [])
        note("people who join with it, 128 callers", way)

    async def at_its_peak() -> None:
        # wrk tells how many were accepted, not which: nobody else may have asked there, and there must be pairs enough
        over = max(20, sizes.events // 10)
        field = await village(ground, events=over, members=max(200, sizes.hot // 5))
        watch = await Watch.begin(ground)
        said, ledger = await peak(ground.platform, field, connections=128, seconds=sizes.peak, step=lambda _: None)
        spent, _ = await watch.arrived(said.accepted)
        await audited(ground, Way(ledger, spent, said.seconds), field, [])
        add = partial(bench.figures.add, NAME)
        add(f"{over:,} events, 128 connections of wrk: answered", said.accepted / said.seconds, "RSVPs/s")
        add(f"{over:,} events, 128 connections of wrk: p99 of the answer", said.p99_ms, "ms")
        add(
            f"{over:,} events, 128 connections of wrk: CPU, all processes",
            spent.each(said.accepted)["all"],
            "µs/RSVP",
        )

    # a machine without wrk has no peak figures, and all others
    compiled = [at_its_peak] if which("wrk") else []
    yield [over_many_events, with_few_callers, on_one_event, with_joining, *compiled]


def _note(figures: Figures, what: str, way: Way, *, rate: str = "", p99: str = "", cost: str = "") -> None:
    add = partial(figures.add, NAME)
    add(f"{what}: whole way", way.rate, "RSVPs/s", target=rate)
    add(f"{what}: answered", way.ledger.accepted / way.ledger.seconds, "RSVPs/s")
    add(f"{what}: p50 of the answer", way.ledger.percentile(0.5) * 1000, "ms")
    add(f"{what}: p99 of the answer", way.ledger.percentile(0.99) * 1000, "ms", target=p99)
    add(f"{what}: CPU, all processes", way.cost, "µs/RSVP", target=cost)
    add(f"{what}: CPU of the callers", way.ledger.driver / way.ledger.accepted * 1e6, "µs/RSVP")


def _note_processes(figures: Figures, way: Way) -> None:
    for process, cost in way.spent.each(way.ledger.accepted).items():
        if process != "all":
            figures.add(NAME, f"CPU of {process}", cost, "µs/RSVP")
    for process, cost in way.spent.record().items():
        figures.add(NAME, f"CPU of {process} for a record", cost, "µs/record")
