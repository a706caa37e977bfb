"""Calendars of an event, of a group and of one's own: over HTTP."""

import secrets
from datetime import timedelta
from typing import Any

from icalendar import Calendar

from chassis import clock
from testkit import eventually

from .running import Person, Service
from .test_series import founded, made, weekly


async def feed(person: Person, path: str, **headers: str) -> list[Any]:
    answer = await person("GET", path, **headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar: Any = Calendar.from_ical(answer.content)
    assert not calendar.errors
    return list(calendar.events)


async def test_calendars_of_an_event_and_a_group(service: Service) -> None:
    olga, group_id = await founded(service)
    place = {"kind": "online", "url": "https://meet.test/7"}
    series = await made(olga, group_id, weekly(3, place=place))
    single = await service.event(olga, group_id, title="Party")
    nobody, ada = service.person(None), service.person("ada")
    path = f"/groups/{group_id}/events.ics"
    found = await feed(nobody, path)
    assert sorted(str(one["SUMMARY"]) for one in found) == ["Bread", "Bread", "Bread", "Party"]
    assert len({str(one["UID"]) for one in found}) == 2
    assert sum("RECURRENCE-ID" in one for one in found) == 3
    seen = await nobody("GET", path)
    assert (await nobody("GET", path, if_none_match=seen.headers["etag"])).status_code == 304
    first = series["occurrences"][0]["event_id"]
    assert (await olga("POST", f"/events/{first}/cancel")).status_code == 200
    again = await nobody("GET", path, if_none_match=seen.headers["etag"])
    assert again.status_code == 200
    assert b"STATUS:CANCELLED" in again.content
    second = series["occurrences"][1]["event_id"]
    await ada.rsvp(second)
    assert "meet.test" not in str((await feed(nobody, f"/events/{second}.ics"))[0].get("LOCATION"))
    assert (await feed(ada, f"/events/{second}.ics"))[0]["LOCATION"] == "https://meet.test/7"
    assert (await nobody("GET", "/events/unknown.ics")).status_code == 404
    assert (await feed(nobody, f"/events/{single}.ics"))[0]["UID"] == f"{single}@convene"


async def test_a_private_groups_calendar_is_for_its_members(service: Service) -> None:
    olga, group_id = await founded(service, visibility="private")
    event_id = await service.event(olga, group_id)
    nobody = service.person(None)
    assert (await nobody("GET", f"/groups/{group_id}/events.ics")).status_code == 403
    assert len(await feed(olga, f"/groups/{group_id}/events.ics")) == 1
    [outside] = await feed(nobody, f"/events/{event_id}.ics")
    assert "LOCATION" not in outside


async def test_ones_own_calendar_is_secret_and_can_be_taken_back(service: Service) -> None:
    olga, group_id = await founded(service)
    place = {"kind": "online", "url": "https://meet.test/8"}
    going, full = [await service.event(olga, group_id, place=place, capacity=1) for _ in range(2)]
    ada, nobody = service.person("ada"), service.person(None)
    await service.person("bo").rsvp(full)
    await ada.rsvp(going)
    await ada.rsvp(full)
    assert (await nobody("POST", "/members/me/calendar")).status_code == 401
    key = secrets.token_hex(8)
    given = await ada("POST", "/members/me/calendar", idempotency_key=key)
    assert given.status_code == 201, given.text
    assert (await ada("POST", "/members/me/calendar", idempotency_key=key)).content == given.content
    url, made = given.json()["url"], given.json()
    assert url.startswith("https://convene.test/v1/calendars/")
    assert url == f"https://convene.test{given.headers['location']}"
    assert (made["version"], made["updated_at"]) == (1, made["created_at"])
    assert made["token"] not in made["calendar_id"]
    path = url.removeprefix("https://convene.test/v1")
    found = {str(one["UID"]): one for one in await feed(nobody, path)}
    assert {uid: str(one["STATUS"]) for uid, one in found.items()} == {
        f"{going}@convene": "CONFIRMED",
        f"{full}@convene": "TENTATIVE",
    }
    assert found[f"{going}@convene"]["LOCATION"] == "https://meet.test/8"
    assert "LOCATION" not in found[f"{full}@convene"]
    token = given.json()["token"]
    for collection in ("calendars", "journal", "results"):
        kept = await service.database[collection].find({})
        assert token not in str(kept), f"the secret is readable in {collection}"
    anew = await ada("POST", "/members/me/calendar")
    assert (anew.json()["url"] != url, anew.json()["calendar_id"] != made["calendar_id"]) == (True, True)
    assert (await nobody("GET", path)).status_code == 404
    other = anew.json()["url"].removeprefix("https://convene.test/v1")
    assert len(await feed(nobody, other)) == 2
    assert (await ada("DELETE", "/members/me/calendar")).status_code == 204
    assert (await nobody("GET", other)).status_code == 404


async def stands(service: Service, group_id: str, person: Person, state: str) -> None:
    """The person's membership, once the service knows of it."""
    await service.groups.membership(group_id, person.id or "", state)
    known = {"_id": f"{group_id}:{person.id}", "state": state}
    await eventually(lambda: service.database["memberships"].find_one(known), within=20)


async def test_ones_own_calendar_shows_no_more_of_a_private_event_than_the_event_does(service: Service) -> None:
    """Whoever asked to be let in, and whoever was a member when it began, sees title and time; members see all."""
    olga, group_id = await founded(service, visibility="private", join_mode="approval")
    mia, ada, bo = [service.person(name) for name in ("mia", "ada", "bo")]
    for person in (ada, bo):
        await stands(service, group_id, person, "active")
    place: dict[str, Any] = {"kind": "hybrid", "name": "Teahouse", "address": "Torstr. 1", "lat": 52.53, "lon": 13.4}
    place["online"] = {"url": "https://meet.test/9"}
    event_id = await service.event(olga, group_id, description="Bring the red book", topics=["Secrets"], place=place)
    assert [(await one.rsvp(event_id))["status"] for one in (mia, ada, bo)] == ["requested", "yes", "yes"]
    begun = {"starts": clock.utc_now() - timedelta(minutes=1)}
    for collection in ("events", "ledgers"):
        await service.database[collection].update_one({"_id": event_id}, {"$set": begun})
    await stands(service, group_id, bo, "banned")
    seen = []
    for person in (mia, ada, bo):
        url = (await person("POST", "/members/me/calendar")).json()["url"]
        seen += await feed(service.person(None), url.removeprefix("https://convene.test/v1"))
    assert [str(one["SUMMARY"]) for one in seen] == ["Bread"] * 3
    assert [str(one["STATUS"]) for one in seen] == ["TENTATIVE", "CONFIRMED", "CONFIRMED"]
    inside = {"DESCRIPTION", "CATEGORIES", "LOCATION", "CONFERENCE", "GEO"}
    assert [inside & set(one) for one in seen] == [set(), inside - {"CONFERENCE"}, set()]
    assert seen[1]["LOCATION"] == "Teahouse, Torstr. 1"
