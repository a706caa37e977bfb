"""What callers meet: who sees what, versions, repeats, refusals, lists."""

import secrets
from datetime import datetime, timedelta
from typing import Any

import pytest
from httpx2 import Response

from chassis import clock
from testkit import eventually

from .running import Person, Service, evening


async def founded(service: Service, **changes: object) -> tuple[Person, str]:
    """A group nobody else has, and its organizer."""
    olga, group_id = service.person("olga"), f"g{secrets.token_hex(4)}"
    await service.groups.group(group_id, olga.id or "", **changes)
    await service.knows(group_id)
    return olga, group_id


async def joined(service: Service, group_id: str, *people: Person) -> None:
    """Members, once the service knows of them."""
    for person in people:
        await service.groups.membership(group_id, person.id or "", "active")

    async def known() -> bool:
        ids = [f"{group_id}:{person.id}" for person in people]
        return await service.database["memberships"].count({"_id": {"$in": ids}}) == len(people)

    await eventually(known, within=20)


async def test_an_event_is_created_read_and_edited_by_its_version(service: Service) -> None:
    olga, group_id = await founded(service)
    made = await olga("POST", f"/groups/{group_id}/events", evening(capacity=3))
    event = made.json()
    assert made.headers["location"] == f"/v1/events/{event['event_id']}"
    assert made.headers["etag"] == '"1"'
    path = f"/events/{event['event_id']}"
    read = await olga("GET", path)
    assert {**read.json(), "seats_used": 0} == event
    assert (await olga("PATCH", path, {"title": "Rye"})).status_code == 428
    assert (await olga("PATCH", path, {"title": "Rye"}, if_match='"7"')).status_code == 412
    edited = await olga("PATCH", path, {"title": "Rye", "capacity": None}, if_match='"1"')
    assert (edited.status_code, edited.headers["etag"]) == (200, '"2"')
    assert (edited.json()["title"], edited.json()["capacity"]) == ("Rye", None)
    assert (await olga("PATCH", path, {"titel": "Rye"}, if_match='"2"')).status_code == 422
    await olga("POST", f"{path}/publish")
    await olga.rsvp(event["event_id"])
    assert (await olga("GET", path)).headers["etag"] == '"3"'
    cancelled = await olga("POST", f"{path}/cancel")
    assert cancelled.json()["status"] == "cancelled"
    refused = await olga("PUT", f"{path}/rsvp", {"response": "yes"})
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "event-cancelled")


async def test_drafts_are_for_leaders(service: Service) -> None:
    olga, group_id = await founded(service)
    made = await olga("POST", f"/groups/{group_id}/events", evening())
    path = f"/events/{made.json()['event_id']}"
    stranger, nobody = service.person("mia"), service.person(None)
    assert (await stranger("GET", path)).status_code == 404
    assert (await nobody("GET", path)).status_code == 404
    assert (await stranger("POST", f"{path}/publish")).status_code == 404
    assert (await stranger("PUT", f"{path}/rsvp", {"response": "yes"})).status_code == 404
    assert (await stranger("POST", f"/groups/{group_id}/events", evening())).status_code == 403
    assert (await nobody("POST", f"/groups/{group_id}/events", evening())).status_code == 401
    assert (await olga("POST", "/groups/unknown/events", evening())).status_code == 404
    listed = (await olga("GET", f"/events?group_id={group_id}")).json()["items"]
    assert [event["status"] for event in listed] == ["draft"]
    assert (await stranger("GET", f"/events?group_id={group_id}")).json()["items"] == []


async def test_drafts_that_the_first_release_let_be_cancelled_are_for_leaders(service: Service) -> None:
    olga, group_id = await founded(service)
    seen, draft = await service.event(olga, group_id), await service.event(olga, group_id)
    for event_id in (seen, draft):
        assert (await olga("POST", f"/events/{event_id}/cancel")).status_code == 200
    await service.database["events"].update_one({"_id": draft}, {"$set": {"published": False}})
    nobody = service.person(None)
    for path in (f"/events/{draft}", f"/events/{draft}/rsvp-state", f"/events/{draft}.ics"):
        assert (await nobody("GET", path)).status_code == 404
        assert (await olga("GET", path)).status_code == 200
        assert (await nobody("GET", path.replace(draft, seen))).status_code == 200
    calendar = (await nobody("GET", f"/groups/{group_id}/events.ics")).text
    assert (f"{seen}@convene" in calendar, f"{draft}@convene" in calendar) == (True, False)


