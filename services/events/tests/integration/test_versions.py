"""Who says in If-Match what they have seen changes that and nothing later, whatever they do with it."""

from typing import Any

import pytest

from .running import Person, Service, evening
from .test_http import founded, joined
from .test_talk import over


async def stale(who: Person, method: str, path: str, body: Any = None, *, seen: str = '"999"') -> None:
    """What is wished for of a version that nobody has seen is refused, and changes nothing."""
    refused = await who(method, path, body, if_match=seen)
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (412, "stale-version"), refused.text


async def etag(who: Person, path: str) -> str:
    found: str = (await who("GET", path)).headers["etag"]
    return found


async def test_what_leaders_do_with_an_event_is_about_the_version_they_saw(service: Service) -> None:
    olga, group_id = await founded(service)
    hana = service.person("hana")
    path = f"/events/{(await olga('POST', f'/groups/{group_id}/events', evening())).json()['event_id']}"
    hosts = f"{path}/hosts/{hana.id}"
    ways: list[tuple[str, str]] = [
        ("POST", f"{path}/publish"),
        ("POST", f"{path}/announce"),
        ("POST", f"{path}/close-rsvps"),
        ("POST", f"{path}/open-rsvps"),
        ("PUT", hosts),
        ("DELETE", hosts),
        ("POST", f"{path}/cancel"),
    ]
    for method, where in ways:
        before = await etag(olga, path)
        await stale(olga, method, where)
        assert await etag(olga, path) == before
        done = await olga(method, where, if_match=before)
        assert (done.status_code, done.headers["etag"] != before) == (200, True), where
        await stale(olga, method, where, seen=before)


async def test_a_draft_that_somebody_else_edited_is_not_thrown_away(service: Service) -> None:
    olga, group_id = await founded(service)
    path = f"/events/{(await olga('POST', f'/groups/{group_id}/events', evening())).json()['event_id']}"
    await stale(olga, "DELETE", path)
    mia = await service.person("mia")("DELETE", path, if_match='"999"')
    assert mia.status_code == 404, "no version of a draft is told to others"
    assert (await olga("DELETE", path, if_match='"1"')).status_code == 204
    assert (await olga("DELETE", path, if_match="*")).status_code == 404


async def test_an_rsvp_has_a_version(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id)
    ada, path = service.person("ada"), f"/events/{event_id}/rsvp"
    await joined(service, group_id, ada)
    for seen in ("*", '"1"'):
        await stale(ada, "PUT", path, {"response": "yes"}, seen=seen)
    assert (await ada("GET", path)).status_code == 404
    first = await ada("PUT", path, {"response": "yes"})
    assert (first.status_code, first.headers["etag"]) == (201, f'"{first.json()["version"]}"')
    await service.person("bo").rsvp(event_id)
    read = await ada("GET", path)
    assert (read.headers["etag"], read.json()["status"]) == (first.headers["etag"], "yes")
    more = await ada("PUT", path, {"response": "yes", "guests": 1}, if_match=first.headers["etag"])
    assert (more.status_code, more.headers["etag"] != first.headers["etag"]) == (200, True)
    await stale(ada, "PUT", path, {"response": "no"}, seen=first.headers["etag"])
    await stale(ada, "PUT", path, {"response": "yes", "answers": []}, seen=first.headers["etag"])
    assert (await ada("GET", path)).json()["status"] == "yes"
    several = f"{first.headers['etag']}, {more.headers['etag']}"
    assert (await ada("PUT", path, {"response": "no"}, if_match=several)).json()["status"] == "no"
    assert (await ada("PUT", path, {"response": "yes"}, if_match="*")).json()["status"] == "yes"


async def test_any_version_that_is_named_may_be_edited(service: Service) -> None:
    olga, group_id = await founded(service)
    path = f"/events/{await service.event(olga, group_id)}"
    await stale(olga, "PATCH", path, {"title": "Rye"}, seen='"777", "999"')
    edited = await olga("PATCH", path, {"title": "Rye"}, if_match='"777", "2"')
    assert (edited.status_code, edited.headers["etag"]) == (200, '"3"')
    assert (await olga("PATCH", path, {"title": "Buns"}, if_match="*")).json()["title"] == "Buns"


async def test_comments_and_feedback_have_versions(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id, ada = await service.event(olga, group_id), service.person("ada")
    await joined(service, group_id, ada)
    await ada.rsvp(event_id)
    comment = f"/comments/{(await ada('POST', f'/events/{event_id}/comments', {'body': 'Hi'})).json()['comment_id']}"
    await stale(ada, "DELETE", comment)
    assert (await ada("GET", comment)).json()["body"] == "Hi"
    assert (await ada("DELETE", comment, if_match=await etag(ada, comment))).status_code == 200
    await over(service, event_id)
    feedback = f"/events/{event_id}/feedback"
    await stale(ada, "PUT", feedback, {"stars": 5}, seen="*")
    first = await ada("PUT", feedback, {"stars": 4})
    await stale(ada, "PUT", feedback, {"stars": 5})
    second = await ada("PUT", feedback, {"stars": 5}, if_match=first.headers["etag"])
    assert (second.status_code, second.json()["stars"]) == (200, 5)


@pytest.mark.parametrize("act", ["publish", "cancel"])
async def test_what_is_done_with_a_series_is_about_the_version_that_was_seen(service: Service, act: str) -> None:
    olga, group_id = await founded(service)
    given = {**evening(), "rrule": "FREQ=WEEKLY;COUNT=2", "publish": act == "cancel"}
    path = f"/series/{(await olga('POST', f'/groups/{group_id}/series', given)).json()['series_id']}"
    before = await etag(olga, path)
    await stale(olga, "POST", f"{path}/{act}")
    assert await etag(olga, path) == before
    done = await olga("POST", f"{path}/{act}", if_match=before)
    assert (done.status_code, done.headers["etag"] != before) == (200, True)
