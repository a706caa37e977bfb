"""Whether an RSVP costs the same however much is stored, and however many people are on its event.

Two platforms stand side by side, one that is filled step by step and one that stays empty, and the same small run goes
to each in turn: what happens to the machine meanwhile happens to both.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from convene.bench.figures import Figures
from convene.bench.filling import Filling
from convene.bench.ground import Ground, throwaway
from convene.bench.measuring import Bench, Variant
from convene.bench.way import Crowds, Way, answered, audited, crowd_of, village
from convene.load import Field
from convene.operating.access import access
from convene.parts.trouble import Unavailable

NAME = "growth"
TITLE = "Growth"
EVENTS = 20
TARGET = "0.8–1.2"  # noqa: RUF001 - a range has an en dash


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two platforms, with a group on it; many: people for the runs over several events."""

    ground: Ground
    field: Field
    many: Crowds

    async def run(self, requests: int) -> Way:
        """Over events that were not filled."""
        field = self.many.next(crowd_of(requests, EVENTS))
        return await audited(self.ground, await answered(self.ground, field, requests), field, self.many.said)


@asynccontextmanager
async def measured(bench: Bench) -> AsyncIterator[list[Variant]]:
    sizes = bench.sizes
    async with AsyncExitStack() as stack:
        runs = len(sizes.stored) * bench.rounds
        grown = await _side(stack, sizes.probe, runs)
        empty = await _side(stack, sizes.probe, runs)
        events = await stack.enter_async_context(access(grown.ground.local, "events").database())
        notifications = await stack.enter_async_context(access(grown.ground.local, "notifications").database())
        filling = Filling(events, notifications, grown.field.events[0])
        before = [0, *sizes.stored]
        steps = [
            _stored(bench, grown, empty, filling, more=size - smaller, size=size)
            for smaller, size in zip(before, sizes.stored, strict=False)
        ]
        each = 1 + bench.rounds
        field = await village(grown.ground, events=each * len(sizes.people), members=bench.rounds * sizes.probe)
        places = [replace(field, events=field.events[n * each : (n + 1) * each]) for n in range(len(sizes.people))]
        crowds = [
            _people(bench, grown.ground, filling, place, size) for place, size in zip(places, sizes.people, strict=True)
        ]
        yield [*steps, *crowds]


async def _side(stack: AsyncExitStack, probe: int, runs: int) -> Side:
    ground = await stack.enter_async_context(throwaway())
    field = await village(ground, events=EVENTS, members=runs * crowd_of(probe, EVENTS))
    return Side(ground, field, Crowds(field))


def _stored(bench: Bench, grown: Side, empty: Side, filling: Filling, *, more: int, size: int) -> Variant:
    async def stored() -> None:
        await filling.stored(more)
        await grown.ground.restart("events")
        what = f"{size:,} RSVPs stored"
        await _pairs(bench, what, lambda: grown.run(bench.sizes.probe), lambda: empty.run(bench.sizes.probe))

    return stored


def _people(bench: Bench, ground: Ground, filling: Filling, field: Field, size: int) -> Variant:
    """field: the event that is filled, and one that is not for each round; a crowd for each round, to answer both."""

    async def people() -> None:
        probe = bench.sizes.probe
        full, *fresh = field.events
        await filling.on_event(full, size)
        await ground.restart("events")
        many, others, few = Crowds(replace(field, events=[full])), iter(fresh), Crowds(field)
        taken = size

        async def on_full() -> Way:
            nonlocal taken
            way = await answered(ground, many.next(probe), probe)
            taken += way.ledger.accepted
            shown = await ground.platform.anonymous("events", f"/v1/events/{full}")
            if shown["seats_used"] < taken:
                raise Unavailable(f"Not a figure: {taken} people are on the event, which shows {shown['seats_used']}.")
            return way

        async def on_fresh() -> Way:
            return await answered(ground, replace(few.next(probe), events=[next(others)]), probe)

        await _pairs(bench, f"{size:,} people on the event", on_full, on_fresh)

    return people


async def _pairs(
    bench: Bench, what: str, grown: Callable[[], Awaitable[Way]], empty: Callable[[], Awaitable[Way]]
) -> None:
    """As many as there are rounds; which one goes first changes each time."""
    for number in range(bench.rounds):
        if number % 2:
            other, way = await empty(), await grown()
        else:
            way, other = await grown(), await empty()
        _note(bench.figures, what, way, other)


def _note(figures: Figures, what: str, way: Way, other: Way) -> None:
    figures.add(NAME, f"{what}: CPU, all processes", way.cost, "µs/RSVP")
    figures.add(NAME, what, way.cost / other.cost, "times the empty one", target=TARGET)
