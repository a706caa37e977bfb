"""Both sides of a chapter at once: one person who is both, and a side that has closed."""

from .conftest import Service, founded
from .test_networks import id_of, listed, networked, state


async def test_an_invited_group_that_closes_is_listed_until_its_invitation_is_taken_back(service: Service) -> None:
    ada, olga = service.person("ada"), service.person("olga")
    network, group = await networked(ada), await founded(olga)
    assert await state(ada, "PUT", network, group) == "invited"
    assert (await olga("POST", f"{group}/close")).status_code == 200
    assert await listed(ada, network, "invited") == [id_of(group)]
    assert await state(ada, "DELETE", network, group) == "none"
    assert await listed(ada, network, "invited") == []


async def test_who_runs_both_hears_the_same_again_whichever_side_had_asked(service: Service) -> None:
    ada, olga = service.person("ada"), service.person("olga")
    await ada("GET", "/members/me")
    network = await networked(ada)
    for asks in (True, False):
        group = await founded(olga)
        await ada("PUT", f"{group}/membership")
        if asks:
            assert await state(olga, "PUT", network, group) == "asked"
        else:
            assert await state(ada, "PUT", network, group) == "invited"
        await olga("PUT", f"{group}/members/{ada.id}/role", {"role": "co_organizer"})
        path = f"{network}/chapters/{id_of(group)}/accept"
        first = await ada("POST", path, idempotency_key=f"in-{asks}")
        assert (first.status_code, first.json()["state"]) == (200, "chapter")
        again = await ada("POST", path, idempotency_key=f"in-{asks}")
        assert (again.status_code, again.json()) == (200, first.json())
