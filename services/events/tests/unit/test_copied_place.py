"""A chapter's copy takes over a new place, link and all, also where it has to keep its online seats; of a hybrid place
it keeps what the chapter changed of it, and nothing else."""

from dataclasses import asdict, replace
from typing import Any

import pytest
from services.events.tests.unit.dates import occurred
from services.events.tests.unit.networks import DETAILS, NOW, World, copied

from events_service.domain import event as events
from events_service.domain.event import Changed, Part
from events_service.domain.ledger import Room
from events_service.domain.occurrence import Order
from events_service.domain.place import Place

HALL = Place("hybrid", "Hall", "Main 1", 1.0, 2.0, "https://meet.test/1", 100, 2)
MOVED = replace(HALL, url="https://meet.test/2", capacity=50)


@pytest.mark.parametrize(
    ("people", "place", "left"),
    [(60, replace(MOVED, capacity=100), ("capacity",)), (50, MOVED, ())],
)
def test_a_copy_keeps_the_online_capacity_that_its_people_need_and_has_the_new_link(
    people: int, place: Place, left: tuple[str, ...]
) -> None:
    world = copied(details=replace(DETAILS, place=HALL))
    world.ledger = replace(world.ledger, beside=Room(2, 100, people))
    assert world.edit(place=asdict(MOVED)) is None
    world.look()
    assert world.event is not None
    assert (world.event.details.place, world.left()) == (place, left)


NEW: dict[str, Any] = {"name": "Great hall", "address": "Main 9", "url": "https://meet.test/3", "guest_limit": 1}
OWN: list[tuple[dict[str, Any], str]] = [
    ({"capacity": 20}, "place.online.capacity"),
    ({"guest_limit": 0}, "place.online.guest_limit"),
    ({"url": "https://meet.test/own"}, "place.online.url"),
    ({"name": "Our hall", "lat": 3.0, "lon": 4.0}, "place.venue"),
]


def hybrid(own: dict[str, Any]) -> World:
    """A copy whose chapter changed this of its place."""
    world = copied(details=replace(DETAILS, place=HALL))
    assert world.patch({"place": asdict(replace(HALL, **own))}) is None
    return world


@pytest.mark.parametrize(("own", "part"), OWN)
def test_what_a_chapter_changed_of_a_hybrid_place_stays_and_the_rest_of_it_follows(
    own: dict[str, Any], part: str
) -> None:
    world = hybrid(own)
    after = replace(HALL, **NEW, capacity=50)
    assert world.edit(place=asdict(after)) is None
    world.look()
    assert world.event is not None
    kept = {"name": "Our hall", "address": HALL.address, "lat": 3.0, "lon": 4.0} if part == "place.venue" else own
    assert world.event.details.place == replace(after, **kept)
    assert (world.event.own, world.left()) == ((part,), ())
    assert world.edit(place=asdict(HALL)) is None
    world.look()
    assert world.event.details.place == replace(HALL, **own)


def test_a_chapter_that_changed_two_parts_keeps_both() -> None:
    world = hybrid({"capacity": 20})
    assert world.patch({"place": asdict(replace(HALL, capacity=20, url=None))}) is None
    assert world.edit(place=asdict(replace(HALL, **NEW))) is None
    world.look()
    assert world.event is not None
    assert world.event.details.place == replace(HALL, **{**NEW, "url": None, "capacity": 20})
    assert world.event.own == ("place.online.capacity", "place.online.url")


def test_the_parts_go_with_the_sides_and_another_kind_of_place_is_the_chapters_as_a_whole() -> None:
    world = hybrid({"capacity": 20})
    assert world.event is not None
    call = Place("online", url="https://meet.test/3")
    for wanted in (call, HALL):
        assert world.edit(place=asdict(wanted)) is None
        world.look()
        assert (world.event.details.place, world.event.own) == (wanted, ())
    cafe = Place("physical", "Café")
    assert world.patch({"place": asdict(cafe)}) is None
    assert world.edit(place=asdict(replace(HALL, **NEW))) is None
    world.look()
    assert (world.event.details.place, world.event.own) == (cafe, ("place",))


def test_a_place_that_was_a_chapters_as_a_whole_before_parts_were_told_apart_stays_so() -> None:
    world = hybrid({"capacity": 20})
    assert world.event is not None
    world.event = replace(world.event, own=("place",))
    assert world.edit(place=asdict(replace(HALL, **NEW))) is None
    world.look()
    assert world.event.details.place == replace(HALL, capacity=20)


def test_a_date_of_a_series_keeps_its_parts_too() -> None:
    made = copied(details=replace(DETAILS, place=HALL)).event
    assert made is not None
    date = replace(made, origin=None, series=Part("s", NOW))
    alone = Changed(date.id, "olga", {"place": asdict(replace(HALL, capacity=20))}, ())
    date = events.evolve(date, alone, NOW)
    wanted = replace(date.details, place=replace(HALL, **NEW))
    [fact] = occurred(date.id, date, "olga", Order("g", Part("s", NOW), wanted, ("place",), edit={"id": "x"}), now=NOW)
    after = events.evolve(date, fact, NOW)
    assert (after.details.place, after.own) == (replace(HALL, **NEW, capacity=20), ("place.online.capacity",))
