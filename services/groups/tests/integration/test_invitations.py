"""Invitations over HTTP: they let people in, whatever the group's way of joining."""

from asyncio import gather
from collections import Counter
from datetime import timedelta
from secrets import token_hex
from typing import Any

from chassis.journal.forgetting import forget_secrets
from contracts.groups import MembershipState
from testkit import eventually
from testkit.calling import Person

from .conftest import Service, founded, reason


async def linked(leader: Person, path: str, **more: object) -> dict[str, Any]:
    """A new open invitation, as it was answered."""
    answer = await leader("POST", f"{path}/invitations", more)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_whoever_is_invited_comes_into_a_closed_group(service: Service) -> None:
    olga, ada = service.person("olga"), service.person("ada")
    path = await founded(olga, join_mode="closed", visibility="private")
    assert reason(await ada("PUT", f"{path}/membership")) == "by-invitation"
    invited = await olga("POST", f"{path}/invitations", {"member_id": ada.id})
    assert invited.status_code == 201, invited.text
    token = invited.json()["token"]
    assert (await ada("GET", f"{path}/membership")).status_code == 404
    accepted = await ada("POST", f"/invitations/{token}/accept")
    assert (accepted.status_code, accepted.json()["state"]) == (200, "active")
    assert (await ada("POST", f"/invitations/{token}/accept")).json() == accepted.json()
    assert (await olga("GET", path)).json()["member_count"] == 2
    await ada("DELETE", f"{path}/membership")
    used = await ada("POST", f"/invitations/{token}/accept")
    assert (used.status_code, reason(used)) == (410, "invitation-used")

    async def said() -> bool:
        group_id = path.rpartition("/")[2]
        found = await service.messages("groups.membership.v1", lambda head: head["ce_subject"] == group_id)
        states = [(head["ce_type"].split(".")[-2], MembershipState.model_validate_json(value)) for head, value in found]
        hers = [(happened, state) for happened, state in states if state.member_id == ada.id]
        if [happened for happened, _ in hers] != ["invited", "joined", "left"]:
            return False
        invitation, joined = hers[0][1], hers[1][1]
        assert (invitation.state, invitation.version, joined.approved) == ("none", 0, True)
        return invitation.invitation is not None and invitation.invitation.token == token

    await eventually(said, within=20)


async def test_an_invitation_is_for_one_person_and_a_time(service: Service) -> None:
    olga, ada, bo = (service.person(name) for name in ("olga", "ada", "bo"))
    path = await founded(olga, join_mode="closed")
    invited = (await olga("POST", f"{path}/invitations", {"member_id": ada.id, "days": 1})).json()
    stranger = await bo("POST", f"/invitations/{invited['token']}/accept")
    assert (stranger.status_code, reason(stranger)) == (404, "invitation-not-found")
    nothing = await bo("POST", "/invitations/nothing/accept")
    assert (nothing.status_code, reason(nothing)) == (404, "invitation-not-found")
    found = await service.database["invitations"].find_one({"_id": invited["token"]})
    assert found is not None
    past = {"expires_at": found["expires_at"] - timedelta(days=1)}
    await service.database["invitations"].update_one({"_id": invited["token"]}, {"$set": past})
    expired = await ada("POST", f"/invitations/{invited['token']}/accept")
    assert (expired.status_code, reason(expired)) == (410, "invitation-expired")


