"""kill -9 of one thing after another, each in the middle of 2,000 RSVPs: what callers heard must be what there is."""

import json
from pathlib import Path

import pytest

from chassis.kafka import KafkaSettings
from convene.acting.platform import client, reach
from convene.load import Setting, compare, prepare, send
from testkit import Platform, eventually

REPORTS = Path(".local/chaos")
SETTING = Setting(events=20, members=400, requests=2000, capacity=50, at_once=64, mailed=40)
VICTIMS = ("events", "events-relay", "events-consumer", "events-stream", "groups", "notifications", "mongod", "kafka")

pytestmark = pytest.mark.timeout(300)


def keep(report: dict[str, object]) -> None:
    REPORTS.mkdir(parents=True, exist_ok=True)
    (REPORTS / f"kill-{report['victim']}.json").write_text(json.dumps(report))


@pytest.mark.parametrize("victim", VICTIMS)
async def test_a_kill_changes_no_answer(spare_platform: Platform, victim: str) -> None:
    async with client() as http:
        platform = reach(spare_platform.local, http, spare_platform.environ)
        field = await prepare(platform, SETTING, f"kill-{victim}")
        done = 0

        def step(more: int) -> None:
            nonlocal done
            done += more
            if done == SETTING.requests // 2:
                spare_platform.kill(victim)

        ledger = await send(platform, SETTING, field, step)
        found = await compare(platform, KafkaSettings(spare_platform.addresses["kafka"]), ledger, field)
        report = {"victim": victim, **ledger.count(), "repeated_mails": found.repeated_mails, "wrong": found.wrong}
        keep(report)
        assert found.wrong == dict.fromkeys(found.wrong, 0)
        assert ledger.accepted > SETTING.requests // 2

        async def settled() -> bool:
            reports = await spare_platform.convene("reconcile")
            return all(report["settled"] for report in reports.values())

        await eventually(settled, within=30)
