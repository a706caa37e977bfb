"""The same request under its key has the same answer, whatever has become meanwhile of what it names."""

from typing import Any

from httpx2 import Response

from testkit.calling import Person

from .conftest import Service, founded
from .test_networks import id_of, networked
from .test_posts import group


def same(first: Response, again: Response) -> bool:
    told = ("location", "x-convene-position")
    return (again.status_code, again.json(), *map(again.headers.get, told)) == (
        first.status_code,
        first.json(),
        *map(first.headers.get, told),
    )


async def renamed(organizer: Person, path: str) -> None:
    """The group is found under its old urlname no more."""
    found = await organizer("GET", path)
    changed = await organizer("PATCH", path, {"urlname": f"n-{id_of(path)}"}, if_match=found.headers["etag"])
    assert changed.status_code == 200, changed.text


async def test_what_was_done_in_a_group_that_has_another_urlname_now(service: Service) -> None:
    olga, ada = service.person("olga"), service.person("ada")
    path = await founded(olga)
    old = f"/groups/{(await olga('GET', path)).json()['urlname']}"
    wishes: list[tuple[Person, str, str, Any]] = [
        (ada, "PUT", f"{old}/membership", None),
        (ada, "POST", f"{old}/posts", {"body": "Hello"}),
        (olga, "POST", f"{old}/invitations", {"uses": 2}),
        (olga, "PUT", f"{old}/members/{ada.id}/role", {"role": "event_organizer"}),
    ]
    first = [await who(method, where, body, idempotency_key="1") for who, method, where, body in wishes]
    assert [answer.status_code for answer in first] == [201, 201, 201, 200]
    await renamed(olga, path)
    for (who, method, where, body), heard in zip(wishes, first, strict=True):
        again = await who(method, where, body, idempotency_key="1")
        assert same(heard, again), again.text
        assert (await who(method, where, body)).status_code == 404
    other = await ada("PUT", f"{old}/membership", {"answers": ["x"]}, idempotency_key="1")
    assert other.status_code == 422, "another wish under the same key"
    assert (await service.person(None)("PUT", f"{old}/membership")).status_code in (401, 404)
    assert (await olga("GET", path)).json()["member_count"] == 2


async def test_what_was_asked_for_a_group_that_one_leads_no_more(service: Service) -> None:
    ada, olga, bo = (service.person(name) for name in ("ada", "olga", "bo"))
    network, path = await networked(ada), await founded(olga)
    await bo("PUT", f"{path}/membership")
    await olga("PUT", f"{path}/members/{bo.id}/role", {"role": "co_organizer"})
    place = f"{network}/chapters/{id_of(path)}"
    asked = await bo("PUT", place, idempotency_key="1")
    assert (asked.status_code, asked.json()["state"]) == (200, "asked")
    await olga("PUT", f"{path}/members/{bo.id}/role", {"role": "member"})
    again = await bo("PUT", place, idempotency_key="1")
    assert same(asked, again), again.text
    assert (await bo("PUT", place)).status_code == 403


async def test_what_was_decided_for_a_network_that_one_runs_no_more(service: Service) -> None:
    ada, olga = service.person("ada"), service.person("olga")
    await olga("GET", "/members/me")
    network, path = await networked(ada), await founded(olga)
    place = f"{network}/chapters/{(await olga('GET', path)).json()['urlname']}"
    await olga("PUT", place)
    welcomed = await ada("PUT", place, idempotency_key="1")
    assert (welcomed.status_code, welcomed.json()["state"]) == (200, "chapter")
    handed = await ada("PATCH", network, {"admins": [olga.id]}, if_match='"1"')
    assert handed.status_code == 200, handed.text
    await renamed(olga, path)
    again = await ada("PUT", place, idempotency_key="1")
    assert same(welcomed, again), again.text


async def test_who_asked_for_their_group_hears_it_again_as_an_admin_of_the_network(service: Service) -> None:
    ada, olga = service.person("ada"), service.person("olga")
    await olga("GET", "/members/me")
    network, path = await networked(ada), await founded(olga)
    place = f"{network}/chapters/{id_of(path)}"
    asked = await olga("PUT", place, idempotency_key="1")
    assert asked.json()["state"] == "asked"
    assert (await ada("PATCH", network, {"admins": [olga.id]}, if_match='"1"')).status_code == 200
    again = await olga("PUT", place, idempotency_key="1")
    assert same(asked, again), again.text


async def test_a_report_about_somebody_who_has_left_since(service: Service) -> None:
    path, [_, ada, bo] = await group(service, "ada", "bo")
    await ada("GET", "/members/me")
    about = {"what": "member", "id": ada.id, "reason": "spam"}
    made = await bo("POST", "/reports", about, idempotency_key="1")
    assert made.status_code == 201, made.text
    await ada("DELETE", f"{path}/membership")
    again = await bo("POST", "/reports", about, idempotency_key="1")
    assert same(made, again), again.text
    assert (await bo("POST", "/reports", about)).status_code == 409
    other = await bo("POST", "/reports", {**about, "reason": "rude"}, idempotency_key="1")
    assert other.status_code == 422, "another wish under the same key"


async def test_a_block_of_somebody_who_was_forgotten_since(service: Service) -> None:
    ada, bo = service.person("ada"), service.person("bo")
    await ada("GET", "/members/me")
    blocked = await bo("PUT", f"/members/{ada.id}/block", idempotency_key="1")
    assert blocked.status_code == 200, blocked.text
    await service.database["members"].update_one({"_id": ada.id}, {"$set": {"erased": True}})
    again = await bo("PUT", f"/members/{ada.id}/block", idempotency_key="1")
    assert same(blocked, again), again.text
