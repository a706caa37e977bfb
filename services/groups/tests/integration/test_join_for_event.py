"""RSVPs that bring their members along, as the events service asks for it."""

from secrets import token_hex

from contracts.events import JoinAsked
from contracts.groups import MembershipState
from testkit import eventually
from testkit.calling import Person

from .conftest import JC_MOMS, Service


async def founded(organizer: Person, **differently: object) -> str:
    answer = await organizer("POST", "/groups", {**JC_MOMS, **differently})
    return str(answer.json()["group_id"])


async def ask(service: Service, group_id: str, who: Person, seen: int = 0) -> str:
    event_id = f"event-{token_hex(4)}"
    assert who.id is not None
    asked = JoinAsked(event_id=event_id, group_id=group_id, member_id=who.id, membership_version=seen)
    await service.tell(asked, source="events", subject=event_id)
    return event_id


async def standing(service: Service, group_id: str, who: Person) -> str:
    found = await service.database["memberships"].find_one({"_id": f"{group_id}:{who.id}"})
    return "none" if found is None else str(found["state"])


async def refusals(service: Service, group_id: str) -> list[MembershipState]:
    found = await service.messages("groups.membership.v1", lambda head: head["ce_subject"] == group_id)
    return [
        MembershipState.model_validate_json(value)
        for head, value in found
        if head["ce_type"].endswith("join-refused.v1")
    ]


async def test_an_open_group_lets_them_in_and_an_approval_group_files_the_request(service: Service) -> None:
    olga, ada = service.person("olga"), service.person("ada")
    open_, asking = await founded(olga), await founded(olga, join_mode="approval")
    await ask(service, open_, ada)
    await ask(service, asking, ada)

    async def done() -> bool:
        return (await standing(service, open_, ada), await standing(service, asking, ada)) == ("active", "pending")

    await eventually(done, within=20)


async def test_who_asks_with_the_rsvps_position_sees_what_it_brought_about(service: Service) -> None:
    olga = service.person("olga")
    open_, asking = await founded(olga), await founded(olga, join_mode="approval")
    for _ in range(10):
        ada, bo = service.person("ada"), service.person("bo")
        asked = f"events.join.v1:{await ask(service, open_, ada)}@1"
        joined = await ada.get_at(asked, f"/groups/{open_}/membership")
        assert (joined.status_code, joined.json().get("state")) == (200, "active")
        asked = f"events.join.v1:{await ask(service, asking, bo)}@1"
        pending = (await olga.get_at(asked, f"/groups/{asking}/members?state=pending")).json()["items"]
        assert bo.id in [one["member_id"] for one in pending]


async def test_what_cannot_be_is_said_by_message(service: Service) -> None:
    olga, ada = service.person("olga"), service.person("ada")
    closed, left = await founded(olga, join_mode="closed"), await founded(olga)
    await ada("PUT", f"/groups/{left}/membership")
    await ada("DELETE", f"/groups/{left}/membership")
    shut, stale = await ask(service, closed, ada), await ask(service, left, ada, seen=1)

    async def said() -> bool:
        return bool(await refusals(service, closed)) and bool(await refusals(service, left))

    await eventually(said, within=20)
    [never], [gone] = await refusals(service, closed), await refusals(service, left)
    assert (never.state, never.version) == ("none", 0)
    assert never.refused is not None
    assert (never.refused.event_id, never.refused.reason) == (shut, "by-invitation")
    assert gone.refused is not None
    assert (gone.state, gone.version, gone.refused.event_id, gone.refused.reason) == (
        "left",
        2,
        stale,
        "membership-changed",
    )
    assert await standing(service, left, ada) == "left"
