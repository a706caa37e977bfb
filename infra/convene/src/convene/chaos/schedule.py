"""Schedules: pure functions of chance. The same seed makes the same faults, in the same order, at the same counts."""

from collections.abc import Callable, Sequence
from random import Random

from convene.chaos.fault import Fault, Round

Schedule = Callable[[Random], tuple[Round, ...]]

SERVICES = ("groups", "events", "events-relay", "events-consumer", "events-stream", "notifications")
SERVERS = ("mongod", "kafka")
WRITES = ("journal.before-commit", "journal.after-commit")
SENDS = ("relay.before-commit", "relay.after-commit")
TAKES = ("consumer.before-commit", "consumer.after-commit")
CRASHES = (
    *(("events", place) for place in WRITES),
    *(("events-relay", place) for place in SENDS),
    *(("events-consumer", place) for place in TAKES),
    *(("groups", place) for place in (*WRITES, *SENDS, *TAKES)),
    *(("notifications", place) for place in (*TAKES, "mail.after-send")),
)
"""Every place where a process may die, in every process that comes past it under load."""


def moment(random: Random) -> float:
    """Well inside a round, so that something went before and something comes after."""
    return round(random.uniform(0.15, 0.6), 3)


def kills(random: Random, victims: Sequence[str] = (*SERVICES, *SERVERS)) -> tuple[Round, ...]:
    """Each once, in any order."""
    return tuple((Fault("kill", victim, moment(random)),) for victim in random.sample(victims, len(victims)))


def crashes(random: Random) -> tuple[Round, ...]:
    """Each place once, at one of its first passings."""
    places = random.sample(CRASHES, len(CRASHES))
    return tuple(
        (Fault("crash", victim, moment(random), detail=f"{place}:{random.randint(1, 3)}"),) for victim, place in places
    )


def long_away(random: Random, victim: str, holds: Sequence[float]) -> tuple[Round, ...]:
    """Killed, and not started again for that many seconds."""
    return tuple((Fault("kill", victim, moment(random), hold),) for hold in random.sample(holds, len(holds)))


def broker(random: Random) -> tuple[Round, ...]:
    """Away and frozen for twenty seconds each, early: what follows is sent meanwhile."""
    made = [Fault("kill", "kafka", 0.05, 20.0), Fault("freeze", "kafka", 0.05, 20.0)]
    return tuple((fault,) for fault in random.sample(made, len(made)))


def zombies(random: Random) -> tuple[Round, ...]:
    """Frozen for longer than leases (5 s) and group sessions (6 s), while another is there to take over."""
    victims = ("writer", "publisher", "events-consumer", "events-consumer-2", "notifications", "notifications-2")
    frozen = random.sample(victims, len(victims))
    return tuple((Fault("freeze", victim, moment(random), random.uniform(9, 13)),) for victim in frozen)


def storms(random: Random) -> tuple[Round, ...]:
    """More members join both groups, and leave them, every few seconds."""
    seeds = [str(random.randrange(1 << 30)) for _ in range(2)]
    return (
        tuple(
            Fault("storm", victim, 0.05, 25.0, seed)
            for victim, seed in zip(("events", "notifications"), seeds, strict=True)
        ),
    )


def rolling(random: Random, victims: Sequence[str]) -> tuple[Round, ...]:
    """SIGTERM to one after another."""
    return tuple((Fault("stop", victim, moment(random)),) for victim in victims)


def power(random: Random) -> tuple[Round, ...]:
    """Everything at once: with its supervisor, and without, started again in any order."""
    return (
        (Fault("power", "everything", moment(random)),),
        (Fault("scramble", "everything", moment(random), detail=str(random.randrange(1 << 30))),),
    )


def replicas(random: Random, number: int) -> tuple[Round, ...]:
    """A calm round, which gives the figure; then, with more than one, who writes is killed, and who does not."""
    victims = ("writer", "bystander", "writer") if number > 1 else ("writer",)
    return ((), *((Fault("kill", victim, moment(random)),) for victim in victims))


def promoting(random: Random) -> tuple[Round, ...]:
    """Who writes, who does not (each is a worker too), and the database, for longer than an offer holds."""
    faults = [
        Fault("kill", "writer", moment(random)),
        Fault("kill", "bystander", moment(random)),
        Fault("kill", "mongod", moment(random), 4.0),
    ]
    return tuple((fault,) for fault in random.sample(faults, len(faults)))


def many(random: Random, faults: int, more: Sequence[str] = ()) -> tuple[Round, ...]:
    """Kills, freezes, stops and restarts of anything, now and then two at once. more: further processes."""
    rounds: list[Round] = []
    left = faults
    while left > 0:
        size = min(left, 2 if random.random() < 0.2 else 1)
        victims = random.sample((*SERVICES, *more, *SERVERS), size)
        rounds.append(tuple(_any(random, victim) for victim in victims))
        left -= size
    return tuple(rounds)


def _any(random: Random, victim: str) -> Fault:
    kind = random.choices(("kill", "freeze", "stop"), weights=(5, 3, 1 if victim in SERVICES else 0))[0]
    if kind == "freeze":
        return Fault("freeze", victim, moment(random), round(random.uniform(0.5, 9), 1))
    if kind == "stop":
        return Fault("stop", victim, moment(random))
    hold = round(random.uniform(0, 6), 1) if victim in SERVERS and random.random() < 0.5 else 0.0
    return Fault("kill", victim, moment(random), hold)
