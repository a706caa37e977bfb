"""Events that get or lose a side, or other seats at one: people stay where they are (behaviour 8, 9)."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from events_service.domain.acts import edited
from events_service.domain.details import Details
from events_service.domain.event import Changed, Created, Event, evolve
from events_service.domain.ledger import Ledger
from events_service.domain.place import Place
from events_service.domain.refusal import Refused
from events_service.domain.seating import rearranged, seating

from .rules import NOW, Evening
from .sides import PHYSICAL, seats

HALL = Place("physical", "Hall", "Main 1", 1.0, 2.0)
CALL = Place("online", url="https://meet.test/1")
BOTH = Place("hybrid", "Hall", "Main 1", 1.0, 2.0, "https://meet.test/1", 1, 0)


def made(place: Place | None, capacity: int | None = 2) -> Event:
    details = Details("Tea", "2026-06-01T18:30:00", "2026-06-01T21:00:00", "UTC", "everyone", place=place)
    event = evolve(None, Created("e", "g", "olga", asdict(replace(details, capacity=capacity))), NOW)
    return replace(event, status="published")


def moved(event: Event, place: Place | None, **changes: Any) -> Event:
    values = {"place": None if place is None else asdict(place), **changes}
    return evolve(event, Changed("e", "olga", values, ()), NOW)


def held(event: Event, *members: str, place: Any = None) -> Evening:
    """People who answered the event as it is."""
    found = Evening(
        seating(event, Ledger(capacity=None)), replace(event.terms(), opens=None, closes=event.times.starts)
    )
    for member in members:
        found.yes(member, place=place)
    return found


@pytest.mark.parametrize(("before", "side"), [(HALL, "physical"), (CALL, "online"), (None, "physical")])
def test_people_of_an_event_that_gets_another_side_stay_at_theirs(before: Place | None, side: str) -> None:
    event = made(before)
    people = held(event, "ada", "bo", "cy")
    after = moved(event, BOTH if side == "physical" else replace(BOTH, capacity=2))
    ledger = rearranged(event, after, people.ledger)
    assert not isinstance(ledger, Refused)
    terms = after.terms()
    assert [terms.side(people.rsvps[who].room) for who in ("ada", "cy")] == [side, side]
    there = ledger.facing(terms.room("physical" if side == "physical" else "online"))
    assert (there.seats, there.waiting, ledger.room) == (2, 1, terms.room("physical"))
    people.ledger, people.terms = ledger, replace(terms, closes=event.times.starts)
    other = "online" if side == "physical" else "physical"
    assert people.yes("cy", place=other) == "yes"
    people.no("ada")
    assert people.status("bo") == "yes"


def test_a_side_does_not_go_while_people_are_there() -> None:
    event = made(BOTH)
    people = held(event, "ada", place="online")
    after = moved(event, HALL)
    found = rearranged(event, after, people.ledger)
    assert isinstance(found, Refused)
    assert (found.reason, "online side" in found.detail) == ("side-in-use", True)
    people.no("ada")
    ledger = rearranged(event, after, people.ledger)
    assert isinstance(ledger, Ledger)
    assert (ledger.beside, ledger.capacity, ledger.room) == (None, 2, PHYSICAL)


def test_an_event_that_came_and_went_between_sides_still_knows_who_is_where() -> None:
    event = made(BOTH, capacity=None)
    people = held(event, "ada", "bo", place="online")
    for place in (CALL, replace(HALL), replace(BOTH, capacity=5)):
        after = moved(event, place)
        ledger = rearranged(event, after, people.ledger)
        assert isinstance(ledger, Ledger)
        event, people.ledger = after, ledger
    terms = event.terms()
    assert [terms.side(people.rsvps[who].room) for who in ("ada", "bo")] == ["physical", "physical"]
    assert people.ledger.seats == 1


def test_an_event_of_before_sides_has_one_room_until_its_place_is_said_anew() -> None:
    old = made(replace(BOTH, capacity=None, guest_limit=None))
    people = held(old, "ada", "bo", "cy")
    assert (people.ledger.beside, people.status("cy")) == (None, "waitlist")
    after = moved(old, replace(BOTH, capacity=None, guest_limit=2))
    ledger = rearranged(old, after, people.ledger)
    assert isinstance(ledger, Ledger)
    people.ledger, people.terms = ledger, after.terms()
    assert (seats(people), people.terms.side(people.rsvps["cy"].room)) == ([(2, 1), (0, 0)], "physical")


def test_a_sides_capacity_is_not_lowered_below_its_seats() -> None:
    event = made(replace(BOTH, capacity=2))
    people = held(event, "ada", "bo", place="online")
    found = rearranged(event, moved(event, BOTH), people.ledger)
    assert isinstance(found, Refused)
    assert (found.reason, found.detail.endswith("at the online side.")) == ("capacity-below-used", True)


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (replace(BOTH, capacity=7), ("capacity",)),
        (replace(BOTH, guest_limit=3), ()),
        (replace(BOTH, url="https://meet.test/2"), ("place",)),
        (CALL, ("place",)),
    ],
)
def test_people_hear_of_more_seats_as_of_seats(place: Place, told: tuple[str, ...]) -> None:
    found = edited(made(BOTH), {"place": asdict(place)})
    assert found is not None
    assert not isinstance(found, Refused)
    assert found[1] == told
