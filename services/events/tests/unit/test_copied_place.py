"""A chapter's copy takes over a new place, link and all, also where it has to keep its online seats."""

from dataclasses import asdict, replace

import pytest
from services.events.tests.unit.networks import DETAILS, copied

from events_service.domain.ledger import Room
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
