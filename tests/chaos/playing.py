"""A crowd that RSVPs while a fault is on: what its callers heard must be what there is in the end."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from secrets import token_hex
from time import monotonic
from typing import Any, TypeVar

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from chassis.kafka import KafkaSettings
from convene.acting.platform import Json, Person, Unexpected
from convene.acting.platform import Platform as Outside
from convene.load.audit import Audit
from convene.load.field import prepare
from convene.load.ledger import Ledger
from convene.load.run import compare, send
from convene.load.setting import Field, Setting
from convene.parts.ports import LOOPBACK
from convene.stack.probe import get
from testkit import Platform, eventually

YES: Json = {"response": "yes", "guests": 0}
T = TypeVar("T")
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


async def beside(outside: Outside) -> str:
    """An event without limit that the crowd does not know: who asks there is not in its ledger."""
    field = await prepare(outside, Setting(events=1, members=0, requests=0), f"beside-{token_hex(3)}")
    return field.events[0]


async def one_try(person: Person, event_id: str, *, within: float = 15.0) -> httpx2.Response:
    """The first answer to somebody's RSVP, whatever it is. Raises httpx2.TransportError where there is none."""
    url = f"{person.platform.addresses['events']}/v1/events/{event_id}/rsvp"
    head = {"authorization": f"Bearer {person.token}", "idempotency-key": token_hex(8)}
    return await person.platform.http.put(url, json=YES, headers=head, timeout=within)


async def heard_for(seconds: float, outside: Outside, event_id: str, *, within: float) -> list[int]:
    """The answers to one person who, for so long, asks again as soon as they are answered.

    Fails when an answer takes longer than `within` seconds, and when there is none at all.
    """
    person = outside.person(f"patient-{token_hex(3)}")
    heard: list[int] = []
    begun = monotonic()
    while monotonic() - begun < seconds:
        sent = monotonic()
        answer = await one_try(person, event_id, within=2 * within)
        assert monotonic() - sent < within
        heard.append(answer.status_code)
    assert heard
    return heard


async def told(outside: Outside, event_id: str, within: float = 90.0) -> None:
    """Somebody new RSVPs, again while there is no answer, and finds it in their inbox."""
    person = outside.person(f"new-{token_hex(3)}")

    async def answered() -> bool:
        return await asked(person.put("events", f"/v1/events/{event_id}/rsvp", YES, key=person.member_id)) is not None

    async def there() -> bool:
        page = await asked(person.get("notifications", "/v1/inbox?limit=1"))
        return page is not None and bool(page["items"])

    await eventually(answered, within=within, every=0.2)
    await eventually(there, within=within, every=0.2)


async def asked(call: Awaitable[T]) -> T | None:
    """What is answered; None where it is refused or there is no answer."""
    try:
        return await call
    except (Unexpected, httpx2.TransportError):
        return None


def clean(ledger: Ledger, audit: Audit) -> None:
    """Nothing lost, doubled, inverted, oversold or untold, and most requests were accepted."""
    assert audit.clean, (audit.wrong, audit.examples)
    assert ledger.accepted > len(ledger.lines) // 2


async def damage(platform: Platform) -> Counter[str]:
    """What the books of all services show, by kind."""
    return _shown(await platform.convene("reconcile", exits=(0, 1)))


def _shown(reports: Mapping[str, Json]) -> Counter[str]:
    found: Counter[str] = Counter()
    for report in reports.values():
        found.update(report["damage"])
    return found


async def settled(platform: Platform, within: float = 180.0, *, damaged: Mapping[str, int] | None = None) -> None:
    """Nothing is under way any more, and all books agree but for `damaged`: by kind, exactly as much as was there
    before and as the test has done itself."""
    expected = Counter(damaged or {})

    async def look() -> bool:
        reports = await platform.convene("reconcile", exits=(0, 1))
        assert _shown(reports) == expected, reports
        return not any(any(report["behind"].values()) for report in reports.values())

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
