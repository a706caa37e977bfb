"""A hybrid event over HTTP: two sides, each with its seats, its line, and what its people are shown."""

from typing import Any

from contracts.events import EventState
from testkit import eventually

from .running import Person, Service
from .test_http import founded, joined
from .test_waitlist import mine, told, why

HALL: dict[str, Any] = {"kind": "physical", "name": "Hall", "address": "Main St 1", "lat": 52.5, "lon": 13.4}
LINK = "https://meet.test/bread"


def hybrid(**online: Any) -> dict[str, Any]:
    return {**HALL, "kind": "hybrid", "online": {"url": LINK, **online}}


async def read(person: Person, event_id: str, what: str = "") -> dict[str, Any]:
    found: dict[str, Any] = (await person("GET", f"/events/{event_id}{what}")).json()
    return found


async def test_each_side_has_seats_a_line_and_a_state(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id, capacity=1, place=hybrid(capacity=1, guest_limit=0))
    ada, bo, cy, di = people = [service.person(name) for name in ("ada", "bo", "cy", "di")]
    path = f"/events/{event_id}/rsvp"
    assert (await ada.rsvp(event_id))["place"] == "physical"
    state = await read(di, event_id, "/rsvp-state")
    assert (state["state"], state["seats_left"], state["sides"]["physical"]["state"]) == ("open_joins", 1, "full")
    assert state["sides"]["online"] == {"state": "open", "seats_left": 1, "waitlist_length": 0, "guest_limit": 0}
    crowd = await bo("PUT", path, {"response": "yes", "guests": 1, "place": "online"})
    assert why(crowd) == (422, "too-many-guests")
    said = [await person.rsvp(event_id, place="online") for person in (bo, cy, di)]
    assert [(one["status"], one["place"], one.get("position")) for one in said] == [
        ("yes", "online", None),
        ("waitlist", "online", 1),
        ("waitlist", "online", 2),
    ]
    assert why(await ada("PUT", path, {"response": "yes", "place": "online"})) == (409, "side-is-full")
    assert ((await mine(di, event_id))["place"], (await mine(di, event_id))["position"]) == ("online", 2)
    state = await read(di, event_id, "/rsvp-state")
    assert (state["state"], state["place"], state["position"], state["waitlist_length"]) == ("waitlist", "online", 2, 2)
    seen = await read(olga, event_id)
    assert (seen["capacity"], seen["seats_used"], seen["waitlist_length"]) == (1, 1, 0)
    assert seen["online"] == {"seats_used": 1, "waitlist_length": 2}
    assert seen["place"]["online"] == {"url": LINK, "capacity": 1, "guest_limit": 0}
    over = await cy.rsvp(event_id, place="physical")
    assert (over["status"], over["position"]) == ("waitlist", 1)
    await ada.rsvp(event_id, "no")
    await bo.rsvp(event_id, "no")
    assert [(await mine(one, event_id))["status"] for one in people] == ["no", "no", "yes", "yes"]
    fair = await read(olga, event_id, "/fairness")
    assert (fair["inversions"], fair["promoted"]) == (0, 2)
    assert [fair["sides"][side]["promoted"] for side in ("physical", "online")] == [1, 1]


async def test_the_link_is_for_people_at_the_online_side(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id, place=hybrid())
    ada, bo = service.person("ada"), service.person("bo")
    await ada.rsvp(event_id, place="online")
    await bo.rsvp(event_id, place="physical")
    for person, link in ((olga, True), (ada, True), (bo, False), (service.person(None), False)):
        shown = (await read(person, event_id))["place"]["online"]
        assert ("url" in shown, shown["capacity"], shown["guest_limit"]) == (link, None, 2)
        written = (await person("GET", f"/events/{event_id}.ics")).text
        assert (LINK in written) == link
        assert ("Main St 1" in written) == (person is not ada)
    await ada.rsvp(event_id, place="physical")
    assert "url" not in (await read(ada, event_id))["place"]["online"]
    own = (await ada("GET", "/members/me/rsvps")).json()["items"]
    assert [rsvp["place"] for rsvp in own] == ["physical"]


