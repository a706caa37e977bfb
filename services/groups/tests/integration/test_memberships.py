"""One's own memberships over HTTP: asking, answering, leaving."""

from .conftest import JC_MOMS, Service, founded, reason


async def test_asking_and_being_approved(service: Service) -> None:
    olga, ada = service.person("olga"), service.person("ada")
    path = await founded(olga, join_mode="approval", join_questions=["Why?"])
    assert (await ada("GET", f"{path}/membership")).status_code == 404
    asked = await ada("PUT", f"{path}/membership", {"answers": ["because"]})
    assert (asked.status_code, asked.json()["state"]) == (201, "pending")
    again = await ada("PUT", f"{path}/membership")
    assert (again.status_code, again.json()) == (200, asked.json())
    too_many = await ada("PUT", f"{path}/membership", {"answers": ["because", "I can"]})
    assert (too_many.status_code, reason(too_many)) == (422, "too-many-answers")
    better = await ada("PUT", f"{path}/membership", {"answers": ["I live here"]})
    assert better.json()["answers"] == ["I live here"]
    assert "x-convene-position" not in better.headers
    [request] = (await olga("GET", f"{path}/members?state=pending")).json()["items"]
    assert (request["member_id"], request["answers"]) == (ada.id, ["I live here"])
    assert (await ada("GET", f"{path}/members?state=pending")).status_code == 403
    assert (await ada("POST", f"{path}/members/{ada.id}/approve")).status_code == 403
    approved = await olga("POST", f"{path}/members/{ada.id}/approve")
    assert (approved.status_code, approved.json()["state"]) == (200, "active")
    assert approved.headers["x-convene-position"].startswith(f"groups.membership.v1:{path.rpartition('/')[2]}@")
    assert (await ada("GET", f"{path}/membership")).json() == approved.json()


async def test_being_refused_and_asking_again(service: Service) -> None:
    olga, ada = service.person("olga"), service.person("ada")
    path = await founded(olga, join_mode="approval")
    await ada("PUT", f"{path}/membership")
    rejected = await olga("POST", f"{path}/members/{ada.id}/reject")
    assert (rejected.status_code, rejected.json()["state"]) == (200, "removed")
    assert reason(await olga("POST", f"{path}/members/{ada.id}/reject")) == "no-request"
    again = await ada("PUT", f"{path}/membership")
    assert (again.status_code, again.json()["state"], again.json()["version"]) == (200, "pending", 3)


async def test_leaving(service: Service) -> None:
    olga, ada = service.person("olga"), service.person("ada")
    path = await founded(olga)
    assert reason(await ada("DELETE", f"{path}/membership")) == "not-a-member"
    await ada("PUT", f"{path}/membership")
    left = await ada("DELETE", f"{path}/membership")
    assert (left.status_code, left.json()["state"]) == (200, "left")
    assert (await ada("DELETE", f"{path}/membership")).json() == left.json()
    assert (await olga("GET", path)).json()["member_count"] == 1


async def test_a_closed_group_and_one_that_asks_for_a_photo(service: Service) -> None:
    olga, ada = service.person("olga"), service.person("ada")
    closed, pictured = await founded(olga, join_mode="closed"), await founded(olga, photo_required=True)
    refused = await ada("PUT", f"{closed}/membership")
    assert (refused.status_code, reason(refused)) == (403, "by-invitation")
    refused = await ada("PUT", f"{pictured}/membership")
    assert (refused.status_code, reason(refused)) == (409, "photo-required")
    await ada("PUT", "/members/me", {"name": "Ada", "photo": "https://photos.test/ada.jpg"})
    assert (await ada("PUT", f"{pictured}/membership")).json()["state"] == "active"


async def test_my_groups(service: Service) -> None:
    olga, ada = service.person("olga"), service.person("ada")
    open_, asked, left = await founded(olga), await founded(olga, join_mode="approval"), await founded(olga)
    for path in (open_, asked, left):
        await ada("PUT", f"{path}/membership")
    await ada("DELETE", f"{left}/membership")
    mine = (await ada("GET", "/members/me/groups")).json()["items"]
    assert {f"/groups/{one['group_id']}": one["state"] for one in mine} == {open_: "active", asked: "pending"}
    assert {one["group"]["name"] for one in mine} == {JC_MOMS["name"]}
    assert len((await ada("GET", "/members/me/groups?limit=1")).json()["items"]) == 1
