"""Blocks over HTTP, in the lists of people, and on their topic."""

from contracts.groups import BlockChanged
from testkit import eventually
from testkit.calling import Person

from .conftest import Service, founded, reason


async def told(service: Service, who: Person) -> list[tuple[str, str, bool]]:
    found = await service.messages("groups.block.v1", lambda head: head["ce_subject"] == who.id)
    bodies = [(head["ce_type"].split(".")[-2], BlockChanged.model_validate_json(value)) for head, value in found]
    return [(happened, body.other_id, body.blocked) for happened, body in bodies]


async def listed(viewer: Person, path: str) -> set[str]:
    answer = await viewer("GET", f"{path}/members")
    assert answer.status_code == 200, answer.text
    return {person["member_id"] for person in answer.json()["items"]}


async def test_neither_sees_the_other_but_leaders_see_everybody(service: Service) -> None:
    olga, ada, bo, cy = (service.person(name) for name in ("olga", "ada", "bo", "cy"))
    path = await founded(olga)
    for who in (ada, bo, cy):
        await who("GET", "/members/me")
        await who("PUT", f"{path}/membership")
    everybody = {str(who.id) for who in (olga, ada, bo, cy)}
    blocked = await ada("PUT", f"/members/{bo.id}/block")
    assert (blocked.status_code, blocked.json()) == (200, {"member_id": bo.id, "blocked": True})
    assert await listed(ada, path) == everybody - {bo.id}
    assert await listed(bo, path) == everybody - {ada.id}
    assert await listed(cy, path) == everybody
    await olga("GET", "/members/me")
    await ada("PUT", f"/members/{olga.id}/block")
    assert await listed(ada, path) == everybody - {bo.id, olga.id}
    assert await listed(olga, path) == everybody


async def test_a_block_is_told_once_and_taken_back(service: Service) -> None:
    ada, bo = service.person("ada"), service.person("bo")
    await bo("GET", "/members/me")
    for _ in range(2):
        assert (await ada("PUT", f"/members/{bo.id}/block")).json()["blocked"] is True
    for _ in range(2):
        assert (await ada("DELETE", f"/members/{bo.id}/block")).json()["blocked"] is False
    assert (await ada("GET", "/members/me")).json()["version"] == 1

    async def said() -> bool:
        return await told(service, ada) == [("made", bo.id, True), ("lifted", bo.id, False)]

    await eventually(said, within=20)
    assert await told(service, bo) == []
    assert await service.database["blocks"].find({"members": bo.id}) == []


async def test_nobody_blocks_themselves_or_who_is_not_there(service: Service) -> None:
    ada = service.person("ada")
    await ada("GET", "/members/me")
    oneself = await ada("PUT", f"/members/{ada.id}/block")
    assert (oneself.status_code, reason(oneself)) == (409, "oneself")
    assert (await ada("PUT", "/members/nobody/block")).status_code == 404
    assert (await service.person(None)("PUT", f"/members/{ada.id}/block")).status_code == 401