async def test_an_edit_of_the_hall_lifts_no_limit_online(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id, place=hybrid(capacity=1))
    path = f"/events/{event_id}"
    renamed = {**hybrid(capacity=1), "name": "Great hall"}
    for place in ({**renamed, "online": None}, {**HALL, "kind": "hybrid"}, hybrid()):
        assert (await olga("PATCH", path, {"place": place}, if_match='"2"')).status_code == 422
    edited = await olga("PATCH", path, {"place": renamed}, if_match='"2"')
    assert (edited.status_code, edited.json()["place"]["online"]["capacity"]) == (200, 1)
    fewer = {**HALL, "kind": "hybrid", "online": {"capacity": 9}}
    edited = await olga("PATCH", path, {"place": fewer}, if_match='"3"')
    online = edited.json()["place"]["online"]
    assert (edited.status_code, online["url"], online["capacity"]) == (200, LINK, 9), "the link was not said: it stays"


async def test_an_event_gets_another_side_and_loses_it_when_nobody_is_there(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id, capacity=1, place={"kind": "online", "url": LINK})
    ada, bo = service.person("ada"), service.person("bo")
    path = f"/events/{event_id}"
    assert "place" not in await ada.rsvp(event_id)
    assert (await bo.rsvp(event_id))["status"] == "waitlist"
    elsewhere = await bo("PUT", f"{path}/rsvp", {"response": "yes", "place": "physical"})
    assert why(elsewhere) == (422, "no-such-place")
    edited = await olga("PATCH", path, {"place": hybrid(capacity=1)}, if_match='"2"')
    assert (edited.status_code, edited.json()["online"]) == (200, {"seats_used": 1, "waitlist_length": 1})
    assert [(await mine(one, event_id))["place"] for one in (ada, bo)] == ["online", "online"]
    assert (await bo.rsvp(event_id, place="physical"))["status"] == "yes"
    gone = await olga("PATCH", path, {"place": HALL}, if_match='"3"')
    assert why(gone) == (409, "side-in-use")
    assert "physical side" in gone.json()["detail"]
    lowered = await olga("PATCH", path, {"place": hybrid(capacity=1), "capacity": None}, if_match='"3"')
    assert lowered.status_code == 200
    await ada.rsvp(event_id, place="physical")
    left = await olga("PATCH", path, {"place": HALL}, if_match='"4"')
    assert (left.status_code, left.json()["seats_used"], "online" in left.json()) == (200, 2, False)
    assert "place" not in await mine(ada, event_id)

    async def said() -> bool:
        sides = [message.place for _, message in await told(service, event_id)]
        assert sides == [None, None, "physical", "physical"]
        states = [EventState.model_validate_json(value) for _, value in await service.of(EventState.topic, event_id)]
        assert [one.place and one.place.online and one.place.online.capacity for one in states] == [None, 1, 1, None]
        return [one.changed for one in states[1:]] == [["place"], ["capacity"], ["place"]]

    await eventually(said, within=30)


async def test_leaders_seat_people_at_a_side_also_beyond_its_capacity(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id, capacity=1, place=hybrid(capacity=1))
    ada, bo = service.person("ada"), service.person("bo")
    await joined(service, group_id, ada, bo)
    await ada.rsvp(event_id, place="online")
    assert (await bo.rsvp(event_id, place="online"))["status"] == "waitlist"
    path, body = f"/events/{event_id}/rsvps", {"member_id": bo.id, "place": "online", "override": True}
    added = await olga("POST", path, body)
    assert (added.status_code, added.json()["place"], added.json()["override"]) == (200, "online", True)
    moved = await olga("POST", path, {"member_id": bo.id, "place": "physical"})
    assert (moved.json()["status"], moved.json()["place"], "override" in moved.json()) == ("yes", "physical", False)
    assert (await read(olga, event_id))["online"] == {"seats_used": 1, "waitlist_length": 0}
