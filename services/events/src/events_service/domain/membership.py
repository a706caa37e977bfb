"""What becomes of a person's RSVPs when their standing in a group changes."""

from collections.abc import Sequence

from chassis.frozen import frozen
from events_service.domain.group import MembershipStatus
from events_service.domain.rsvp import Status

STEPS = 200
"""How many RSVPs one decision may look at."""


@frozen
class Held:
    """One of the person's RSVPs in the group; `seen` is the membership version it knows of."""

    event_id: str
    status: Status
    seen: int


@frozen
class Settled:
    """The events that are told: those whose requests are decided now, and those whose places are free again.

    after: the last RSVP that was looked at, where there may be others beyond it.
    """

    group_id: str
    member_id: str
    version: int
    approved: tuple[str, ...]
    released: tuple[str, ...]
    after: str | None


@frozen
class Spread:
    """The other lanes are told, by an aggregate of each."""

    lanes: int
    aggregates: tuple[str, ...]


GONE: frozenset[MembershipStatus] = frozenset({"left", "removed", "banned"})


def spread(lanes: int, elsewhere: Sequence[str]) -> list[Spread]:
    """Nothing where this lane is the only one, or the others know."""
    return [Spread(lanes, tuple(elsewhere))] if elsewhere else []


def settle(
    group_id: str, member_id: str, *, state: MembershipStatus, version: int, held: Sequence[Held], after: str | None
) -> list[Settled]:
    """Somebody came in: their requests are decided. Somebody is out: what knew nothing of it is released."""
    approved = tuple(rsvp.event_id for rsvp in held if rsvp.status == "requested") if state == "active" else ()
    released = tuple(rsvp.event_id for rsvp in held if rsvp.seen < version) if state in GONE else ()
    if not approved and not released and after is None:
        return []
    return [Settled(group_id, member_id, version, approved, released, after)]
