"""Who sees who comes: what an event says of its list, what its members chose, and who blocks whom."""

import secrets
from typing import Any

import pytest

from testkit import eventually

from .running import Person, Service, evening
from .test_http import founded, joined
from .test_series import made, weekly

CHOICES = ("everyone", "members", "nobody")
"""Who sees where one goes: of the three who come."""


async def coming(service: Service, group_id: str, event_id: str) -> list[Person]:
    """Three members of the group who come to its event; each shows it to others than the one before."""
    people = [service.person(name) for name in ("ada", "bo", "cy")]
    for person, attendance in zip(people, CHOICES, strict=True):
        await service.groups.member(person.id or "", secrets.randbelow(2**30) + 1, attendance=attendance)
    await joined(service, group_id, *people)

    async def arrived() -> bool:
        return len(await service.database["members"].find({"_id": {"$in": [p.id for p in people]}})) == len(people)

    await eventually(arrived, within=20)
    for person in people:
        await person.rsvp(event_id)
    return people


async def seen_by(person: Person, event_id: str) -> list[str]:
    listed = (await person("GET", f"/events/{event_id}/rsvps")).json()["items"]
    return [rsvp["member_id"] for rsvp in listed]


async def refused_to(person: Person, event_id: str) -> list[tuple[int, str]]:
    """What somebody hears who asks for who comes and for who waits."""
    answers = [await person("GET", f"/events/{event_id}/{listed}") for listed in ("rsvps", "waitlist")]
    return [(answer.status_code, answer.json().get("type", "").rpartition("/")[2]) for answer in answers]


HIDDEN = [(403, "attendees-hidden")] * 2


@pytest.mark.parametrize(("visibility", "listed"), [("public", "everyone"), ("private", "members")])
async def test_the_list_is_for_everyone_in_a_public_group_and_for_members_in_a_private_one(
    service: Service, visibility: str, listed: str
) -> None:
    olga, group_id = await founded(service, visibility=visibility)

    async def asked(**said: Any) -> str:
        answer = await olga("POST", f"/groups/{group_id}/events", evening(**said))
        assert answer.status_code == 201, answer.text
        event = (await olga("GET", f"/events/{answer.json()['event_id']}")).json()
        assert event["attendee_list"] == answer.json()["attendee_list"]
        return str(event["attendee_list"])

    assert await asked() == listed
    assert [await asked(attendee_list=said) for said in ("hidden", "members", "everyone")] == [
        "hidden",
        "members",
        "everyone",
    ]
    series = await made(olga, group_id, weekly(2))
    date = (await olga("GET", f"/events/{series['occurrences'][0]['event_id']}")).json()
    assert date["attendee_list"] == listed


async def test_the_list_of_attendees_obeys_event_and_members(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id)
    people = await coming(service, group_id, event_id)
    ada, bo, cy = (person.id for person in people)
    assert await seen_by(olga, event_id) == [ada, bo, cy]
    assert await seen_by(people[0], event_id) == [ada, bo]
    assert await seen_by(people[2], event_id) == [ada, bo, cy]
    assert await seen_by(service.person(None), event_id) == [ada]
    hidden = await olga("PATCH", f"/events/{event_id}", {"attendee_list": "hidden"}, if_match='"2"')
    assert hidden.status_code == 200, hidden.text
    assert await refused_to(people[0], event_id) == HIDDEN
    assert await seen_by(olga, event_id) == [ada, bo, cy]


async def test_a_list_for_members_is_shown_to_members_and_leaders_and_to_nobody_else(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id, attendee_list="members")
    people = await coming(service, group_id, event_id)
    ada, bo, cy = (person.id for person in people)
    for outside in (service.person(None), service.person("mia")):
        assert await refused_to(outside, event_id) == HIDDEN
    assert await seen_by(people[0], event_id) == [ada, bo]
    assert await seen_by(people[1], event_id) == [ada, bo]
    assert await seen_by(people[2], event_id) == [ada, bo, cy]
    assert await seen_by(olga, event_id) == [ada, bo, cy]
    hana = service.person("hana")
    assert (await olga("PUT", f"/events/{event_id}/hosts/{hana.id}")).status_code == 200
    assert await seen_by(hana, event_id) == [ada, bo, cy], "hosts see everybody, also those from outside of the group"
    await service.groups.membership(group_id, ada or "", "left")

    async def outside_now() -> bool:
        return await refused_to(people[0], event_id) == HIDDEN

    await eventually(outside_now, within=20)


async def test_who_blocks_whom_is_seen_in_no_list(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id)
    ada, bo, cy = (service.person(name) for name in ("ada", "bo", "cy"))
    for person in (ada, bo, cy):
        await service.groups.member(person.id or "", secrets.randbelow(2**30) + 1)
    await joined(service, group_id, ada, bo, cy)
    for person in (ada, bo, cy):
        await person.rsvp(event_id)

    async def known() -> bool:
        return len(await seen_by(cy, event_id)) == 3

    await eventually(known, within=20)
    await service.groups.block(ada.id or "", bo.id or "", blocked=True)

    async def hidden() -> bool:
        return await seen_by(ada, event_id) == [ada.id, cy.id]

    await eventually(hidden, within=20)
    assert await seen_by(bo, event_id) == [bo.id, cy.id]
    assert await seen_by(cy, event_id) == await seen_by(olga, event_id) == [ada.id, bo.id, cy.id]
    await service.groups.block(ada.id or "", bo.id or "", blocked=False)

    async def seen_again() -> bool:
        return len(await seen_by(ada, event_id)) == 3

    await eventually(seen_again, within=20)
