"""Playing a scenario: a platform of its own, rounds of requests with faults in them, and the reckoning."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from time import monotonic

from chassis.kafka import KafkaSettings
from convene.acting.platform import client, reach
from convene.chaos.crowding import Counted, other_answers, share, whole
from convene.chaos.fault import Fault, Round
from convene.chaos.recovery import Done, do, recovered
from convene.chaos.scenario import Happened, Played, Scenario
from convene.chaos.stage import Stage
from convene.load import Field, Ledger, Setting, compare, prepare, send
from convene.load.driver import NOT_NOW
from convene.load.ledger import together
from convene.parts.waiting import until
from convene.stack.spawned import running_platform

SETTLED_WITHIN = 60.0
UNANSWERED = {0, *NOT_NOW}
"""A try that brought no answer, or "not now"."""

QUIET = Setting(events=1, members=1, requests=1)

Say = Callable[[str], None]


async def play(scenario: Scenario, seed: int, folder: Path, say: Say) -> Played:
    """On a new platform in `folder`, which must be empty and stays for whoever wants to look at its logs."""
    rounds = scenario.schedule(Random(seed))
    crashes = _folder(folder / "crashes")
    environ = {"CONVENE_CRASH_AT": f"@{crashes}", **scenario.replicas}
    began = monotonic()
    async with running_platform(folder, environ) as platform, client() as http:
        stage = Stage(platform, reach(folder, http, platform.environ), crashes)
        everybody = await prepare(stage.outside, whole(scenario.setting, len(rounds)), f"{scenario.name}-{seed}")
        beside = await prepare(stage.outside, QUIET, f"beside-{seed}")
        playing = _Playing(stage, everybody, beside.events[0])
        for number, faults in enumerate(rounds):
            setting = replace(scenario.setting, seed=seed * 10_000 + number * 10)
            await playing.round(setting, share(everybody, setting, number, len(rounds)), faults)
            say(f"{scenario.name} {number + 1}/{len(rounds)}: {playing.last(faults)}")
        played = await playing.reckoned(scenario.name, seed)
    return replace(played, seconds=monotonic() - began)


def _folder(path: Path) -> Path:
    path.mkdir(parents=True)
    return path.absolute()


@dataclass(slots=True)
class _Playing:
    """everybody: all who take part, in all rounds; beside: an event for RSVPs that are in no ledger."""

    stage: Stage
    everybody: Field
    beside: str
    ledgers: list[Ledger] = field(default_factory=list)
    happened: list[Happened] = field(default_factory=list)
    calm: float | None = None

    async def round(self, setting: Setting, mine: Field, faults: Round) -> None:
        """Send the requests, do the faults when it is their time, and wait until all is well."""
        stage, counted = self.stage, Counted()

        async def when_it_is_time(fault: Fault) -> Done:
            await counted.reach(int(fault.at * setting.requests))
            return await do(stage, fault, lambda: counted.done)

        async def all_faults() -> list[Happened]:
            done = await asyncio.gather(*map(when_it_is_time, faults))
            return await recovered(stage, done, self.beside) if done else []

        async with asyncio.TaskGroup() as tasks:
            sending = tasks.create_task(send(stage.outside, setting, mine, counted.step, apis=stage.apis()))
            doing = tasks.create_task(all_faults())
        ledger = sending.result()
        self.ledgers.append(ledger)
        if not faults:
            self.calm = rate(ledger)
        self.happened += doing.result()

    async def reckoned(self, name: str, seed: int) -> Played:
        """Compare what callers heard with what there is, once it is quiet."""
        stage, ledger = self.stage, together(self.ledgers)
        others = await other_answers(stage.outside, stage.apis(), ledger.lines)
        kafka = KafkaSettings(stage.platform.addresses["kafka"])
        found = await compare(stage.outside, kafka, ledger, self.everybody)

        async def settled() -> bool:
            reports = await stage.platform.convene("reconcile")
            return all(report["settled"] for report in reports.values())

        return Played(
            scenario=name,
            seed=seed,
            requests=ledger.count(),
            cut=sum(any(one.answer in UNANSWERED for one in line.tries) for line in ledger.lines),
            rates=tuple(map(rate, self.ledgers)),
            p99_s=ledger.percentile(0.99),
            happened=tuple(self.happened),
            wrong=found.wrong,
            turns=found.turns,
            repeated_mails=found.repeated_mails,
            other_answers=others,
            settled=await until(settled, SETTLED_WITHIN),
            calm=self.calm,
            busy=round(os.getloadavg()[1], 1),
        )

    def last(self, faults: Round) -> str:
        """The round before, in a line for whoever waits."""
        ledger = self.ledgers[-1]
        sent = f"{ledger.accepted} accepted, {rate(ledger):.0f}/s"
        if not faults:
            return f"calm, {sent}"
        one = self.happened[-1]
        times = (("ready", one.ready_s), ("answered", one.answered_s), ("in the inbox", one.told_s))
        after = ", ".join(f"{what} {'never' if seconds is None else f'{seconds:.1f} s'}" for what, seconds in times)
        return f"{' and '.join(map(str, faults))}: {sent}; {after}"


def rate(ledger: Ledger) -> float:
    """RSVPs accepted a second."""
    return round(ledger.accepted / ledger.seconds, 1) if ledger.seconds else 0.0
