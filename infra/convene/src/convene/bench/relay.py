"""From the decision to Kafka: how long it takes under a steady load, and how fast a backlog drains."""

import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from time import time

from contracts.events import RsvpChanged
from contracts.public import PublicRsvp
from convene.bench.arrivals import arriving
from convene.bench.ground import Ground
from convene.bench.measuring import Bench, Variant
from convene.bench.spending import Watch
from convene.bench.way import Crowds, answered, answers, crowd_of, village

NAME = "relay"
TITLE = "From the decision to Kafka"
EVENTS = 100
TOPICS = (RsvpChanged.topic, PublicRsvp.topic)


@asynccontextmanager
async def measured(bench: Bench, ground: Ground) -> AsyncIterator[list[Variant]]:
    sizes, figures = bench.sizes, bench.figures
    steady, much = crowd_of(sizes.paced, EVENTS), crowd_of(sizes.waiting, EVENTS)
    crowds = Crowds(await village(ground, events=EVENTS, members=bench.rounds * (steady + much)))

    async def delay() -> None:
        async with arriving(ground.local, TOPICS[:1]) as reader:
            way = await answered(ground, crowds.next(steady), sizes.paced, rate=sizes.pace)
            delays = [delay for _, delay in await reader.ended()]
        figures.add(NAME, "steady load: RSVPs", way.ledger.accepted / way.ledger.seconds, "RSVPs/s", target="1,000")
        for share, target in ((0.5, "< 40"), (0.99, "< 120")):
            figures.add(
                NAME, f"decided → read by others, p{share * 100:.0f}", _share(delays, share), "ms", target=target
            )

    async def backlog() -> None:
        pid = ground.entries()["events-relay"].pid
        async with arriving(ground.local, TOPICS) as reader:
            watch = await Watch.begin(ground)
            os.kill(pid, signal.SIGSTOP)
            try:
                ledger = await answers(ground.platform, crowds.next(much), sizes.waiting)
            finally:
                os.kill(pid, signal.SIGCONT)
            thawed = time()
            await watch.arrived(ledger.accepted)
            times = sorted(at for at, _ in await reader.ended())
        late = [at for at in times if at >= thawed]
        seconds = late[-1] - late[0]
        figures.add(NAME, "backlog: messages that waited", len(late), "messages")
        figures.add(NAME, "backlog: drained at", len(late) / max(seconds, 1e-3), "messages/s", target="> 20,000")
        figures.add(NAME, "backlog: until the first was there", (late[0] - thawed) * 1000, "ms")

    yield [delay, backlog]


def _share(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
