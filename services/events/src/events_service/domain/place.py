"""Where an event is held."""

from dataclasses import dataclass
from typing import Literal
from zlib import crc32


@dataclass(frozen=True, slots=True)
class Place:
    """kind: hybrid = both. `lat`, `lon` in degrees; `url`: where to meet online, only for people with a place."""

    kind: Literal["physical", "online", "hybrid"]
    name: str | None = None
    address: str | None = None
    lat: float | None = None
    lon: float | None = None
    url: str | None = None


def venue(place: Place | None) -> tuple[str, float, float] | None:
    """Name and point of a place that can be found on a map."""
    if place is None or place.kind == "online" or place.name is None or place.lat is None or place.lon is None:
        return None
    return place.name, place.lat, place.lon


def venue_number(name: str, lat: float, lon: float) -> int:
    """A 31-bit number that is the same wherever the same place is named."""
    return crc32(f"{name.casefold()}|{lat:.5f}|{lon:.5f}".encode()) & 0x7FFFFFFF
