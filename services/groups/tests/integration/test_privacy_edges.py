"""Data rights before anybody has asked, without a key, and after an erasure."""

from asyncio import gather
from datetime import timedelta

import pytest

from testkit import eventually

from .conftest import Service
from .test_privacy import described


async def test_whoever_comes_back_afterwards_is_somebody_new(keyed: Service) -> None:
    ada, _ = await described(keyed, "ada")
    before = (await ada("GET", "/members/me")).json()["number"]
    await ada("DELETE", "/members/me?now=true")

    async def gone() -> bool:
        return await keyed.database["members"].count({"_id": ada.id, "erased": True}) == 1

    await eventually(gone, within=40)
    again = (await ada("GET", "/members/me")).json()
    assert (again["name"], again["number"] != before) == ("", True)


async def test_whoever_comes_back_by_any_call_is_known_anew(keyed: Service) -> None:
    ada, _ = await described(keyed, "ada")
    await ada("DELETE", "/members/me?now=true")

    async def answered() -> bool:
        """Which ends it here; asking how far it is brings nobody back."""
        return "groups" not in (await ada("GET", "/members/me/erasure")).json()["missing"]

    await eventually(answered, within=40)
    gone = {"_id": ada.id, "erased": True}
    assert await keyed.database["members"].count(gone) == 1

    async def back() -> bool:
        assert (await ada("GET", "/members/me/groups")).status_code == 200
        return await keyed.database["members"].count(gone) == 0

    await eventually(back, within=30)


@pytest.mark.parametrize("path", ["/members/me/erasure", "/members/me/export/nothing"])
async def test_what_nobody_asked_for_is_a_404(keyed: Service, path: str) -> None:
    assert (await keyed.person("ada")("GET", path)).status_code == 404


async def test_without_a_key_there_are_no_exports(service: Service) -> None:
    assert (await service.person("ada")("POST", "/members/me/export")).status_code == 503


async def test_who_asks_for_another_export_gets_the_one_they_have_for_a_day(keyed: Service) -> None:
    ada, requests = keyed.person("ada"), keyed.database["privacy_requests"]
    answers = await gather(*(ada("POST", "/members/me/export") for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    [id_] = {answer.json()["export_id"] for answer in answers}
    assert {answer.headers["location"] for answer in answers} == {f"/v1/members/me/export/{id_}"}
    assert await requests.count({"member_id": ada.id}) == 1
    asked = await requests.find_one({"_id": id_})
    assert asked is not None
    old = {"status": "done", "asked_at": asked["asked_at"] - timedelta(days=1, seconds=1)}
    await requests.update_one({"_id": id_}, {"$set": old})
    another = await ada("POST", "/members/me/export")
    assert (another.status_code, another.json()["export_id"] != id_) == (201, True)
    again = await ada("POST", "/members/me/export")
    assert (again.status_code, again.json()["export_id"]) == (200, another.json()["export_id"])