async def test_a_frozen_group_has_no_new_events_and_a_closed_one_only_cancels(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id)
    draft = (await olga("POST", f"/groups/{group_id}/events", evening())).json()["event_id"]
    ada = service.person("ada")

    async def become(status: str) -> None:
        await service.groups.group(group_id, olga.id or "", status=status)
        await eventually(lambda: service.database["groups"].find_one({"_id": group_id, "status": status}), within=20)

    def why(answer: Response) -> tuple[int, str]:
        return answer.status_code, answer.json()["type"].rpartition("/")[2]

    await become("frozen")
    assert why(await olga("POST", f"/groups/{group_id}/events", evening())) == (409, "group-not-active")
    assert why(await olga("POST", f"/events/{draft}/publish")) == (409, "group-not-active")
    assert (await olga("POST", f"/events/{event_id}/announce")).status_code == 200
    assert (await ada.rsvp(event_id))["status"] == "yes"
    await become("closed")
    assert why(await olga("POST", f"/events/{draft}/publish")) == (409, "group-not-active")
    edited = await olga("PATCH", f"/events/{event_id}", {"title": "Rye"}, if_match='"3"')
    assert why(edited) == (409, "group-closed")
    mia = await service.person("mia")("PUT", f"/events/{event_id}/rsvp", {"response": "yes"})
    assert why(mia) == (403, "not-allowed")
    assert (await olga("POST", f"/events/{event_id}/cancel")).json()["status"] == "cancelled"


async def test_a_repeat_under_the_same_key_is_the_same_answer(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id)
    ada, key = service.person("ada"), secrets.token_hex(8)
    path = f"/events/{event_id}/rsvp"
    first = await ada("PUT", path, {"response": "yes", "guests": 1}, idempotency_key=key)
    again = await ada("PUT", path, {"response": "yes", "guests": 1}, idempotency_key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first.headers["x-convene-position"] == again.headers["x-convene-position"]
    assert f"events.rsvp.v1:{event_id}@1" in first.headers["x-convene-position"]
    other = await ada("PUT", path, {"response": "no"}, idempotency_key=key)
    assert other.status_code == 422
    unchanged = await ada("PUT", path, {"response": "yes", "guests": 1})
    assert (unchanged.status_code, unchanged.json()) == (200, first.json())


async def read(person: Person, path: str) -> dict[str, Any]:
    """Somebody's RSVP, without the code that only its reading tells."""
    found: dict[str, Any] = (await person("GET", path)).json()
    return {name: value for name, value in found.items() if name != "checkin_code"}


async def test_an_rsvp_says_the_same_of_itself_when_it_is_decided_and_when_it_is_read(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id, capacity=1)
    ada, bo = service.person("ada"), service.person("bo")
    path = f"/events/{event_id}/rsvp"
    before = clock.utc_now() - timedelta(milliseconds=1)
    first = await ada.rsvp(event_id)
    assert first["version"] == first["seq"] == 1
    assert before <= datetime.fromisoformat(first["created_at"]) <= clock.utc_now()
    assert first["updated_at"] == first["created_at"]
    assert await read(ada, path) == first
    waiting = await bo.rsvp(event_id)
    assert await read(bo, path) == waiting
    declined = await ada.rsvp(event_id, "no")
    assert await read(ada, path) == declined
    assert declined["created_at"] == first["created_at"]
    assert datetime.fromisoformat(first["created_at"]) < datetime.fromisoformat(declined["updated_at"])
    assert await ada.rsvp(event_id, "no") == declined
    promoted = await read(bo, path)
    assert (promoted["version"], promoted["created_at"]) == (4, waiting["created_at"])
    assert promoted["updated_at"] == declined["updated_at"]
    assert await bo.rsvp(event_id) == promoted


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"response": "maybe"}, 422),
        ({"response": "yes", "guests": -1}, 422),
        ({"response": "yes", "guests": 3}, 422),
        ({"response": "yes", "guests": 2}, 409),
        ({"response": "yes", "colour": "red"}, 422),
        ({}, 422),
    ],
)
async def test_answers_that_cannot_be_are_refused(service: Service, body: dict[str, object], status: int) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id, capacity=2)
    refused = await service.person()("PUT", f"/events/{event_id}/rsvp", body)
    assert refused.status_code == status, refused.text
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("questions", {"questions": ["Sour or sweet?"] * 7}),
        ("questions/0", {"questions": ["?" * 251]}),
        ("promotion/mode", {"promotion": {"mode": "lottery"}}),
        ("promotion/offer_ttl", {"promotion": {"offer_ttl": "PT0S"}}),
        ("promotion/confirm_within", {"promotion": {"confirm_within": "soon"}}),
        ("place/online/capacity", {"place": {"kind": "hybrid", "online": {"capacity": 0}}}),
        ("place/online/guest_limit", {"place": {"kind": "hybrid", "online": {"guest_limit": 101}}}),
        ("place", {"place": {"kind": "online", "address": "Torstr. 1"}}),
        ("place", {"place": {"kind": "online", "lat": 52.53, "lon": 13.4}}),
    ],
)
async def test_what_an_event_cannot_have_is_refused(service: Service, field: str, body: dict[str, object]) -> None:
    refused = await service.person()("POST", "/groups/first/events", evening(**body))
    assert refused.status_code == 422, refused.text
    assert [error["pointer"] for error in refused.json()["errors"]] == [f"body/{field}"]


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("place", {"place": "hybrid"}),
        ("answers", {"answers": ["sour"] * 7}),
        ("answers/1", {"answers": ["sour", "a" * 251]}),
    ],
)
async def test_what_an_rsvp_cannot_say_is_refused(service: Service, field: str, body: dict[str, object]) -> None:
    refused = await service.person()("PUT", "/events/any/rsvp", {"response": "yes", **body})
    assert refused.status_code == 422, refused.text
    assert [error["pointer"] for error in refused.json()["errors"]] == [f"body/{field}"]


