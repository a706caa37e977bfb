"""What leaders do about their group's people over HTTP, and the lists of people."""

from contracts.groups import MembershipState
from testkit import eventually
from testkit.calling import Person

from .conftest import JC_MOMS, Service, founded, reason


async def members(path: str, *people: Person) -> None:
    for who in people:
        assert (await who("PUT", f"{path}/membership")).json()["state"] == "active"


async def told(service: Service, path: str) -> list[tuple[str, str, str]]:
    """What was said about the group's memberships: what happened, who it is about, and what they are now."""
    group_id = path.rpartition("/")[2]
    found = await service.messages("groups.membership.v1", lambda head: head["ce_subject"] == group_id)
    states = [(head["ce_type"].split(".")[-2], MembershipState.model_validate_json(value)) for head, value in found]
    return [(happened, state.member_id, state.state) for happened, state in states]


async def test_removed_and_asking_again(service: Service) -> None:
    olga, ada = service.person("olga"), service.person("ada")
    path = await founded(olga)
    await members(path, ada)
    removed = await olga("POST", f"{path}/members/{ada.id}/remove")
    assert (removed.status_code, removed.json()["state"], removed.json()["version"]) == (200, "removed", 2)
    assert (await olga("POST", f"{path}/members/{ada.id}/remove")).json() == removed.json()
    assert (await olga("GET", path)).json()["member_count"] == 1
    [listed] = (await olga("GET", f"{path}/members?state=removed")).json()["items"]
    assert listed["member_id"] == ada.id
    await members(path, ada)
    assert (await olga("GET", path)).json()["member_count"] == 2


async def test_banned_until_unbanned(service: Service) -> None:
    olga, ada = service.person("olga"), service.person("ada")
    path = await founded(olga)
    await members(path, ada)
    await ada("DELETE", f"{path}/membership")
    banned = await olga("POST", f"{path}/members/{ada.id}/ban")
    assert (banned.status_code, banned.json()["state"]) == (200, "banned")
    refused = await ada("PUT", f"{path}/membership")
    assert (refused.status_code, reason(refused)) == (403, "banned")
    assert (await ada("DELETE", f"{path}/membership")).json()["state"] == "banned"
    assert (await olga("POST", f"{path}/members/{ada.id}/unban")).json()["state"] == "removed"
    await members(path, ada)

    async def said() -> bool:
        happened = [one for one in await told(service, path) if one[1] == ada.id]
        return happened == [
            ("joined", ada.id, "active"),
            ("left", ada.id, "left"),
            ("banned", ada.id, "banned"),
            ("unbanned", ada.id, "removed"),
            ("joined", ada.id, "active"),
        ]

    await eventually(said, within=20)


async def test_who_may_put_whom_out(service: Service) -> None:
    olga, asa, ada, bo = (service.person(name) for name in ("olga", "asa", "ada", "bo"))
    path = await founded(olga)
    await members(path, asa, ada, bo)
    await olga("PUT", f"{path}/members/{asa.id}/role", {"role": "assistant_organizer"})
    await olga("PUT", f"{path}/members/{bo.id}/role", {"role": "event_organizer"})
    assert reason(await ada("POST", f"{path}/members/{bo.id}/remove")) == "not-allowed"
    assert reason(await asa("POST", f"{path}/members/{bo.id}/ban")) == "not-allowed"
    assert reason(await asa("POST", f"{path}/members/{olga.id}/remove")) == "organizer-stays"
    nobody = await asa("POST", f"{path}/members/nobody/ban")
    assert (nobody.status_code, reason(nobody)) == (404, "not-a-member")
    assert (await asa("POST", f"{path}/members/{ada.id}/remove")).json()["state"] == "removed"
    out = await olga("POST", f"{path}/members/{bo.id}/ban")
    assert (out.json()["state"], out.json()["role"]) == ("banned", "member")


async def test_a_banned_member_is_an_outsider_of_a_private_group(service: Service) -> None:
    olga, ada = service.person("olga"), service.person("ada")
    path = await founded(olga, visibility="private")
    await members(path, ada)
    assert (await ada("GET", path)).json()["description"] == JC_MOMS["description"]
    await olga("POST", f"{path}/members/{ada.id}/ban")
    assert set((await ada("GET", path)).json()) == {"group_id", "name", "visibility"}
    assert reason(await ada("GET", f"{path}/members")) == "members-only"


async def test_roles_and_what_they_allow(service: Service) -> None:
    olga, ada, bo = service.person("olga"), service.person("ada"), service.person("bo")
    path = await founded(olga, join_mode="approval")
    for who in (ada, bo):
        await who("PUT", f"{path}/membership")
    await olga("POST", f"{path}/members/{ada.id}/approve")
    assert (await ada("POST", f"{path}/members/{bo.id}/approve")).status_code == 403
    given = await olga("PUT", f"{path}/members/{ada.id}/role", {"role": "assistant_organizer"})
    assert (given.status_code, given.json()["role"]) == (200, "assistant_organizer")
    assert (await ada("POST", f"{path}/members/{bo.id}/approve")).json()["state"] == "active"
    assert (await ada("PUT", f"{path}/members/{bo.id}/role", {"role": "co_organizer"})).status_code == 403
    assert (await olga("PUT", f"{path}/members/nobody/role", {"role": "member"})).status_code == 404
    assert (await olga("PUT", f"{path}/members/{bo.id}/role", {"role": "queen"})).status_code == 422
    [assistant] = (await bo("GET", f"{path}/members?role=assistant_organizer")).json()["items"]
    assert assistant["member_id"] == ada.id
    assert "answers" not in assistant


async def test_handing_a_group_over(service: Service) -> None:
    olga, ada = service.person("olga"), service.person("ada")
    path = await founded(olga)
    await ada("PUT", f"{path}/membership")
    assert (await olga("PUT", f"{path}/members/{ada.id}/role", {"role": "organizer"})).json()["role"] == "organizer"
    group = (await olga("GET", path)).json()
    assert (group["organizer_id"], group["version"]) == (ada.id, 2)
    assert (await olga("GET", f"{path}/membership")).json()["role"] == "co_organizer"
    assert (await olga("DELETE", f"{path}/membership")).status_code == 200


async def test_people_are_listed_with_names_in_pages(service: Service) -> None:
    olga = service.person("olga")
    path = await founded(olga)
    people = [service.person(name) for name in ("ada", "bo", "cy")]
    for who in people:
        await who("PUT", "/members/me", {"name": f"{who.id} Example"})
        await who("PUT", f"{path}/membership")
    first = (await olga("GET", f"{path}/members?limit=2")).json()
    second = (await olga("GET", f"{path}/members?limit=2&cursor={first['next_cursor']}")).json()
    listed = [person["member_id"] for page in (first, second) for person in page["items"]]
    assert listed == sorted([str(olga.id), *(str(who.id) for who in people)])
    assert first["items"][0]["name"] == f"{people[0].id} Example"
    assert (await service.person(None)("GET", f"{path}/members")).status_code == 401
