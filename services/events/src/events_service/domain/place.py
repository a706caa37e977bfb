"""Where an event is held, and which sides that gives it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from zlib import crc32

Side = Literal["physical", "online"]
Rooms = tuple[Side, Side]
"""The sides that rooms 1 and 2 are.

RSVPs are in rooms, because what the rooms are can change: people whose event moves online keep their seats, and those
of an online event that gets a physical side too stay online.
"""

FIRST_ROOM: Final = 1
ROOMS: Final = (1, 2)
FIRST_ROOMS: Final[Rooms] = ("physical", "online")

GUESTS: Final = 2
"""How many a person may bring where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Place:
    """kind: hybrid = both. `lat`, `lon` in degrees; `url`: where to meet online, only for people with a place there.

    capacity, guest_limit: of a hybrid's online side; those of the event are its physical side's. guest_limit None: not
    hybrid, or so from before sides had seats of their own: then all have the same ones.
    """

    kind: Literal["physical", "online", "hybrid"]
    name: str | None = None
    address: str | None = None
    lat: float | None = None
    lon: float | None = None
    url: str | None = None
    capacity: int | None = None
    guest_limit: int | None = None

    @property
    def sided(self) -> bool:
        """Whether its two sides have seats of their own."""
        return self.kind == "hybrid" and self.guest_limit is not None


def with_what_stays(place: Place | None, said: Mapping[str, Any]) -> dict[str, Any]:
    """A new place, as plain values: the link, and the guest limit online, stay where nothing is said of them."""
    guests = GUESTS if place is None or place.guest_limit is None else place.guest_limit
    return {"url": None if place is None else place.url, "guest_limit": guests, **said}


ONLINE_SEATS: Final = "place.online.capacity"

PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "place.venue": ("name", "address", "lat", "lon"),
    "place.online.url": ("url",),
    ONLINE_SEATS: ("capacity",),
    "place.online.guest_limit": ("guest_limit",),
}
"""What of a hybrid place is changed apart, as callers see it, and the fields of a `Place` that it is."""


def parts_changed(before: Place | None, after: Place | None) -> tuple[str, ...]:
    """What of the place is another by now: all of it, as `place`, unless it has two sides before and after."""
    if before is None or after is None or not (before.sided and after.sided):
        return ("place",)
    return tuple(part for part, fields in PARTS.items() if _differ(before, after, fields))


def _differ(one: Place, other: Place, fields: Collection[str]) -> bool:
    return any(getattr(one, name) != getattr(other, name) for name in fields)


def with_parts_of(place: Place | None, wanted: dict[str, Any] | None, parts: Collection[str]) -> dict[str, Any] | None:
    """The place that is wanted, as plain values, with these parts of the one there is, if both have two sides."""
    if place is None or not place.sided or wanted is None or wanted["guest_limit"] is None:
        return wanted
    kept = {name: getattr(place, name) for part in PARTS if part in parts for name in PARTS[part]}
    return {**wanted, **kept}


def only_side(place: Place | None) -> Side | None:
    """The side where everybody is; None = there are two. What has no place yet is taken for physical."""
    if place is not None and place.sided:
        return None
    return "online" if place is not None and place.kind == "online" else "physical"


def online_seats(place: Place | None) -> tuple[int | None] | None:
    """The capacity of the online side; None where there is no such side beside the physical one."""
    return (place.capacity,) if place is not None and place.sided else None


def rooms_of(place: Place | None) -> Rooms:
    """Of an event that is new: with one side, everybody is in the first room."""
    return ("online", "physical") if only_side(place) == "online" else FIRST_ROOMS


def rooms_after(rooms: Rooms, before: Place | None, after: Place | None) -> Rooms:
    """Everybody stays in their room, also where the event's only side is the other one from now on."""
    one, other = only_side(before), only_side(after)
    return rooms if one is None or other is None or one == other else (rooms[1], rooms[0])


def venue(place: Place | None) -> tuple[str, float, float] | None:
    """Name and point of a place that can be found on a map."""
    if place is None or place.kind == "online" or place.name is None or place.lat is None or place.lon is None:
        return None
    return place.name, place.lat, place.lon


def venue_number(name: str, lat: float, lon: float) -> int:
    """A 31-bit number that is the same wherever the same place is named."""
    return crc32(f"{name.casefold()}|{lat:.5f}|{lon:.5f}".encode()) & 0x7FFFFFFF
