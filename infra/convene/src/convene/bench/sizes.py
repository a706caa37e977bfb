"""How much is measured: for the published figures, or quickly."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """events, members, requests: of a whole-way run; few: of the one with 16 callers; hot: people on one event.

    peak: seconds of the compiled driver; naive: requests of each half of a pair; waiting: RSVPs accepted while the
    relay is frozen; paced: requests of the run that tells the delay to Kafka, pace: its arrivals per second;
    stored: RSVPs in the grown database, step by step; people: on one event; probe: requests that tell what one
    costs there; chapters: of the networks whose pulse is read, reads: how often each; idle: open streams;
    subscribers: of the busy stream; offered: messages a second to each, for so many seconds.
    """

    events: int = 1_000
    members: int = 128
    requests: int = 20_000
    few: int = 4_000
    hot: int = 5_000
    peak: int = 10
    naive: int = 3_000
    waiting: int = 20_000
    paced: int = 10_000
    pace: float = 1_000.0
    stored: tuple[int, ...] = (1_000, 10_000, 100_000, 1_000_000)
    people: tuple[int, ...] = (10, 1_000, 100_000)
    probe: int = 3_000
    chapters: tuple[int, ...] = (130, 2_000)
    reads: int = 100
    idle: int = 1_000
    subscribers: int = 1_000
    offered: int = 500
    seconds: float = 10.0


FULL = Sizes()
QUICK = Sizes(
    events=20,
    members=32,
    requests=400,
    few=100,
    hot=100,
    peak=2,
    naive=100,
    waiting=300,
    paced=200,
    pace=100.0,
    stored=(100, 1_000),
    people=(10, 100),
    probe=100,
    chapters=(3, 250),
    reads=10,
    idle=50,
    subscribers=50,
    offered=50,
    seconds=2.0,
)
