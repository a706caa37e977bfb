"""RSVPs the whole way: how many a second, how long an answer takes, and what one costs each process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from secrets import token_hex
from time import perf_counter

from convene.bench.figures import Figures
from convene.bench.ground import Ground
from convene.bench.measuring import Bench, Variant
from convene.bench.spending import Spent, Watch
from convene.load.ledger import Ledger
from convene.load.run import Field, Setting, compare, prepare, send
from convene.parts.trouble import Unavailable

NAME = "rsvps"
TITLE = "RSVPs the whole way"
MANY, LEAN, HOT, FIRST = (
    "1,000 events, 128 callers",
    "1,000 events, 16 callers",
    "one hot event, 128 callers",
    "people who join with it",
)


@dataclass(frozen=True, slots=True)
class Way:
    """One run. seconds: from the first request until the last RSVP was in an inbox."""

    ledger: Ledger
    spent: Spent
    seconds: float

    @property
    def rate(self) -> float:
        return self.ledger.accepted / self.seconds

    @property
    def cost(self) -> float:
        """Microseconds of all processes for an RSVP."""
        return self.spent.each(self.ledger.accepted)["all"]


async def whole_way(
    ground: Ground, setting: Setting, field: Field, *, audited: Field | None = None, steady: bool = False
) -> Way:
    """Send, wait until all has arrived, audit. Raises Unavailable when anything is wrong: such a figure is none.

    audited: all that these people ever answered, where that is more than the field; steady: wait for what follows too.
    """
    watch = await Watch.begin(ground)
    ledger = await send(ground.platform, setting, field, lambda _: None)
    answered = perf_counter()
    spent = await watch.arrived(ledger.accepted, steady=steady)
    arrived = perf_counter()
    found = await compare(ground.platform, ground.kafka, ledger, audited or field)
    if not found.clean or ledger.accepted < len(ledger.lines):
        wrong = {kind: count for kind, count in found.wrong.items() if count}
        raise Unavailable(f"Not a figure: {ledger.count()} and wrong {wrong}.")
    return Way(ledger, spent, ledger.seconds + arrived - answered)


class Crowds:
    """The same events for every round, and people who have not answered them yet."""

    def __init__(self, field: Field) -> None:
        self._field = field
        self._members = iter(field.members)

    def next(self, members: int) -> Field:
        """For one run."""
        fresh = [next(self._members) for _ in range(members)]
        return Field(self._field.group_id, self._field.events, fresh, [])


@asynccontextmanager
async def measured(bench: Bench, ground: Ground) -> AsyncIterator[list[Variant]]:
    sizes, figures = bench.sizes, bench.figures
    lean_members = max(2, -(-2 * sizes.few // sizes.events))
    people = bench.rounds * (sizes.members + lean_members)
    joined = Setting(sizes.events, people, sizes.requests, cancel=0, joined=True)
    crowds = Crowds(await prepare(ground.platform, joined, f"many-{token_hex(3)}"))
    one_each = Setting(bench.rounds, sizes.hot, sizes.hot, sizes.hot // 10, cancel=0, joined=True)
    hot = await prepare(ground.platform, one_each, f"hot-{token_hex(3)}")
    hot_events = iter(hot.events)

    async def many() -> None:
        way = await whole_way(ground, joined, crowds.next(sizes.members))
        note(figures, MANY, way, rate="4,000, then 8,000", p99="< 100", cost="< 400, then < 200")
        note_processes(figures, way)

    async def lean() -> None:
        setting = Setting(sizes.events, lean_members, sizes.few, at_once=16, cancel=0)
        way = await whole_way(ground, setting, crowds.next(lean_members))
        note(figures, LEAN, way, p99="< 25")

    async def on_one() -> None:
        field = Field(hot.group_id, [next(hot_events)], hot.members, [])
        way = await whole_way(ground, one_each, field, audited=hot)
        note(figures, HOT, way, rate="no slower", p99="< 100")

    async def first_time() -> None:
        setting = Setting(10, max(1, sizes.few // 5), sizes.few, cancel=0)
        field = await prepare(ground.platform, setting, f"first-{token_hex(3)}")
        note(figures, FIRST, await whole_way(ground, setting, field, steady=True))

    yield [many, lean, on_one, first_time]


def note(figures: Figures, what: str, way: Way, *, rate: str = "", p99: str = "", cost: str = "") -> None:
    add = partial(figures.add, NAME)
    add(f"{what}: whole way", way.rate, "RSVPs/s", target=rate)
    add(f"{what}: answered", way.ledger.accepted / way.ledger.seconds, "RSVPs/s")
    add(f"{what}: p50 of the answer", way.ledger.percentile(0.5) * 1000, "ms")
    add(f"{what}: p99 of the answer", way.ledger.percentile(0.99) * 1000, "ms", target=p99)
    add(f"{what}: CPU, all processes", way.cost, "µs/RSVP", target=cost)


def note_processes(figures: Figures, way: Way) -> None:
    for process, cost in way.spent.each(way.ledger.accepted).items():
        if process != "all":
            figures.add(NAME, f"CPU of {process}", cost, "µs/RSVP")
    for process, cost in way.spent.record().items():
        figures.add(NAME, f"CPU of {process} for a record", cost, "µs/record")
