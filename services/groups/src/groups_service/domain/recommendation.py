"""Which groups to propose to a member, and why: what speaks for each, put in an order."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Final, Literal

Reason = Literal["topic", "near", "people", "popular"]

EARTH_KM: Final = 6378.1
"""The radius that MongoDB measures with: what lists of groups say of distances agrees."""
NEAR_KM: Final = 50.0
"""What is farther away is not near."""

TOPICS_WEIGH, PLACE_WEIGHS, PEOPLE_WEIGH, SIZE_WEIGHS = 3.0, 2.0, 2.0, 0.2


@dataclass(frozen=True, slots=True)
class Candidate:
    """What speaks for a group that the member was never in.

    members: all who are in it; topics: how many of the member's it is about; distance_km: from the member's home, None
    without one; people: how many of those looked at in the member's groups are in it; goers: how many of them said yes
    to one of its events.
    """

    group_id: str
    members: int
    topics: int = 0
    distance_km: float | None = None
    people: int = 0
    goers: int = 0


@dataclass(frozen=True, slots=True)
class Recommended:
    """because: what was decisive, at least one reason; `popular` only where there is no other."""

    group_id: str
    because: tuple[Reason, ...]


def recommend(candidates: Iterable[Candidate], limit: int) -> list[Recommended]:
    """The best of them, the best first; the same whatever order they come in. Of equals the lower id is first."""
    ranked = sorted(candidates, key=lambda one: (-score(one), one.group_id))
    return [Recommended(one.group_id, reasons(one)) for one in ranked[:limit]]


def score(candidate: Candidate) -> float:
    """More of what speaks for a group never lowers it. Each kind counts up to its weight, the first of it most."""
    return (
        TOPICS_WEIGH * _much(candidate.topics, 1)
        + PLACE_WEIGHS * _closeness(candidate.distance_km)
        + PEOPLE_WEIGH * _much(candidate.people + candidate.goers, 3)
        + SIZE_WEIGHS * _much(candidate.members, 1000)
    )


def reasons(candidate: Candidate) -> tuple[Reason, ...]:
    """In this order: topic, near, people."""
    speak: dict[Reason, bool] = {
        "topic": candidate.topics > 0,
        "near": _closeness(candidate.distance_km) > 0,
        "people": candidate.people + candidate.goers > 0,
    }
    return tuple(reason for reason, speaks in speak.items() if speaks) or ("popular",)


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Between two points, each latitude and longitude in degrees: the haversine formula on a sphere."""
    (lat, lon), (other_lat, other_lon) = ((radians(a), radians(b)) for a, b in (one, other))
    across = sin((other_lat - lat) / 2) ** 2 + cos(lat) * cos(other_lat) * sin((other_lon - lon) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, across)))


def _much(number: int, half: int) -> float:
    """From 0 towards 1; `half` of them are half of it."""
    return number / (number + half)


def _closeness(km: float | None) -> float:
    """From 1 at home to 0 where near ends."""
    return 0.0 if km is None else max(0.0, 1.0 - km / NEAR_KM)