async def test_somebody_has_one_open_invitation_at_a_time_and_who_is_blocked_tells_nobody(service: Service) -> None:
    olga, ada, bo = (service.person(name) for name in ("olga", "ada", "bo"))
    path = await founded(olga, join_mode="closed")
    first = await olga("POST", f"{path}/invitations", {"member_id": ada.id})
    again = await olga("POST", f"{path}/invitations", {"member_id": ada.id, "days": 30})
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    await olga("DELETE", f"{path}/invitations/{first.json()['invitation_id']}")
    refused = await olga("POST", f"{path}/invitations", {"member_id": ada.id})
    assert (refused.status_code, reason(refused)) == (409, "invited-lately")
    assert (await bo("PUT", f"/members/{olga.id}/block")).status_code in (200, 201)
    assert (await olga("POST", f"{path}/invitations", {"member_id": bo.id})).status_code == 201
    last = await olga("POST", f"{path}/invitations", {"member_id": "cy"})

    async def told() -> list[str]:
        group_id = path.rpartition("/")[2]
        found = await service.messages("groups.membership.v1", lambda head: head["ce_subject"] == group_id)
        states = [(head["ce_type"].split(".")[-2], MembershipState.model_validate_json(value)) for head, value in found]
        invited = [state.member_id for happened, state in states if happened == "invited"]
        return invited if invited[-1:] == ["cy"] else []

    assert last.status_code == 201
    assert await eventually(told, within=20) == [ada.id, "cy"]


async def test_leaders_invite_in_every_mode_and_others_do_not(service: Service) -> None:
    olga, ada, bo = (service.person(name) for name in ("olga", "ada", "bo"))
    path = await founded(olga, join_mode="approval")
    await ada("PUT", f"{path}/membership")
    assert (await olga("POST", f"{path}/members/{ada.id}/approve")).json()["state"] == "active"
    assert reason(await ada("POST", f"{path}/invitations", {"member_id": bo.id})) == "not-allowed"
    assert reason(await olga("POST", f"{path}/invitations", {"member_id": ada.id})) == "is-a-member"
    await bo("PUT", f"{path}/membership")
    token = (await olga("POST", f"{path}/invitations", {"member_id": bo.id})).json()["token"]
    assert (await bo("POST", f"/invitations/{token}/accept")).json()["state"] == "active"
    await olga("POST", f"{path}/members/{bo.id}/ban")
    assert reason(await olga("POST", f"{path}/invitations", {"member_id": bo.id})) == "banned"


async def test_an_open_invitation_lets_in_as_many_as_it_says_whoever_comes_at_once(service: Service) -> None:
    olga = service.person("olga")
    path = await founded(olga, join_mode="closed", visibility="private", join_questions=["Why?"])
    link = await linked(olga, path, uses=5)
    assert (link["member_id"], link["uses"], link["used"], link["state"]) == (None, 5, 0, "open")
    crowd = [service.person(f"p{number}") for number in range(12)]
    twice = [who for who in crowd for _ in range(2)]
    answers = await gather(*(who("POST", f"/invitations/{link['token']}/accept") for who in twice))
    heard: dict[str | None, set[int]] = {}
    for who, answer in zip(twice, answers, strict=True):
        heard.setdefault(who.id, set()).add(answer.status_code)
    assert Counter(map(tuple, heard.values())) == {(200,): 5, (410,): 7}
    assert {reason(answer) for answer in answers if answer.status_code == 410} == {"invitation-used"}
    assert (await olga("GET", path)).json()["member_count"] == 6
    [listed] = (await olga("GET", f"{path}/invitations")).json()["items"]
    assert (listed["used"], listed["state"], listed["invitation_id"]) == (5, "used", link["invitation_id"])


async def test_it_is_used_once_by_each_and_not_by_the_banned(service: Service) -> None:
    olga, ada, bo = (service.person(name) for name in ("olga", "ada", "bo"))
    path = await founded(olga, join_mode="approval")
    accept = f"/invitations/{(await linked(olga, path))['token']}/accept"
    assert (await ada("POST", accept)).json()["state"] == "active"
    assert (await ada("POST", accept)).json()["state"] == "active"
    await ada("DELETE", f"{path}/membership")
    again = await ada("POST", accept)
    assert (again.status_code, reason(again)) == (410, "invitation-used")
    await bo("PUT", f"{path}/membership")
    await olga("POST", f"{path}/members/{bo.id}/ban")
    assert reason(await bo("POST", accept)) == "banned"
    [listed] = (await olga("GET", f"{path}/invitations")).json()["items"]
    assert (listed["used"], listed["uses"], listed["state"]) == (1, 10, "open")


