"""A group whose organizer leaves, over HTTP, and what its worker does when its times have come.

Time passes by moving the group's times back in its document, all of them by the same number of days.
"""

from datetime import timedelta
from typing import Any

from contracts.groups import GroupState
from testkit import eventually
from testkit.calling import Person

from .conftest import Service, founded, reason


async def vacant(service: Service, organizer: Person, *people: Person, **differently: object) -> str:
    """A group that its organizer has left to these people."""
    path = await founded(organizer, **differently)
    for who in people:
        assert (await who("PUT", f"{path}/membership")).status_code == 201
    assert (await organizer("DELETE", f"{path}/membership")).json()["state"] == "left"
    return path


async def days_pass(service: Service, path: str, days: int) -> None:
    group_id = path.rpartition("/")[2]
    group = await service.database["groups"].find_one({"_id": group_id})
    assert group is not None
    back = timedelta(days=days)
    times = {"due_at": group["due_at"] - back}
    for name in ("freezes_at", "closes_at", "decides_at"):
        if group["vacancy"][name] is not None:
            times[f"vacancy.{name}"] = group["vacancy"][name] - back
    assert await service.database["groups"].update_one({"_id": group_id}, {"$set": times})


async def status(anybody: Person, path: str) -> tuple[str, str | None]:
    group = (await anybody("GET", path)).json()
    return group["status"], group["organizer_id"]


async def became(anybody: Person, path: str, expected: tuple[str, str | None]) -> None:
    async def so() -> bool:
        return await status(anybody, path) == expected

    await eventually(so, within=30)


async def said(service: Service, path: str) -> list[tuple[str, GroupState]]:
    group_id = path.rpartition("/")[2]
    found = await service.messages("groups.group.v1", lambda head: head["ce_subject"] == group_id)
    return [(head["ce_type"].split(".")[-2], GroupState.model_validate_json(value)) for head, value in found]


async def test_nobody_follows_and_the_worker_freezes_and_closes_the_group(service: Service) -> None:
    olga, ada = service.person("olga"), service.person("ada")
    path = await vacant(service, olga, ada)
    group = (await ada("GET", path)).json()
    assert (group["status"], group["organizer_id"], group["succession"]["candidates"]) == ("grace", None, [])
    await days_pass(service, path, 15)
    await became(ada, path, ("frozen", None))
    await days_pass(service, path, 15)
    await became(ada, path, ("closed", None))
    assert (await ada("GET", path)).json()["succession"] is None
    refused = await olga("PUT", f"{path}/membership")
    assert (refused.status_code, reason(refused)) == (409, "group-closed")
    assert reason(await ada("POST", f"{path}/step-up")) == "group-closed"
    assert (await ada("DELETE", f"{path}/membership")).json()["state"] == "left"

    async def told() -> bool:
        return [name for name, _ in await said(service, path)] == ["created", "organizer-left", "frozen", "closed"]

    await eventually(told, within=20)


async def test_a_closed_group_is_on_no_list_but_its_members_own(service: Service) -> None:
    olga, mark = service.person("olga"), "closedforgood"
    path = await founded(olga, name=f"Moms {mark}")
    assert len((await olga("GET", f"/groups?q={mark}")).json()["items"]) == 1
    refused = await service.person("ada")("POST", f"{path}/close")
    assert (refused.status_code, reason(refused)) == (403, "not-allowed")
    closed = await olga("POST", f"{path}/close")
    assert (closed.status_code, closed.json()["status"], closed.headers["etag"]) == (200, "closed", '"2"')
    assert (await olga("POST", f"{path}/close")).json() == closed.json()
    assert (await olga("GET", f"/groups?q={mark}")).json()["items"] == []
    assert [mine["group"]["status"] for mine in (await olga("GET", "/members/me/groups")).json()["items"]] == ["closed"]
    changed = await olga("PATCH", path, {"name": "Moms"}, if_match=closed.headers["etag"])
    assert (changed.status_code, reason(changed)) == (409, "group-closed")


async def test_a_co_organizer_steps_up_at_once(service: Service) -> None:
    olga, cora = service.person("olga"), service.person("cora")
    path = await founded(olga)
    await cora("PUT", f"{path}/membership")
    await olga("PUT", f"{path}/members/{cora.id}/role", {"role": "co_organizer"})
    early = await cora("POST", f"{path}/step-up")
    assert (early.status_code, reason(early)) == (409, "has-organizer")
    await olga("DELETE", f"{path}/membership")
    await days_pass(service, path, 20)
    await became(cora, path, ("frozen", None))
    stepped = await cora("POST", f"{path}/step-up")
    assert (stepped.json()["status"], stepped.json()["organizer_id"]) == ("active", cora.id)
    assert (await cora("GET", f"{path}/membership")).json()["role"] == "organizer"
    assert (await cora("POST", f"{path}/step-up")).json() == stepped.json()


async def test_the_group_chooses_among_its_members(service: Service) -> None:
    olga, *people = (service.person(name) for name in ("olga", "ada", "bo", "cy", "di"))
    ada, bo, cy, di = people
    path = await vacant(service, olga, *people)
    for who in (ada, bo):
        assert (await who("POST", f"{path}/step-up")).json()["status"] == "grace"
    assert reason(await olga("POST", f"{path}/step-up")) == "not-allowed"
    for who, candidate in ((ada, ada), (bo, bo), (cy, ada), (cy, bo), (di, ada)):
        chosen = await who("PUT", f"{path}/step-up/{candidate.id}/vote")
        assert chosen.status_code == 200, chosen.text
    nobody = await cy("PUT", f"{path}/step-up/{di.id}/vote")
    assert (nobody.status_code, reason(nobody)) == (404, "not-a-candidate")
    assert candidates((await di("GET", path)).json()) == {ada.id: 2, bo.id: 2}
    await di("DELETE", f"{path}/membership")
    group = (await cy("GET", path)).json()
    assert candidates(group) == {ada.id: 1, bo.id: 2}
    assert group["succession"]["decides_at"] is not None
    await days_pass(service, path, 3)
    await became(cy, path, ("active", bo.id))
    roles = {who.id: (await who("GET", f"{path}/membership")).json()["role"] for who in (ada, bo)}
    assert roles == {ada.id: "member", bo.id: "organizer"}

    async def told() -> bool:
        messages = await said(service, path)
        return messages[-1][0] == "organizer-found" and messages[-1][1].organizer_id == bo.id

    await eventually(told, within=20)


async def test_what_is_due_counts_before_the_worker_has_looked(service: Service) -> None:
    """The command itself finds the times past; the worker's look comes later or sooner and changes nothing more."""
    olga, ada, bo = (service.person(name) for name in ("olga", "ada", "bo"))
    path = await vacant(service, olga, ada, bo)
    await ada("POST", f"{path}/step-up")
    await days_pass(service, path, 3)
    late = await bo("POST", f"{path}/step-up")
    assert (late.status_code, reason(late)) == (409, "has-organizer")
    await became(bo, path, ("active", ada.id))


def candidates(group: dict[str, Any]) -> dict[str, int]:
    return {one["member_id"]: one["votes"] for one in group["succession"]["candidates"]}
