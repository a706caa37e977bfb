"""Groups over HTTP: create, read, change, find; what outsiders of a private one see."""

from secrets import token_hex

from testkit.calling import Person

from .conftest import JC_MOMS, Service


async def made(organizer: Person, **differently: object) -> dict[str, object]:
    answer = await organizer("POST", "/groups", {**JC_MOMS, **differently})
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json()
    return found


async def names(who: Person, query: str) -> list[str]:
    answer = await who("GET", f"/groups?{query}")
    assert answer.status_code == 200, answer.text
    return [group["name"] for group in answer.json()["items"]]


async def test_a_urlname_is_made_from_the_name_and_made_unique(service: Service) -> None:
    olga, name = service.person("olga"), f"Café Zürich {token_hex(3)}"
    first, second = await made(olga, name=name), await made(olga, name=name)
    assert first["urlname"] == f"cafe-zurich-{name.rsplit(maxsplit=1)[-1]}"
    assert second["urlname"] == f"{first['urlname']}-{str(second['group_id'])[:6]}"
    assert (await made(olga, name="!!!"))["urlname"]


async def test_a_given_urlname_must_be_free_and_well_formed(service: Service) -> None:
    olga, urlname = service.person("olga"), f"moms-{token_hex(3)}"
    await made(olga, urlname=urlname)
    taken = await olga("POST", "/groups", {**JC_MOMS, "urlname": urlname})
    assert (taken.status_code, taken.json()["type"].rpartition("/")[2]) == (409, "urlname-taken")
    for wrong in ("Moms", "-moms", "moms-", "m--oms", "mo", "a" * 61, "a" * 26):
        assert (await olga("POST", "/groups", {**JC_MOMS, "urlname": wrong})).status_code == 422, wrong


async def test_nonsense_is_refused(service: Service) -> None:
    olga = service.person("olga")
    for wrong in (
        {"timezone": "Mars/Olympus"},
        {"country": "USA"},
        {"lat": 91},
        {"name": " "},
        {"join_questions": ["?"] * 6},
        {"colour": "red"},
        {"visibility": "secret"},
        {"description": "x" * 10_001},
    ):
        assert (await olga("POST", "/groups", {**JC_MOMS, **wrong})).status_code == 422, wrong
    assert (await service.person(None)("POST", "/groups", JC_MOMS)).status_code == 401


async def test_the_same_key_creates_one_group(service: Service) -> None:
    olga, key = service.person("olga"), token_hex(8)
    first = await olga("POST", "/groups", JC_MOMS, idempotency_key=key)
    again = await olga("POST", "/groups", JC_MOMS, idempotency_key=key)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    other = await olga("POST", "/groups", {**JC_MOMS, "name": "Others"}, idempotency_key=key)
    assert other.status_code == 422


async def test_changing_needs_the_version_one_has_seen(service: Service) -> None:
    olga, ada = service.person("olga"), service.person("ada")
    group = await made(olga)
    path = f"/groups/{group['group_id']}"
    assert (await olga("PATCH", path, {"name": "Moms"})).status_code == 428
    etag = (await olga("GET", path)).headers["etag"]
    changed = await olga("PATCH", path, {"name": "Moms", "state": None, "digest_above": 300}, if_match=etag)
    assert (changed.status_code, changed.json()["name"], changed.json()["state"]) == (200, "Moms", None)
    assert changed.json()["digest_above"] == 300
    assert changed.json()["description"] == JC_MOMS["description"]
    assert (await olga("PATCH", path, {"name": "Mothers"}, if_match=etag)).status_code == 412
    fresh = changed.headers["etag"]
    assert (await ada("PATCH", path, {"name": "Mine"}, if_match=fresh)).status_code == 403
    renamed = await olga("PATCH", path, {"urlname": f"moms-{token_hex(3)}", "digest_above": None}, if_match=fresh)
    assert renamed.json()["digest_above"] is None
    assert (await olga("GET", f"/groups/{renamed.json()['urlname']}")).json() == renamed.json()
    assert (await olga("GET", f"/groups/{group['urlname']}")).status_code == 404