async def test_leaders_list_their_invitations_and_take_them_back(service: Service) -> None:
    olga, ada, bo = (service.person(name) for name in ("olga", "ada", "bo"))
    path = await founded(olga)
    named = (await olga("POST", f"{path}/invitations", {"member_id": bo.id})).json()
    links = [await linked(olga, path, days=days) for days in (1, 2, 3)]
    first = (await olga("GET", f"{path}/invitations?limit=3")).json()
    rest = (await olga("GET", f"{path}/invitations?limit=3&cursor={first['next_cursor']}")).json()
    listed = [*first["items"], *rest["items"]]
    assert [one["invitation_id"] for one in listed] == [one["invitation_id"] for one in (*links[::-1], named)]
    assert listed == [{key: value for key, value in one.items() if key != "token"} for one in (*links[::-1], named)]
    other = await founded(olga)
    gone = f"{path}/invitations/{links[0]['invitation_id']}"
    assert reason(await olga("DELETE", f"{other}/invitations/{links[0]['invitation_id']}")) == "invitation-not-found"
    assert reason(await ada("DELETE", gone)) == reason(await ada("GET", f"{path}/invitations")) == "not-allowed"
    assert [(await olga("DELETE", gone)).json()["state"] for _ in range(2)] == ["revoked"] * 2
    await olga("DELETE", f"{path}/invitations/{named['invitation_id']}")
    for who, token in ((ada, links[0]["token"]), (bo, named["token"])):
        refused = await who("POST", f"/invitations/{token}/accept")
        assert (refused.status_code, reason(refused)) == (410, "invitation-revoked")
    assert (await ada("POST", f"/invitations/{links[1]['token']}/accept")).status_code == 200


async def test_the_token_is_shown_once_and_kept_nowhere(service: Service) -> None:
    """Neither as it is in any document, nor on a topic; what is listed opens nothing. A repeat hears it for a day."""
    olga, ada, key = service.person("olga"), service.person("ada"), token_hex(8)
    path = await founded(olga, join_mode="closed")
    made = await olga("POST", f"{path}/invitations", {"uses": 3}, idempotency_key=key)
    again = await olga("POST", f"{path}/invitations", {"uses": 3}, idempotency_key=key)
    assert (again.status_code, again.json()) == (201, made.json())
    other = await olga("POST", f"{path}/invitations", {"uses": 4}, idempotency_key=key)
    assert other.status_code == 422
    token, id_ = made.json()["token"], made.json()["invitation_id"]
    assert len(token) == 26
    assert (await ada("POST", f"/invitations/{id_}/accept")).status_code == 404
    assert (await ada("POST", f"/invitations/{token}/accept", idempotency_key=key)).status_code == 200
    for name in await service.database.collections():
        assert token not in str(await service.database[name].find({})), name
    for topic in ("groups.membership.v1", "groups.group.v1"):
        found = await service.messages(topic, lambda head: head["ce_subject"] == path.rpartition("/")[2])
        assert token not in str(found)
    said = [head["ce_type"] for head, _ in await service.messages("groups.membership.v1", lambda _: True)]
    assert "convene.groups.membership.opened.v1" not in said
    results = service.database["results"]
    assert await results.update_many({"answer.invitation_id": id_}, [{"$set": {"once.until": "$$NOW"}}]) == 1
    await forget_secrets(service.database)
    again = await olga("POST", f"{path}/invitations", {"uses": 3}, idempotency_key=key)
    assert (again.status_code, again.json()) == (201, {**made.json(), "token": None})
    assert (await service.person("bo")("POST", f"/invitations/{token}/accept")).status_code == 200


async def test_nonsense_about_invitations_is_refused(service: Service) -> None:
    olga = service.person("olga")
    path = await founded(olga)
    for wrong in ({"uses": 0}, {"uses": 101}, {"days": 91}, {"member_id": "bo", "uses": 2}, {"member_id": ""}):
        assert (await olga("POST", f"{path}/invitations", wrong)).status_code == 422, wrong
