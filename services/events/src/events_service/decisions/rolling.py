"""How commands about the public topic's partitions are decided."""

from typing import Any

from chassis.journal.decision import Decider
from events_service.handlers.rolling import ROLL, decide_roll
from events_service.messages.public import tell_roll
from events_service.store.rolling import ROLLINGS, RollingStore


def decisions() -> dict[str, Decider[Any]]:
    """Decided by the partition's own aggregate."""
    store = RollingStore()
    return {ROLL: Decider(ROLLINGS, store.reads, store.load, decide_roll, store.save, tell_roll)}