async def test_outsiders_of_a_private_group_see_its_name_and_nothing_else(service: Service) -> None:
    olga, ada = service.person("olga"), service.person("ada")
    group = await made(olga, visibility="private", join_mode="approval", name=f"Secret {token_hex(4)}")
    path = f"/groups/{group['group_id']}"
    name_alone = {"group_id": group["group_id"], "name": group["name"], "visibility": "private"}
    await ada("PUT", f"{path}/membership", {"answers": []})
    for outsider in (ada, service.person(None), service.person("bo")):
        read = await outsider("GET", path)
        assert (read.json(), "etag" in read.headers) == (name_alone, False)
    [mine] = (await ada("GET", "/members/me/groups")).json()["items"]
    assert (mine["state"], mine["group"]) == ("pending", name_alone)
    assert (await ada("GET", f"{path}/members")).status_code == 403
    assert await names(olga, f"q={group['name']}") == []
    await olga("POST", f"{path}/members/{ada.id}/approve")
    assert (await ada("GET", path)).json()["description"] == JC_MOMS["description"]
    assert len((await ada("GET", f"{path}/members")).json()["items"]) == 2
    back = await olga("PATCH", path, {"visibility": "public"}, if_match='"1"')
    assert (back.status_code, back.json()["type"].rpartition("/")[2]) == (409, "private-for-good")


async def test_groups_are_found_by_words_topic_and_country(service: Service) -> None:
    olga, mark = service.person("olga"), f"q{token_hex(4)}"
    long = " ".join(f"a{number}" for number in range(300))
    zeta = {"topics": ["Open Source", mark, "C"], "country": "de", "city": "Göttingen", "description": long}
    await made(olga, name=f"Zeta {mark}", **zeta)
    await made(olga, name=f"Alfa {mark}", topics=["Knitting"], country="fr")
    anybody = service.person(None)
    assert await names(anybody, f"q={mark.upper()}") == [f"Alfa {mark}", f"Zeta {mark}"]
    assert await names(anybody, f"q={mark[:-1]}%20gotting") == [f"Zeta {mark}"]
    assert await names(anybody, f"q={mark}&topic=knitting") == [f"Alfa {mark}"]
    assert await names(anybody, f"q={mark}&topic=open-source&country=de") == [f"Zeta {mark}"]
    assert await names(anybody, f"q={mark}&country=DE&topic=knitting") == []
    assert await names(anybody, f"topic={mark}") == [f"Zeta {mark}"]
    assert await names(anybody, f"q={mark}&topic=C%2B%2B") == []


async def test_groups_near_a_point_come_nearest_first_and_in_pages(service: Service) -> None:
    olga, mark = service.person("olga"), f"near{token_hex(4)}"
    # three at one spot, as when a city's groups all give its centre
    for number, lat in enumerate([-40.0, -40.0, -40.0, -40.1, -40.3, -42.0]):
        await made(olga, name=f"{number} {mark}", lat=lat, lon=-140.0)
    anybody = service.person(None)
    query = f"/groups?near=-40.0,-140.0&radius_km=100&q={mark}&limit=2"
    found: list[dict[str, object]] = []
    cursor = ""
    for _ in range(4):
        page = (await anybody("GET", query + cursor)).json()
        found += page["items"]
        if "next_cursor" not in page:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert [str(group["name"])[0] for group in found][3:] == ["3", "4"]
    assert {str(group["name"])[0] for group in found[:3]} == {"0", "1", "2"}
    assert [group["distance_km"] for group in found] == [0, 0, 0, 11.132, 33.396]


async def test_pages_by_name_neither_repeat_nor_skip(service: Service) -> None:
    olga, mark = service.person("olga"), f"p{token_hex(4)}"
    expected = [f"{letter} {mark}" for letter in "abcde"]
    for name in reversed(expected):
        await made(olga, name=name)
    first = await olga("GET", f"/groups?q={mark}&limit=3")
    assert 'rel="next"' in first.headers["link"]
    second = await olga("GET", f"/groups?q={mark}&limit=3&cursor={first.json()['next_cursor']}")
    assert [group["name"] for page in (first, second) for group in page.json()["items"]] == expected
    assert "next_cursor" not in second.json()
    assert (await olga("GET", f"/groups?near=1,1&cursor={first.json()['next_cursor']}")).status_code == 400
    assert (await olga("GET", "/groups?near=91,1")).status_code == 422
    assert (await olga("GET", "/groups?limit=101")).status_code == 422


async def test_there_is_no_such_group(service: Service) -> None:
    answer = await service.person(None)("GET", "/groups/nobody-has-this-name")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
