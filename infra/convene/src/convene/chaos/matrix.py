"""Every scenario: rows of the matrix of faults with their load, their schedule and what must hold."""

from dataclasses import replace
from functools import partial
from random import Random

from convene.chaos import schedule
from convene.chaos.fault import Fault, Round
from convene.chaos.judge import all_turns, answers, stays_flat, was_cut
from convene.chaos.scenario import Scenario
from convene.load import Setting

ROUND = Setting(events=6, members=150, requests=700, capacity=50, mailed=48, rate=150.0, patience=150.0)
LONG_ROUND = replace(ROUND, members=400, requests=2500, rate=100.0)
"""25 seconds."""

FULL_ROUND = replace(LONG_ROUND, rate=None)
"""As fast as it goes."""

PROMOTING = replace(
    ROUND,
    events=8,
    requests=500,
    capacity=8,
    mailed=24,
    rate=60.0,
    cancel=0.25,
    again=0.1,
    change=0.1,
    guests=0.4,
    promotion="mixed",
    offer_ttl=2,
    lead=0.4,
)
"""Few seats, long lines, and all that moves people up."""

TWICE = {"EVENTS_API_REPLICAS": "2"}
EVERYTHING_TWICE = {
    **TWICE,
    "EVENTS_RELAY_REPLICAS": "2",
    "EVENTS_CONSUMER_REPLICAS": "2",
    "NOTIFICATIONS_REPLICAS": "2",
}
ROLLED = (
    *("groups", "events", "events-2", "events-consumer", "events-consumer-2"),
    *("events-relay", "events-relay-2", "events-stream", "notifications", "notifications-2"),
)

SCENARIOS = (
    Scenario(
        "kills",
        (1, 2, 4, 6),
        "kill -9 of each process and server in the middle of its requests",
        schedule.kills,
        ROUND,
        must=(was_cut,),
    ),
    Scenario(
        "crash-points",
        (1,),
        "each process dies at each place where a crash leaves something half done",
        schedule.crashes,
        ROUND,
        must=(was_cut,),
    ),
    Scenario(
        "zombies",
        (3, 13),
        "writer, relay and consumers frozen beyond lease and session while another takes over, then let go",
        schedule.zombies,
        ROUND,
        EVERYTHING_TWICE,
        must=(answers(1),),
    ),
    Scenario(
        "database-away",
        (4,),
        "kill -9 of MongoDB, started again after up to 20 seconds",
        lambda random: schedule.long_away(random, "mongod", (2.0, 8.0, 20.0)),
        ROUND,
        must=(was_cut,),
    ),
    Scenario(
        "broker-away",
        (6,),
        "Kafka killed and frozen for 20 seconds: RSVPs are answered, memory stays flat, all drains in order",
        schedule.broker,
        LONG_ROUND,
        must=(answers(1000), stays_flat),
    ),
    Scenario(
        "rebalance-storm",
        (9,),
        "members join and leave the consumer groups every few seconds",
        schedule.storms,
        LONG_ROUND,
        must=(answers(500),),
    ),
    Scenario(
        "hot-event",
        (19,),
        "a hundred seats and thousands who want them, with a kill in the middle",
        lambda random: ((Fault("kill", "events", schedule.moment(random)),),),
        Setting(events=1, members=2500, requests=3000, capacity=100, at_once=128, cancel=0.15, patience=150.0),
        must=(was_cut,),
    ),
    Scenario(
        "rolling-restart",
        (20,),
        "SIGTERM to one process after another: no request fails beyond its retry",
        lambda random: schedule.rolling(random, ROLLED),
        ROUND,
        EVERYTHING_TWICE,
    ),
    Scenario(
        "power-off",
        (21,),
        "kill -9 of everything at once, started again in order and in any order",
        schedule.power,
        replace(ROUND, mailed=0),  # the mail catcher stands for a server elsewhere, but forgets its mails when killed
        recover_within=60.0,
        must=(was_cut,),
    ),
    Scenario(
        "promotions",
        (1, 4),
        "offers, leaders' hands and other capacities, with two api replicas: each of them and MongoDB killed",
        schedule.promoting,
        PROMOTING,
        TWICE,
        must=(was_cut, all_turns),
    ),
    *(
        Scenario(
            f"replicas-{number}",
            (1, 3),
            f"{number} api replica{'s' if number > 1 else ''} of events under load, writer and others killed",
            partial(schedule.replicas, number=number),
            FULL_ROUND,
            {"EVENTS_API_REPLICAS": str(number)},
        )
        for number in (1, 2, 3)
    ),
)


def legs(faults: int, requests: int, seed: int) -> list[tuple[Scenario, int]]:
    """So many faults over so many requests, in parts of at most LEG faults that add up, each with its seed."""
    parts = max(1, -(-faults // LEG))
    return [_leg(faults, requests, part, parts, seed + part) for part in range(parts)]


LEG = 20


def _leg(faults: int, requests: int, part: int, parts: int, seed: int) -> tuple[Scenario, int]:
    mine = _portion(faults, part, parts)
    twice = part % 2 == 1
    more = ("events-2",) if twice else ()

    def drawn(random: Random) -> tuple[Round, ...]:
        return schedule.many(random, mine, more)

    rounds = len(drawn(Random(seed)))
    setting = replace(ROUND, requests=-(-_portion(requests, part, parts) // rounds))
    people = max(ROUND.members, -(-setting.requests // setting.events))
    scenario = Scenario(
        f"many-{part + 1}",
        (1, 2, 3, 4, 6, 20),
        f"{mine} faults of any kind over {setting.requests * rounds} requests",
        drawn,
        replace(setting, members=people),
        TWICE if twice else {},
        recover_within=15.0,
    )
    return scenario, seed


def _portion(whole: int, part: int, parts: int) -> int:
    return whole * (part + 1) // parts - whole * part // parts
