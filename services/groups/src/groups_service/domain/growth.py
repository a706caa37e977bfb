"""How a group grows: who came and went each day, and what its size asks for (behaviour 2)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from groups_service.domain.membership import Joined, Membership, headcount

ACTIVE_DAYS: Final = 90
"""Whoever said yes to an event within so many days is active."""
MEMBERS_PER_LEADER: Final = 150
SISTER_FROM: Final = 500
"""Active members from which a sister group is proposed, where they live in several places."""
PLACE_FROM: Final = 50
"""Active members that make a place one of those."""


@dataclass(frozen=True, slots=True)
class Today:
    """How many came and went on the last day on which anybody did. day: ISO, in UTC."""

    day: str
    joined: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where members have their homes, and how many active ones do."""

    city: str
    country: str
    active_members: int


def tally(today: Today | None, facts: Sequence[object], now: datetime) -> Today | None:
    """The day's count after the facts; a new day begins with the first who comes or goes on it."""
    joined = sum(isinstance(fact, Joined) for fact in facts)
    left = joined - headcount(facts)
    if not joined and not left:
        return today
    day = now.date().isoformat()
    same = today if today is not None and today.day == day else Today(day)
    return replace(same, joined=same.joined + joined, left=same.left + left)


def leaders(before: Mapping[str, Membership], after: Mapping[str, Membership]) -> int:
    """By how much the number of those with a role above `member` changes."""
    return sum(map(_leads, after.values())) - sum(map(_leads, before.values()))


def _leads(membership: Membership) -> bool:
    return membership.state == "active" and membership.role != "member"


def short_of_leaders(leading: int, active: int) -> bool:
    """Whether there is fewer than one leader per 150 active members."""
    return leading * MEMBERS_PER_LEADER < active


def sister_places(active: int, places: Iterable[Place]) -> list[Place]:
    """Where a sister group is proposed, most active members first: two places or more, or none."""
    many = [place for place in places if place.active_members >= PLACE_FROM]
    if active < SISTER_FROM or len(many) < 2:
        return []
    return sorted(many, key=lambda place: (-place.active_members, place.country, place.city))
