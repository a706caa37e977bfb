"""Which messages a reader wants."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Final

from events_service.stream.record import Entry


class BadParameter(Exception):
    """A query parameter cannot mean anything. The text says which and why."""


@dataclass(frozen=True, slots=True)
class Circle:
    """Around a point on Earth: degrees and kilometres."""

    lat: float
    lon: float
    radius_km: float

    def holds(self, place: tuple[float, float]) -> bool:
        """Whether the place, latitude and longitude, is no further away: haversine on a sphere."""
        lat, lon, other_lat, other_lon = map(radians, (self.lat, self.lon, *place))
        across = sin((other_lat - lat) / 2) ** 2 + cos(lat) * cos(other_lat) * sin((other_lon - lon) / 2) ** 2
        return 2 * _EARTH_KM * asin(sqrt(min(1.0, across))) <= self.radius_km


@dataclass(frozen=True, slots=True)
class Selection:
    """Each non-empty set must hold the message's value, and `near` its place.

    Readers with equal selections share what is sent to them.
    """

    event_id: frozenset[str] = frozenset()
    group_id: frozenset[str] = frozenset()
    group_urlname: frozenset[str] = frozenset()
    topic: frozenset[str] = frozenset()
    country: frozenset[str] = frozenset()
    response: frozenset[str] = frozenset()
    near: Circle | None = None

    def wants(self, entry: Entry) -> bool:
        """A tombstone is for everybody: its number is all it has, and whoever was shown the RSVP must hear of it."""
        keys = entry.keys
        return keys is None or (
            (not self.event_id or keys.event_id in self.event_id)
            and (not self.group_id or keys.group_id in self.group_id)
            and (not self.group_urlname or keys.group_urlname in self.group_urlname)
            and (not self.country or keys.country in self.country)
            and (not self.response or keys.response in self.response)
            and (not self.topic or not self.topic.isdisjoint(keys.topics))
            and (self.near is None or self.near.holds(keys.place))
        )


EVERYTHING: Final = Selection()
RADIUS_KM: Final = 25.0
WIDEST_KM: Final = 500.0
_EARTH_KM: Final = 6371.0088
_MOST = 100
_NUMBER = r"-?\d{1,9}(?:\.\d{1,20})?"
_POINT = re.compile(rf"({_NUMBER})\s*,\s*({_NUMBER})", re.ASCII)


def selected(parameters: Mapping[str, Sequence[str]]) -> Selection:
    """From a query's parameters; several values of one are alternatives, also when commas part them, but there is one
    `near`."""
    return Selection(
        event_id=_values(parameters, "event_id"),
        group_id=_numbers(parameters, "group_id"),
        group_urlname=_lower(parameters, "group_urlname"),
        topic=_lower(parameters, "topic"),
        country=_lower(parameters, "country"),
        response=_among(parameters, "response", {"yes", "no"}),
        near=_circle(parameters),
    )


def single(parameters: Mapping[str, Sequence[str]], name: str) -> str | None:
    """The value of a parameter that may be there once; None for none."""
    values = [value for value in parameters.get(name, ()) if value]
    if len(values) > 1:
        raise BadParameter(f"{name} is there more than once")
    return values[0].strip() if values else None


def _circle(parameters: Mapping[str, Sequence[str]]) -> Circle | None:
    near, radius = single(parameters, "near"), single(parameters, "radius_km")
    if near is None:
        if radius is not None:
            raise BadParameter("radius_km goes with near")
        return None
    point = _POINT.fullmatch(near)
    if point is None or abs(float(point[1])) > 90 or abs(float(point[2])) > 180:
        raise BadParameter("near is lat,lon in degrees")
    try:
        km = RADIUS_KM if radius is None else float(radius)
    except ValueError:
        km = 0.0
    if not 0 < km <= WIDEST_KM:
        raise BadParameter(f"radius_km is a number above 0, up to {WIDEST_KM:.0f}")
    return Circle(float(point[1]), float(point[2]), km)


def _values(parameters: Mapping[str, Sequence[str]], name: str) -> frozenset[str]:
    values = frozenset(part.strip() for text in parameters.get(name, ()) for part in text.split(",") if part.strip())
    if len(values) > _MOST:
        raise BadParameter(f"{name}: at most {_MOST} values")
    return values


def _lower(parameters: Mapping[str, Sequence[str]], name: str) -> frozenset[str]:
    return frozenset(value.lower() for value in _values(parameters, name))


def _numbers(parameters: Mapping[str, Sequence[str]], name: str) -> frozenset[str]:
    values = _values(parameters, name)
    if not all(value.isascii() and value.isdigit() and len(value) < 20 for value in values):
        raise BadParameter(f"{name} is a number")
    return frozenset(str(int(value)) for value in values)


def _among(parameters: Mapping[str, Sequence[str]], name: str, allowed: set[str]) -> frozenset[str]:
    values = _lower(parameters, name)
    if not values <= allowed:
        raise BadParameter(f"{name} is one of {', '.join(sorted(allowed))}")
    return values
