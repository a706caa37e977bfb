"""What answers carry beside what was asked for: where the message is, where the new thing is, how often it changed."""

from typing import Any

from testkit.calling import Person

from .conftest import Service, founded, reason
from .test_posts import group, said
from .test_reports import filed

RESOURCE = {"version", "created_at", "updated_at"}


def there(location: str) -> str:
    """As a `Person` asks for it."""
    return location.removeprefix("/v1")


async def read(who: Person, path: str) -> dict[str, Any]:
    answer = await who("GET", path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_moderating_a_post_says_where_its_message_is(service: Service) -> None:
    path, [olga, ada, bo] = await group(service, "ada", "bo")
    post, other = await said(ada, path), await said(ada, path)
    one, two = await filed(bo, "post", post["post_id"]), await filed(bo, "post", other["post_id"])
    positions = []
    for method, where, body in (
        ("PUT", f"/posts/{post['post_id']}/hide", None),
        ("PUT", f"/posts/{post['post_id']}/hide", {"hidden": False}),
        ("POST", f"/reports/{one['report_id']}/resolve", {"action": "hide"}),
        ("DELETE", f"/posts/{post['post_id']}", None),
        ("POST", f"/reports/{two['report_id']}/resolve", {"action": "delete"}),
    ):
        sent = {"idempotency_key": f"{method} {where} {body}"}
        first, again = [await olga(method, where, body, **sent) for _ in range(2)]
        assert (first.status_code, again.json()) == (200, first.json()), first.text
        assert "follows" not in first.json()
        assert again.headers["x-convene-position"] == first.headers["x-convene-position"]
        positions.append(first.headers["x-convene-position"])
    topic = "groups.conversation.v1"
    assert positions == [
        *(f"{topic}:{post['post_id']}@{sequence}" for sequence in (2, 3, 4, 5)),
        f"{topic}:{other['post_id']}@2",
    ]
    assert "x-convene-position" not in (await olga("DELETE", f"/posts/{post['post_id']}")).headers


async def test_who_joins_hears_where_their_membership_is(service: Service) -> None:
    olga, ada = service.person("olga"), service.person("ada")
    path = await founded(olga)
    urlname = (await read(olga, path))["urlname"]
    joined = await ada("PUT", f"/groups/{urlname}/membership")
    assert (joined.status_code, joined.headers["location"]) == (201, f"/v1{path}/membership")
    found = await ada("GET", there(joined.headers["location"]))
    assert (found.json(), found.headers["etag"]) == (joined.json(), '"1"')


async def test_a_member_is_read_with_the_version_that_is_shown(service: Service) -> None:
    ada = service.person("ada")
    await ada("PUT", "/members/me", {"name": "Ada"})
    found = await service.person("bo")("GET", f"/members/{ada.id}")
    assert found.headers["etag"] == f'"{found.json()["version"]}"'


async def test_an_invitation_of_either_kind_has_a_place_and_counts_what_becomes_of_it(service: Service) -> None:
    olga, ada, bo = (service.person(name) for name in ("olga", "ada", "bo"))
    path = await founded(olga)
    named = await olga("POST", f"{path}/invitations", {"member_id": ada.id})
    open_ = await olga("POST", f"{path}/invitations", {"uses": 3})
    for made in (named, open_):
        where = made.headers["location"]
        assert (made.status_code, where) == (201, f"/v1{path}/invitations/{made.json()['invitation_id']}")
        found = await olga("GET", there(where))
        assert found.json() == {name: value for name, value in made.json().items() if name != "token"}
        assert (found.json()["version"], found.headers["etag"]) == (1, '"1"')
        assert found.json()["updated_at"] == found.json()["created_at"]
        assert reason(await ada("GET", there(where))) == "not-allowed"
    place = there(open_.headers["location"])
    await bo("POST", f"/invitations/{open_.json()['token']}/accept")
    used = await read(olga, place)
    assert (used["used"], used["version"], used["updated_at"] > used["created_at"]) == (1, 2, True)
    taken = (await olga("DELETE", place)).json()
    assert (taken["state"], taken["version"], taken == await read(olga, place)) == ("revoked", 3, True)
    other = await founded(olga)
    assert (await olga("GET", f"{other}/invitations/{taken['invitation_id']}")).status_code == 404
    gone = {"$unset": {"version": "", "updated_at": ""}}
    await service.database["invitations"].update_one({"_id": taken["invitation_id"]}, gone)
    before = await read(olga, place)
    assert (before["version"], before["updated_at"]) == (1, before["created_at"])


async def test_a_report_counts_what_becomes_of_it(service: Service) -> None:
    path, [olga, ada, bo] = await group(service, "ada", "bo")
    post = await said(ada, path)
    report = await filed(bo, "post", post["post_id"])
    place = f"/reports/{report['report_id']}"
    assert (report["version"], report["updated_at"]) == (1, report["created_at"])
    assert await read(bo, place) == report
    resolved = (await olga("POST", f"{place}/resolve", {"action": "dismiss"})).json()
    assert (resolved["version"], resolved["created_at"]) == (2, report["created_at"])
    assert resolved["updated_at"] == resolved["resolved_at"]
    assert {name: resolved[name] for name in RESOURCE} == {name: (await read(bo, place))[name] for name in RESOURCE}
    assert (await olga("GET", place)).headers["etag"] == '"2"'


async def test_how_a_post_stands_has_its_times(service: Service) -> None:
    path, [olga, ada] = await group(service, "ada")
    post = await said(ada, path)
    place = f"/posts/{post['post_id']}"
    for where in (f"{place}/pin", f"{place}/reactions/like"):
        stands = (await olga("PUT", where)).json()
        assert stands["created_at"] == post["created_at"]
        assert {name: stands[name] for name in RESOURCE} == {name: (await read(ada, place))[name] for name in RESOURCE}


async def test_requests_about_ones_own_data_count_their_steps(keyed: Service) -> None:
    ada = keyed.person("ada")
    await ada("GET", "/members/me")
    export = (await ada("POST", "/members/me/export")).json()
    assert export["version"] == 1
    asked = (await ada("DELETE", "/members/me")).json()
    begun = (await ada("DELETE", "/members/me?now=true")).json()
    assert (asked["status"], asked["version"], begun["status"], begun["version"]) == ("grace", 1, "asked", 2)
