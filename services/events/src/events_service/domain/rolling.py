"""A partition of the public topic gets a record a day, that of a quiet one too: Kafka begins a new segment only when a
record comes, and takes nothing out of the one it is writing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rolling:
    """One partition's. due: when it gets its next record; None = nobody has looked yet."""

    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class RollingBegun:
    """due: when the first record is."""

    due: datetime


@dataclass(frozen=True, slots=True)
class Rolled:
    """There is a record. due: when the next one is."""

    due: datetime


Fact = RollingBegun | Rolled


def roll(rolling: Rolling, now: datetime) -> list[Fact]:
    """Days count from the last record, so that the next comes when its segment is old enough; after days without
    anybody there is one."""
    if rolling.due is None:
        return [RollingBegun(now + DAY)]
    return [Rolled(now + DAY)] if rolling.due <= now else []


def evolve(rolling: Rolling, fact: Fact) -> Rolling:
    """After the fact."""
    return Rolling(fact.due)
