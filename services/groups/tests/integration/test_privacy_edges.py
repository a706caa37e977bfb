"""Data rights before anybody has asked, without a key, and after an erasure."""

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


@pytest.mark.parametrize("path", ["/members/me/erasure", "/members/me/export/nothing"])
async def test_what_nobody_asked_for_is_a_404(keyed: Service, path: str) -> None:
    assert (await keyed.person("ada")("GET", path)).status_code == 404


async def test_without_a_key_there_are_no_exports(service: Service) -> None:
    assert (await service.person("ada")("POST", "/members/me/export")).status_code == 503
