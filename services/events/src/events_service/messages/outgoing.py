"""Messages of this service, whose partition is always that of their subject."""

from datetime import datetime
from typing import Any

from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Outgoing, Told


def outgoing(topic: str, type_: str, subject: str, key: str, value: str | None) -> Outgoing:
    """value: JSON, or None for a tombstone."""
    return Outgoing(topic, type_, subject, key, subject, value)


def tell_nobody(command: Command, outcome: Outcome[Any], now: datetime) -> Told:
    """It concerns nobody else."""
    return Told()
