"""A crowd that RSVPs while a fault is on: what its callers heard must be what there is in the end."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from chassis.kafka import KafkaSettings
from convene.acting.platform import Platform as Outside
from convene.load.audit import Audit
from convene.load.field import prepare
from convene.load.ledger import Ledger
from convene.load.run import compare, send
from convene.load.setting import Field, Setting
from convene.parts.ports import LOOPBACK
from convene.stack.probe import get
from testkit import Platform, eventually

Fault = Callable[[Field], Awaitable[None]]


def kafka_of(platform: Platform) -> KafkaSettings:
    """How a test reaches the platform's topics."""
    return KafkaSettings(platform.addresses["kafka"], prefix=platform.environ.get("TOPIC_PREFIX", ""))


async def under_load(
    outside: Outside, kafka: KafkaSettings, setting: Setting, run: str, fault: Fault, *, at: float = 0.25
) -> tuple[Ledger, Audit]:
    """Send the crowd; when `at` of its requests are answered, let the fault happen; audit when both are over."""
    field = await prepare(outside, setting, run)
    begun = asyncio.Event()
    done = 0

    def step(more: int) -> None:
        nonlocal done
        done += more
        if done >= at * setting.requests:
            begun.set()

    async def faulty() -> None:
        await begun.wait()
        await fault(field)

    async with asyncio.TaskGroup() as group:
        sending = group.create_task(send(outside, setting, field, step))
        group.create_task(faulty())
    ledger = sending.result()
    return ledger, await compare(outside, kafka, ledger, field)


def clean(ledger: Ledger, audit: Audit) -> None:
    """Nothing lost, doubled, inverted, oversold or untold, and most requests were accepted."""
    assert audit.clean, (audit.wrong, audit.examples)
    assert ledger.accepted > len(ledger.lines) // 2


async def settled(platform: Platform, within: float = 180.0) -> None:
    """All books agree, and nothing is under way any more."""

    async def look() -> bool:
        reports = await platform.convene("reconcile")
        return all(report["settled"] for report in reports.values())

    await eventually(look, within=within)


async def metric(platform: Platform, process: str, name: str, **labels: str) -> float:
    """The sum of a metric's samples that bear these labels, as the process shows it now."""
    port = platform.processes()[process].health_port
    assert port is not None
    _, body = await get(LOOPBACK, port, "/metrics")
    return sum(
        sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


async def lag(platform: Platform) -> int:
    """Records that no consumer has taken in yet, of all services."""
    waiting = 0
    for process in ("groups", "events-consumer", "notifications"):
        waiting += int(await metric(platform, process, "convene_consumer_lag"))
    return waiting


def mongo_database(platform: Platform, service: str) -> str:
    """The name of a service's database."""
    url: Any = platform.environ[f"MONGO_URL_{service.upper()}"]
    return str(url).rpartition("/")[2].partition("?")[0]
