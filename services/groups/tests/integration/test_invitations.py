"""Invitations over HTTP: they let one person in, whatever the group's way of joining."""

from datetime import timedelta

from contracts.groups import MembershipState
from testkit import eventually

from .conftest import Service, founded, reason


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
