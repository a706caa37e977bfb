"""Members: known since their first call anywhere, described by themselves, numbered."""

import secrets

import pytest

from contracts.events import MemberSeen
from contracts.groups import MemberState
from testkit import eventually
from testkit.topics import Headers

from .conftest import JC_MOMS, Service

ADA = {
    "name": "Ada",
    "bio": "Reads",
    "photo": "https://photos.test/ada.jpg",
    "city": "London",
    "country": "gb",
    "lat": 51.5,
    "lon": -0.1,
    "timezone": "Europe/London",
    "locale": "en-GB",
    "topics": ["Rust", "rust"],
    "attendance": "members",
}


async def told(service: Service, member_id: str | None) -> list[MemberState]:
    found = await service.messages("groups.member.v1", lambda head: head["ce_subject"] == member_id)
    return [MemberState.model_validate_json(value) for _, value in found]


async def test_asking_for_oneself_makes_one_known(service: Service) -> None:
    ada = service.person("ada")
    me = await ada("GET", "/members/me")
    assert (me.status_code, me.json()["name"], me.json()["version"]) == (200, "", 1)
    assert 0 < me.json()["number"] < 2**31
    assert (await ada("GET", "/members/me")).json() == me.json()


@pytest.mark.parametrize("path", ["/members/me", "/members/me/groups"])
async def test_whoever_is_new_is_told_of_in_the_trace_of_their_call(service: Service, path: str) -> None:
    ada, trace = service.person("ada"), secrets.token_hex(16)
    assert (await ada("GET", path, traceparent=f"00-{trace}-{'b' * 16}-00")).status_code == 200

    async def said() -> list[Headers]:
        found = await service.messages("groups.member.v1", lambda head: head["ce_subject"] == ada.id)
        assert found
        return [head for head, _ in found]

    [head] = await eventually(said, within=30)
    assert (head["ce_actor"], head["traceparent"][3:35]) == (ada.id, trace)


async def test_any_call_makes_one_known(service: Service) -> None:
    ada = service.person("ada")
    await ada("GET", f"/groups/{(await service.person('olga')('POST', '/groups', JC_MOMS)).json()['group_id']}")

    async def known() -> bool:
        return (await service.database["members"].find_one({"_id": ada.id})) is not None

    await eventually(known)


async def test_a_profile_is_replaced_and_published(service: Service) -> None:
    ada, bo = service.person("ada"), service.person("bo")
    described = await ada("PUT", "/members/me", ADA)
    assert described.status_code == 200, described.text
    mine = described.json()
    assert (mine["country"], mine["topics"], mine["attendance"]) == ("GB", ["Rust"], "members")
    assert (await ada("GET", "/members/me")).json() == mine
    seen = (await bo("GET", f"/members/{ada.id}")).json()
    assert seen["name"] == "Ada"
    assert not {"lat", "lon", "timezone", "locale", "attendance"} & set(seen)
    assert (await ada("PUT", "/members/me", {"name": "Eve"}, if_match='"99"')).status_code == 412
    shorter = (await ada("PUT", "/members/me", {"name": "Ada L."}, if_match=described.headers["etag"])).json()
    assert (shorter["photo"], shorter["attendance"], shorter["version"]) == (None, "everyone", mine["version"] + 1)

    async def last() -> bool:
        states = await told(service, ada.id)
        return bool(states) and states[-1].name == "Ada L."

    await eventually(last, within=20)
    states = await told(service, ada.id)
    assert {state.number for state in states} == {mine["number"]}
    assert [state.version for state in states] == sorted(state.version for state in states)


async def test_nonsense_is_refused(service: Service) -> None:
    ada = service.person("ada")
    for wrong in ({"photo": "javascript:x"}, {"lat": 1}, {"timezone": "x"}, {"locale": "english!"}, {"name": None}):
        assert (await ada("PUT", "/members/me", {"name": "Ada", **wrong})).status_code == 422, wrong


async def test_who_was_seen_elsewhere_is_a_member(service: Service) -> None:
    ada = service.person("ada")
    assert ada.id is not None
    await service.tell(MemberSeen(member_id=ada.id), source="events", subject=ada.id)
    await service.tell(MemberSeen(member_id=ada.id), source="notifications", subject=ada.id)

    async def registered() -> bool:
        return [state.version for state in await told(service, ada.id)] == [1]

    await eventually(registered, within=30)


async def test_what_people_say_of_themselves_is_sealed_in_the_journal(service: Service) -> None:
    olga, ada = service.person("olga"), service.person("ada")
    bio, answer = f"bio of {ada.id}", f"reasons of {ada.id}"
    first = await ada("PUT", "/members/me", {**ADA, "bio": bio}, idempotency_key="once")
    again = await ada("PUT", "/members/me", {**ADA, "bio": bio}, idempotency_key="once")
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert first.json()["bio"] == bio
    asking = {**JC_MOMS, "join_mode": "approval", "join_questions": ["Why?"]}
    group = (await olga("POST", "/groups", asking)).json()["group_id"]
    asked = await ada("PUT", f"/groups/{group}/membership", {"answers": [answer]}, idempotency_key="once")
    approved = await olga("POST", f"/groups/{group}/members/{ada.id}/approve")
    assert asked.json()["answers"] == approved.json()["answers"] == [answer]
    kept = [await service.database[name].find({}) for name in ("journal", "results", "handoffs")]
    assert bio not in repr(kept)
    assert answer not in repr(kept)
    assert await service.database["keys"].count({"_id": ada.id}) == 1
