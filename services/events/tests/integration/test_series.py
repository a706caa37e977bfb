"""What callers meet of series, drafts and hosts: over HTTP, with real servers behind it."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from chassis import clock
from contracts.events import EventState
from events_service.store.zones import rezoned
from testkit import eventually

from .running import Person, Service, evening
from .test_http import joined


async def founded(service: Service, **changes: object) -> tuple[Person, str]:
    """A group nobody else has, and its organizer."""
    olga, group_id = service.person("olga"), f"g{secrets.token_hex(4)}"
    await service.groups.group(group_id, olga.id or "", **changes)
    await service.knows(group_id)
    return olga, group_id


def weekly(count: int = 4, **changes: Any) -> dict[str, Any]:
    return evening(**{"rrule": f"FREQ=WEEKLY;COUNT={count}", "publish": True, **changes})


async def made(olga: Person, group_id: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await olga("POST", f"/groups/{group_id}/series", body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/v1/series/{found['series_id']}"
    return found


def why(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition("/")[2]


async def test_a_series_its_dates_and_an_edit_of_this_and_following(service: Service) -> None:
    olga, group_id = await founded(service)
    series = await made(olga, group_id, weekly())
    ids = [one["event_id"] for one in series["occurrences"]]
    first = await service.person(None)("GET", f"/events/{ids[0]}")
    assert first.status_code == 200, "the dates are there when the series is answered"
    assert (first.json()["series_id"], first.json()["status"]) == (series["series_id"], "published")
    ada = service.person("ada")
    assert [(await ada.rsvp(id_))["status"] for id_ in ids] == ["yes"] * 4
    path = f"/series/{series['series_id']}"
    assert (await olga("PATCH", path, {"title": "Rye"})).status_code == 428
    assert why(await olga("PATCH", f"{path}?from=nothing", {"title": "Rye"}, if_match='"2"')) == (404, "unknown-event")
    start = datetime.fromisoformat(series["occurrences"][2]["starts_at"]).replace(hour=20, minute=0)
    change = {"title": "Rye", "starts_at": start.isoformat(), "exdates": [series["occurrences"][3]["starts_at"]]}
    edited = await olga("PATCH", f"{path}?from={ids[2]}", change, if_match='"2"')
    assert edited.status_code == 200, edited.text
    said = edited.headers["x-convene-position"].split(",")
    assert {one.partition("@")[0] for one in said} == {f"events.event.v1:{id_}" for id_ in ids[2:]}
    assert [one["event_id"] for one in edited.json()["occurrences"]] == ids[:3]
    third, fourth = [(await ada("GET", f"/events/{id_}")).json() for id_ in ids[2:]]
    assert (third["title"], third["starts_at"], third["seats_used"]) == ("Rye", start.isoformat(), 1)
    assert fourth["status"] == "cancelled"
    assert (await ada("GET", f"/events/{ids[1]}")).json()["title"] == "Bread"
    read = await service.person(None)("GET", path)
    assert (read.json(), read.headers["etag"]) == (edited.json(), edited.headers["etag"])
    assert why(await olga("PATCH", path, {"title": "Bun"}, if_match='"2"')) == (412, "stale-version")

    async def told() -> list[EventState]:
        said = [await service.of(EventState.topic, id_) for id_ in ids[2:]]
        found = [EventState.model_validate_json(lines[-1][1]) for lines in said]
        return found if all(one.edit for one in found) else []

    moved, fell = await eventually(told, within=20)
    assert moved.edit == fell.edit
    assert (moved.changed, fell.status) == (["title", "starts_at", "ends_at"], "cancelled")


async def test_a_repeat_makes_the_same_series(service: Service) -> None:
    olga, group_id = await founded(service)
    key = secrets.token_hex(8)
    body = weekly(2, publish=False)
    first = await olga("POST", f"/groups/{group_id}/series", body, idempotency_key=key)
    again = await olga("POST", f"/groups/{group_id}/series", body, idempotency_key=key)
    assert (first.status_code, first.content) == (201, again.content)
    assert "follows" not in first.json()


async def test_drafts_of_a_series_are_for_leaders_until_they_are_published(service: Service) -> None:
    olga, group_id = await founded(service)
    series = await made(olga, group_id, weekly(3, publish=False))
    path, ids = f"/series/{series['series_id']}", [one["event_id"] for one in series["occurrences"]]
    ada = service.person("ada")
    assert why(await ada("GET", path)) == (404, "unknown-series")
    assert (await ada("GET", f"/events/{ids[0]}")).status_code == 404
    assert (await olga("DELETE", f"/events/{ids[1]}")).status_code == 204
    assert (await olga("GET", f"/events/{ids[1]}")).status_code == 404

    async def left_out() -> bool:
        return len((await olga("GET", path)).json()["occurrences"]) == 2

    await eventually(left_out)
    assert why(await ada("POST", f"{path}/cancel")) == (403, "not-allowed")
    assert why(await olga("POST", f"{path}/cancel")) == (409, "not-published")
    assert why(await olga("POST", f"/events/{ids[0]}/cancel")) == (409, "not-published")
    assert why(await ada("GET", path)) == (404, "unknown-series")
    assert (await ada("GET", f"/events/{ids[0]}")).status_code == 404
    assert (await ada("POST", f"{path}/publish")).status_code == 403
    published = await olga("POST", f"{path}/publish")
    assert published.json()["status"] == "published"
    assert (await ada("GET", f"/events/{ids[2]}")).json()["status"] == "published"
    cancelled = await olga("POST", f"{path}/cancel")
    assert (cancelled.json()["status"], cancelled.json()["occurrences"]) == ("cancelled", [])
    assert (await ada("GET", f"/events/{ids[2]}")).json()["status"] == "cancelled"
    assert why(await olga("DELETE", f"/events/{ids[2]}")) == (409, "not-a-draft")


async def test_rules_that_are_refused(service: Service) -> None:
    olga, group_id = await founded(service)
    path = f"/groups/{group_id}/series"
    for rule, reason in (
        ("FREQ=SECONDLY;COUNT=3", "bad-rule"),
        ("FREQ=DAILY;COUNT=999", "bad-rule"),
        ("FREQ=WEEKLY", "bad-rule"),
        ("FREQ=MONTHLY;COUNT=60", "too-far"),
    ):
        assert why(await olga("POST", path, evening(rrule=rule))) == (422, reason)
    assert (await olga("POST", path, evening(rrule="x" * 501))).status_code == 422
    assert (await olga("POST", path, evening())).status_code == 422
    assert (await service.person("mia")("POST", path, weekly())).status_code == 403
    assert (await service.person(None)("POST", path, weekly())).status_code == 401
    assert why(await olga("PATCH", "/series/none", {"title": "x"}, if_match='"1"')) == (404, "unknown-series")


async def test_hosts_come_and_go(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id)
    hana = service.person("hana")
    assert (await hana("PATCH", f"/events/{event_id}", {"title": "x"}, if_match='"2"')).status_code == 403
    hosted = await olga("PUT", f"/events/{event_id}/hosts/{hana.id}")
    assert (hosted.status_code, hosted.json()["hosts"]) == (200, [hana.id])
    assert (await hana("PATCH", f"/events/{event_id}", {"title": "x"}, if_match=hosted.headers["etag"])).is_success
    for n in range(4):
        assert (await olga("PUT", f"/events/{event_id}/hosts/h{n}")).status_code == 200
    assert why(await olga("PUT", f"/events/{event_id}/hosts/one-more")) == (422, "too-many-hosts")
    assert (await hana("DELETE", f"/events/{event_id}/hosts/{hana.id}")).json()["hosts"] == ["h0", "h1", "h2", "h3"]


async def test_a_host_of_one_event_has_no_rights_on_another_of_the_group(service: Service) -> None:
    olga, group_id = await founded(service)
    theirs, other = await service.event(olga, group_id), await service.event(olga, group_id, capacity=1)
    draft = (await olga("POST", f"/groups/{group_id}/events", evening())).json()["event_id"]
    hana, ada, bo = (service.person(name) for name in ("hana", "ada", "bo"))
    await joined(service, group_id, hana, ada, bo)
    assert (await olga("PUT", f"/events/{theirs}/hosts/{hana.id}")).status_code == 200
    assert [(await person.rsvp(other))["status"] for person in (ada, bo)] == ["yes", "waitlist"]
    comment = (await ada("POST", f"/events/{other}/comments", {"body": "Hello"})).json()
    rights: list[tuple[str, str, Any]] = [
        *(("POST", f"/{act}", None) for act in ("publish", "announce", "cancel", "open-rsvps", "close-rsvps")),
        ("PUT", f"/hosts/{hana.id}", None),
        ("POST", "/rsvps", {"member_id": ada.id, "guests": 1}),
        ("POST", "/rsvps", {"member_id": ada.id, "response": "no"}),
        ("POST", f"/waitlist/{bo.id}/promote", {"override": True}),
        ("GET", "/rsvps?status=no", None),
        ("GET", "/attendance", None),
        ("GET", "/checkins/door", None),
        ("POST", "/checkins", {"member_id": ada.id}),
        ("PUT", f"/attendance/{ada.id}", {"status": "no_show"}),
        ("GET", "/messages", None),
        ("POST", "/messages", {"to": "all", "body": "Hello"}),
    ]
    for method, path, body in rights:
        assert why(await hana(method, f"/events/{other}{path}", body)) == (403, "not-allowed"), (method, path)
    edited = await hana("PATCH", f"/events/{other}", {"title": "Rye"}, if_match='"2"')
    assert why(edited) == (403, "not-allowed")
    assert why(await hana("DELETE", f"/comments/{comment['comment_id']}")) == (403, "not-allowed")
    assert why(await hana("GET", f"/events/{draft}")) == (404, "unknown-event")
    assert why(await hana("POST", f"/events/{draft}/publish")) == (404, "unknown-event")
    assert why(await hana("POST", f"/groups/{group_id}/events", evening())) == (403, "not-allowed")
    assert (await olga("GET", f"/events/{other}")).json()["version"] == 2
    assert (await hana("GET", f"/events/{theirs}/attendance")).status_code == 200
    assert (await hana("POST", f"/events/{theirs}/announce")).status_code == 200, "theirs is theirs"


async def test_photos_are_shown(service: Service) -> None:
    olga, group_id = await founded(service)
    photos = ["https://photos.test/1.jpg"]
    made = (await olga("POST", f"/groups/{group_id}/events", evening(photos=photos))).json()
    assert made["photos"] == photos
    path = f"/events/{made['event_id']}"
    assert (await olga("PATCH", path, {"photos": []}, if_match='"1"')).json()["photos"] == []
    assert (await olga("PATCH", path, {"photos": ["file:///etc/passwd"]}, if_match='"2"')).status_code == 422


async def test_a_worker_ends_what_is_over(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id)
    over = clock.utc_now() - timedelta(minutes=1)
    past = {"starts": over - timedelta(hours=1), "ends": over, "due_at": over}
    await service.database["events"].update_one({"_id": event_id}, {"$set": past})

    async def ended() -> bool:
        found = await service.database["events"].find_one({"_id": event_id})
        return found is not None and found["ended_at"] is not None and found["due_at"] is None

    await eventually(ended, within=20)

    async def told() -> list[EventState]:
        said = [EventState.model_validate_json(value) for _, value in await service.of(EventState.topic, event_id)]
        return [one for one in said if one.status == "past"]

    assert len(await eventually(told, within=20)) == 1


async def test_zone_rules_that_changed_are_followed_by_a_command(service: Service) -> None:
    olga, group_id = await founded(service)
    event_id = await service.event(olga, group_id)
    held = await service.database["events"].find_one({"_id": event_id})
    assert held is not None
    stale = {name: held[name] + timedelta(hours=1) for name in ("starts", "ends", "closes")}
    await service.database["events"].update_one({"_id": event_id}, {"$set": stale})
    found = await rezoned(service.database)
    # other tests move times by hand too
    assert 1 <= found.moved <= found.looked_at

    async def followed() -> bool:
        again = await service.database["events"].find_one({"_id": event_id})
        return again is not None and again["starts"] == held["starts"] and again["version"] == held["version"] + 1

    await eventually(followed, within=20)

    async def at_rest() -> bool:
        return (await rezoned(service.database)).moved == 0

    await eventually(at_rest, within=20, every=0.5)
    assert await followed()
