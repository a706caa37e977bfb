"""The service from HTTP to topic, with real Kafka and MongoDB."""

import json
import secrets
from typing import Any

from contracts.events import EventState, JoinAsked, RsvpChanged
from contracts.groups import RefusedJoin
from contracts.public import PublicRsvp
from testkit import eventually

from .running import Service


async def test_two_seats_and_four_people(service: Service) -> None:
    """yes, yes, waitlist, waitlist; one cancels; the first in line has the seat; the stream shows it in order."""
    olga = service.person("olga")
    group_id = f"g{secrets.token_hex(3)}"
    await service.groups.group(group_id, olga.id or "")
    event_id = await service.event(olga, group_id, capacity=2)
    people = [service.person(name) for name in ("ada", "bo", "cy", "di")]
    for number, person in enumerate(people):
        await service.groups.member(person.id or "", 100 + number, name=(person.id or "").title())
        await service.groups.membership(group_id, person.id or "", "active")

    answers = [await person.rsvp(event_id) for person in people]
    assert [answer["status"] for answer in answers] == ["yes", "yes", "waitlist", "waitlist"]
    assert [answer.get("position") for answer in answers] == [None, None, 1, 2]
    assert [answer["seq"] for answer in answers] == [1, 2, 3, 4]
    declined = await people[0].rsvp(event_id, "no")
    assert (declined["status"], declined["response"]) == ("no", "no")
    promoted = await people[2]("GET", f"/events/{event_id}/rsvp")
    assert promoted.json()["status"] == "yes"
    last = await people[3]("GET", f"/events/{event_id}/rsvp")
    assert (last.json()["status"], last.json()["position"]) == ("waitlist", 1)

    async def told() -> list[RsvpChanged]:
        found = await service.of("events.rsvp.v1", event_id)
        assert len(found) == 6
        assert [head["ce_sequence"] for head, _ in found] == [str(n) for n in range(1, 7)]
        return [RsvpChanged.model_validate_json(value) for _, value in found]

    changes = await eventually(told, within=20)
    assert [change.status for change in changes] == ["yes", "yes", "waitlist", "waitlist", "no", "yes"]
    assert [change.member_id for change in changes] == [p.id for p in [*people, people[0], people[2]]]

    async def shown() -> list[PublicRsvp]:
        found = await service.of("public.rsvps.v1", event_id)
        assert len(found) == 4
        return [PublicRsvp.model_validate_json(value) for _, value in found]

    public = await eventually(shown, within=20)
    assert [(rsvp.response, rsvp.member.member_id) for rsvp in public] == [
        ("yes", 100),
        ("yes", 101),
        ("no", 100),
        ("yes", 102),
    ]
    assert public[0].rsvp_id == public[2].rsvp_id == answers[0]["number"]
    assert public[0].mtime < public[2].mtime
    [(_, value)] = (await service.of("events.event.v1", event_id))[:1]
    state = EventState.model_validate_json(value)
    assert (state.status, state.capacity) == ("published", 2)
    assert "seats_used" not in json.loads(value)


async def test_a_newcomer_joins_an_open_group_and_is_shown_when_their_number_arrives(service: Service) -> None:
    olga, ada, bo = service.person("olga"), service.person("ada"), service.person("bo")
    group_id = f"g{secrets.token_hex(3)}"
    await service.groups.group(group_id, olga.id or "")
    await service.groups.member(bo.id or "", 501)
    event_id = await service.event(olga, group_id)
    assert (await ada.rsvp(event_id, guests=1))["status"] == "yes"
    await service.groups.membership(group_id, bo.id or "", "active")
    assert (await bo.rsvp(event_id))["status"] == "yes"

    async def asked() -> bool:
        found = [JoinAsked.model_validate_json(value) for _, value in await service.of("events.join.v1", event_id)]
        assert [one.member_id for one in found[:1]] == [ada.id]
        assert found[0].membership_version == 0
        return bool(await service.of("members.seen.v1", ada.id or ""))

    await eventually(asked, within=20)
    assert await service.of("public.rsvps.v1", event_id) == []
    await service.groups.member(ada.id or "", 502, name="Ada Lovelace", photo="https://photos.test/ada.png")

    async def shown() -> list[dict[str, Any]]:
        found = await service.of("public.rsvps.v1", event_id)
        assert len(found) == 2
        return [json.loads(value) for _, value in found]

    first, second = await eventually(shown, within=20)
    assert first["member"] == {"member_id": 502, "photo": "https://photos.test/ada.png", "member_name": "Ada Lovelace"}
    assert (first["guests"], second["member"]) == (1, {"member_id": 501, "member_name": "Ada"})
    assert first["group"]["group_country"] == "us"
    assert first["group"]["group_state"] == "NJ"


