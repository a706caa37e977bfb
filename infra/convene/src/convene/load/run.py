"""A whole run: the crowd's requests sent, then, when it is quiet, the ledger compared with all that is shown."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic, process_time

import httpx2
from aiokafka.errors import KafkaError

from chassis.kafka import KafkaSettings
from chassis.mongo import errors
from convene.acting.platform import Platform, Unexpected
from convene.load.audit import Audit, audit
from convene.load.crowd import Crowd
from convene.load.ledger import Ledger, Line, together
from convene.load.plan import plan
from convene.load.reading import shown
from convene.load.setting import Field, Setting
from convene.load.watch import Watch

Step = Callable[[int], None]
Keep = Callable[[Line], None]

AWAY = (KafkaError, httpx2.TransportError, errors.PyMongoError, Unexpected, OSError, TimeoutError)
"""What reading ends with while a part of the platform is away."""


async def send(
    platform: Platform,
    setting: Setting,
    field: Field,
    step: Step,
    *,
    keep: Keep | None = None,
    apis: Sequence[str] = (),
) -> Ledger:
    """The crowd's requests, all answered or given up; and what leaders and people with offers ask meanwhile.

    step: told how many more of the crowd's are done; keep: given each line then. apis: URLs of the service's replicas,
    each with a share of the people, all of whom want to the same events; without, the platform's one address.
    """
    urls = list(apis) or [platform.addresses["events"]]
    tokens = {member: platform.person(member).token for member in (*field.members, field.host)}
    kept = keep or _nothing

    def heard(line: Line) -> None:
        kept(line)
        step(1)

    async def to(number: int) -> Ledger:
        mine = replace(field, members=field.members[number :: len(urls)])
        own = share(setting, mine, number, len(urls))
        return await Crowd(urls[number], own, tokens.__getitem__, heard).play(plan(own, mine))

    watch = Watch(urls, setting, field, tokens.__getitem__, kept)
    used, over = process_time(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(watch.play(over)) if setting.watched else None
        ledgers = await asyncio.gather(*map(to, range(len(urls))))
        over.set()
    ledger = together(ledgers)
    ledger.lines += [] if watching is None else watching.result()
    ledger.driver = process_time() - used
    return ledger


def _nothing(line: Line) -> None:
    """Keep no line."""


def share(setting: Setting, mine: Field, number: int, parts: int) -> Setting:
    """What the people of one replica do: another seed, and their part of the requests."""
    if parts == 1:
        return setting
    return replace(
        setting,
        members=len(mine.members),
        requests=setting.requests * (number + 1) // parts - setting.requests * number // parts,
        at_once=max(1, setting.at_once // parts),
        rate=setting.rate / parts if setting.rate else None,
        seed=setting.seed + number,
    )


async def compare(
    platform: Platform, kafka: KafkaSettings, ledger: Ledger, field: Field, *, settle: float = 60.0
) -> Audit:
    """Wait until what was decided has arrived everywhere, then audit; what never arrives is counted as wrong.

    settle: seconds to wait for it, anew whenever something has arrived. Reading is repeated while parts of the
    platform are away; raises what it raises when they still are at the end.
    """
    until = monotonic() + settle
    fewest: int | None = None
    while True:
        late = monotonic() > until
        try:
            found = audit(ledger, await shown(platform, kafka, ledger, field))
        except (ExceptionGroup, *AWAY) as error:
            if late or not _away(error):
                raise
        else:
            wrong = sum(found.wrong.values())
            if found.clean or (late and fewest is not None and wrong >= fewest):
                return found
            if fewest is None or wrong < fewest:
                fewest, until = wrong, monotonic() + settle
        await asyncio.sleep(0.5)


def _away(error: Exception) -> bool:
    """Whether a part of the platform was away, and nothing else was wrong."""
    return not isinstance(error, ExceptionGroup) or error.split(AWAY)[1] is None
