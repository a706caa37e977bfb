"""One run of RSVPs the whole way, on `convene load`'s crowd and with its audit."""

from dataclasses import dataclass, replace
from secrets import token_hex
from time import perf_counter

from convene.acting.platform import Platform
from convene.bench.ground import Ground
from convene.bench.spending import Spent, Watch
from convene.load import Field, Ledger, Setting, compare, prepare, send
from convene.load.ledger import Line
from convene.parts.trouble import Unavailable


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


async def village(
    ground: Ground, *, events: int, members: int, capacity: int | None = None, joined: bool = True
) -> Field:
    """A group with published events, and people. joined: they have been members for a while."""
    setting = Setting(events=events, members=members, requests=1, capacity=capacity, joined=joined)
    return await prepare(ground.platform, setting, token_hex(4))


async def answers(
    platform: Platform, field: Field, requests: int, *, at_once: int = 128, rate: float | None = None
) -> Ledger:
    """So many of these people's answers to these events, each `yes` and sent once.

    rate: arrivals per second; None = `at_once` callers who wait for their answers. Raises Unavailable unless all are
    accepted.
    """
    setting = Setting(
        events=len(field.events),
        members=len(field.members),
        requests=requests,
        at_once=at_once,
        rate=rate,
        cancel=0,
        again=0,
        double=0,
        repeat=0,
        other=0,
    )
    ledger = await send(platform, setting, field, lambda _: None)
    if ledger.accepted < len(ledger.lines):
        raise Unavailable(f"Not a figure: not every answer was accepted, but {ledger.count()}.")
    return ledger


async def answered(
    ground: Ground,
    field: Field,
    requests: int,
    *,
    at_once: int = 128,
    rate: float | None = None,
    steady: bool = False,
) -> Way:
    """Send them and wait until all have arrived. steady: and until nothing follows any more."""
    watch = await Watch.begin(ground)
    ledger = await answers(ground.platform, field, requests, at_once=at_once, rate=rate)
    heard = perf_counter()
    spent, arrived = await watch.arrived(ledger.accepted, steady=steady)
    return Way(ledger, spent, ledger.seconds + arrived - heard)


async def audited(ground: Ground, way: Way, field: Field, said: list[Line]) -> Way:
    """The same. field: all that these people ever answered; said: all that was ever asked there, which this run joins.

    Raises Unavailable when anything is wrong.
    """
    said += way.ledger.lines
    found = await compare(ground.platform, ground.kafka, replace(way.ledger, lines=list(said)), field)
    if not found.clean:
        raise Unavailable(f"Not a figure: the audit after the run finds wrong {found.examples}.")
    return way


class Crowds:
    """The same events for every run, and for each people who have not answered them yet. said: what all have asked."""

    def __init__(self, field: Field) -> None:
        self._field = field
        self._members = iter(field.members)
        self.said: list[Line] = []

    def next(self, members: int) -> Field:
        return replace(self._field, members=[next(self._members) for _ in range(members)])


def crowd_of(requests: int, events: int) -> int:
    """How many people give so many answers, each to about half of the events."""
    return max(2, -(-2 * requests // events))