async def test_whoever_leaves_the_group_frees_the_seat(service: Service) -> None:
    olga, ada, bo = (service.person(name) for name in ("olga", "ada", "bo"))
    group_id = f"g{secrets.token_hex(3)}"
    await service.groups.group(group_id, olga.id or "")
    event_id = await service.event(olga, group_id, capacity=1)
    await service.groups.membership(group_id, ada.id or "", "active")
    await service.groups.membership(group_id, bo.id or "", "active")
    assert (await ada.rsvp(event_id))["status"] == "yes"
    assert (await bo.rsvp(event_id))["status"] == "waitlist"
    await service.groups.membership(group_id, ada.id or "", "left")

    async def moved_up() -> bool:
        answer = await bo("GET", f"/events/{event_id}/rsvp")
        return bool(answer.json()["status"] == "yes")

    await eventually(moved_up, within=20)
    gone = (await ada("GET", f"/events/{event_id}/rsvp")).json()
    assert (gone["status"], gone["response"]) == ("no", "no")


async def test_a_join_that_the_group_refuses_frees_the_seat(service: Service) -> None:
    olga, ada, bo = (service.person(name) for name in ("olga", "ada", "bo"))
    group_id = f"g{secrets.token_hex(3)}"
    await service.groups.group(group_id, olga.id or "")
    event_id = await service.event(olga, group_id, capacity=1)
    assert [(await person.rsvp(event_id))["status"] for person in (ada, bo)] == ["yes", "waitlist"]
    refused = RefusedJoin(event_id=event_id, reason="not-allowed")
    await service.groups.membership(group_id, ada.id or "", "none", refused=refused)

    async def moved_up() -> bool:
        return bool((await bo("GET", f"/events/{event_id}/rsvp")).json()["status"] == "yes")

    await eventually(moved_up, within=20)
    assert (await ada("GET", f"/events/{event_id}/rsvp")).json()["status"] == "no"


async def test_a_request_keeps_its_turn_until_the_group_decides(service: Service) -> None:
    olga, ada, bo, cy = (service.person(name) for name in ("olga", "ada", "bo", "cy"))
    group_id = f"g{secrets.token_hex(3)}"
    await service.groups.group(group_id, olga.id or "", join_mode="approval")
    event_id = await service.event(olga, group_id, capacity=1)
    for member in (bo, cy):
        await service.groups.membership(group_id, member.id or "", "active")

    async def known() -> bool:
        return len(await service.database["memberships"].find({"group_id": group_id})) == 2

    await eventually(known, within=20)
    assert (await ada.rsvp(event_id))["status"] == "requested"
    assert (await bo.rsvp(event_id))["status"] == "yes"
    assert (await cy.rsvp(event_id))["status"] == "waitlist"
    await service.groups.membership(group_id, ada.id or "", "pending")
    await service.groups.membership(group_id, ada.id or "", "active")

    async def in_line() -> list[str]:
        listed = (await olga("GET", f"/events/{event_id}/waitlist")).json()["items"]
        assert len(listed) == 2
        return [rsvp["member_id"] for rsvp in listed]

    assert await eventually(in_line, within=20) == [ada.id, cy.id]