async def test_events_of_a_network_are_not_all_events(service: Service) -> None:
    nobody = service.person(None)
    assert (await nobody("GET", "/events?network_id=n1")).status_code == 404
    refused = await nobody("GET", "/events?network_id=")
    assert refused.status_code == 422, refused.text
    assert [error["pointer"] for error in refused.json()["errors"]] == ["query/network_id"]


async def test_the_link_is_for_people_with_a_place(service: Service) -> None:
    olga, group_id = await founded(service)
    place = {"kind": "online", "name": "Zoom", "url": "https://meet.test/bread"}
    event_id = await service.event(olga, group_id, capacity=1, place=place)
    ada, bo = service.person("ada"), service.person("bo")
    await ada.rsvp(event_id)
    await bo.rsvp(event_id)
    for person, link in ((olga, True), (ada, True), (bo, False), (service.person(None), False)):
        seen = (await person("GET", f"/events/{event_id}")).json()["place"]
        assert (seen["name"], "url" in seen) == ("Zoom", link)


async def test_lists_go_on_page_by_page(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id, capacity=1)
    people = [service.person(f"p{n}") for n in range(6)]
    for person in people:
        await person.rsvp(event_id)
    found: list[tuple[int, str]] = []
    path = f"/v1/events/{event_id}/waitlist?limit=2"
    while path:
        page = await olga("GET", path.removeprefix("/v1"))
        found += [(rsvp["position"], rsvp["member_id"]) for rsvp in page.json()["items"]]
        path = page.links["next"]["url"] if "next" in page.links else ""
    assert found == [(place, person.id) for place, person in enumerate(people[1:], 1)]
    mine = (await people[0]("GET", "/members/me/rsvps")).json()["items"]
    assert [(rsvp["event"]["event_id"], rsvp["status"]) for rsvp in mine] == [(event_id, "yes")]
    assert (await olga("GET", f"/events/{event_id}/rsvps?cursor=abc")).status_code == 400


async def test_what_the_button_says(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id, capacity=1)
    ada, bo = service.person("ada"), service.person("bo")
    await joined(service, group_id, ada, bo)

    async def state(person: Person) -> str:
        said: str = (await person("GET", f"/events/{event_id}/rsvp-state")).json()["state"]
        return said

    assert await state(service.person(None)) == "open_joins"
    assert await state(ada) == "open"
    await ada.rsvp(event_id)
    assert (await state(ada), await state(bo)) == ("yes", "full")
    await bo.rsvp(event_id)
    assert await state(bo) == "waitlist"
    await bo.rsvp(event_id, "no")
    await ada.rsvp(event_id, "no")
    assert await state(ada) == "no"
