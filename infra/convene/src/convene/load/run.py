"""A whole run: the crowd's requests sent, then, when it is quiet, the ledger compared with all that is shown."""

import asyncio
from collections.abc import Callable
from time import monotonic

import httpx2
from aiokafka.errors import KafkaError

from chassis.kafka import KafkaSettings
from chassis.mongo import errors
from convene.acting.platform import Platform, Unexpected
from convene.load.audit import Audit, audit
from convene.load.crowd import Crowd
from convene.load.ledger import Ledger, Line
from convene.load.plan import plan
from convene.load.reading import shown
from convene.load.setting import Field, Setting

Step = Callable[[int], None]
Keep = Callable[[Line], None]

AWAY = (KafkaError, httpx2.TransportError, errors.PyMongoError, Unexpected, OSError, TimeoutError)
"""What reading ends with while a part of the platform is away."""


async def send(platform: Platform, setting: Setting, field: Field, step: Step, *, keep: Keep | None = None) -> Ledger:
    """The crowd's requests, all answered or given up. step: told how many more are done; keep: given each line then."""
    tokens = {member: platform.person(member).token for member in field.members}

    def heard(line: Line) -> None:
        if keep is not None:
            keep(line)
        step(1)

    crowd = Crowd(platform.addresses["events"], setting, tokens.__getitem__, heard)
    return await crowd.play(plan(setting, field))


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
