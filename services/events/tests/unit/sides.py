"""An event with two sides, decided as an evening; what the tests of sides share."""

from typing import Any

from .rules import Evening, evening

PHYSICAL, ONLINE = 1, 2


def hybrid(physical: int | None = 1, online: int | None = 1, **terms: Any) -> Evening:
    event = evening(physical, sides=("physical", "online"), online_guest_limit=1, **terms)
    event.ledger = event.ledger.arranged(PHYSICAL, physical, (ONLINE, online))
    return event


def seats(event: Evening) -> list[tuple[int, int]]:
    """Taken and waiting, of the physical side and of the online one."""
    both = (event.ledger.facing(PHYSICAL), event.ledger.facing(ONLINE))
    return [(side.seats, side.waiting) for side in both]
