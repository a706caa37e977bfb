"""A change replaces the whole place: it says the online side of a hybrid one, so that no limit is lifted unsaid,
and no link is taken away unsaid either."""

from typing import Any

import pytest
from pydantic import ValidationError

from events_service.domain.details import Details, news
from events_service.domain.place import Place
from events_service.http.details import DescribedChange, EventChange, NewEvent
from events_service.http.network_event import NetworkEventChange
from events_service.http.series import SeriesChange

LINK = "https://meet.test/1"
HALL = Place("hybrid", "Hall", url=LINK, capacity=100, guest_limit=1)
CALL = Place("online", url=LINK)
BODIES = pytest.mark.parametrize("body", [EventChange, SeriesChange, NetworkEventChange])


def renamed(**online: Any) -> dict[str, Any]:
    return {"kind": "hybrid", "name": "Great hall", **online}


@BODIES
@pytest.mark.parametrize(
    ("place", "where", "why"),
    [
        (renamed(), ("place",), "says its online side too"),
        (renamed(online=None), ("place",), "says its online side too"),
        (renamed(online={"url": LINK}), ("place", "online", "capacity"), "Field required"),
    ],
)
def test_a_hybrid_place_in_a_change_says_its_online_side_and_the_capacity_there(
    body: type[DescribedChange], place: dict[str, Any], where: tuple[str, ...], why: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        body.model_validate({"place": place})
    [error] = refused.value.errors()
    assert error["loc"] == where
    assert why in error["msg"]


@BODIES
@pytest.mark.parametrize("capacity", [None, 50])
def test_a_capacity_that_is_said_is_taken_also_none(body: type[DescribedChange], capacity: int | None) -> None:
    place = body.model_validate({"place": renamed(online={"url": LINK, "capacity": capacity})}).changes()["place"]
    assert (place["name"], place["url"], place["capacity"]) == ("Great hall", LINK, capacity)


@BODIES
def test_a_place_with_one_side_says_nothing_of_another(body: type[DescribedChange]) -> None:
    for place in ({"kind": "physical", "name": "Hall"}, {"kind": "online", "url": LINK}, None):
        assert "place" in body.model_validate({"place": place}).changes()


def test_a_new_hybrid_event_needs_no_word_about_its_online_side() -> None:
    times = {"starts_at": "2030-06-01T18:30:00", "ends_at": "2030-06-01T20:30:00"}
    made = NewEvent.model_validate({"title": "Tea", **times, "place": renamed()})
    place = made.details(timezone="UTC", attendee_list="everyone").place
    assert place is not None
    assert (place.capacity, place.guest_limit) == (None, 2)


@BODIES
@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        (HALL, renamed(online={"capacity": 50}), ("hybrid", LINK, 50, 1)),
        (HALL, renamed(online={"capacity": 50, "guest_limit": 0, "url": None}), ("hybrid", None, 50, 0)),
        (HALL, renamed(online={"capacity": None, "guest_limit": 4}), ("hybrid", LINK, None, 4)),
        (HALL, {"kind": "online"}, ("online", LINK, None, None)),
        (HALL, {"kind": "physical", "name": "Hall"}, ("physical", None, None, None)),
        (CALL, renamed(online={"capacity": 9}), ("hybrid", LINK, 9, 2)),
        (CALL, {"kind": "online", "url": None}, ("online", None, None, None)),
        (None, renamed(online={"capacity": 9}), ("hybrid", None, 9, 2)),
    ],
)
def test_the_link_and_the_guest_limit_online_stay_where_they_are_not_said(
    body: type[DescribedChange], before: Place | None, said: dict[str, Any], after: Any
) -> None:
    details = Details("Tea", "2030-06-01T18:30:00", "2030-06-01T20:30:00", "UTC", "everyone", place=before)
    found = Place(**news(details, body.model_validate({"place": said}).changes())["place"])
    assert (found.kind, found.url, found.capacity, found.guest_limit) == after


def test_an_online_event_keeps_its_link_where_none_is_said() -> None:
    details = Details("Tea", "2030-06-01T18:30:00", "2030-06-01T20:30:00", "UTC", "everyone", place=CALL)
    assert news(details, EventChange.model_validate({"place": {"kind": "online"}}).changes()) == {}
