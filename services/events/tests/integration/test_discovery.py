"""Finding events, and one's own RSVPs: over HTTP."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from chassis import clock
from chassis.mongo import Document

from .running import Person, Service
from .test_http import founded


async def begins(service: Service, event_id: str, at: datetime, *, hours: int = 2) -> None:
    """As the event would be, had it been made for then."""
    times: Document = {"starts": at, "ends": at + timedelta(hours=hours)}
    for collection in ("events", "ledgers"):
        assert await service.database[collection].update_one({"_id": event_id}, {"$set": times})


async def test_events_are_found(service: Service) -> None:
    olga, group_id = await founded(service)
    word = f"w{secrets.token_hex(4)}"
    in_north = {"kind": "physical", "name": "Hut", "lat": 78.2, "lon": 15.6}
    north = await service.event(olga, group_id, title=f"{word} North", place=in_north, topics=["Polar Night"])
    south = await service.event(olga, group_id, title=f"{word} South", topics=["Sun"])

    async def found(query: str) -> list[str]:
        return [event["event_id"] for event in (await service.person(None)("GET", f"/events?{query}")).json()["items"]]

    assert set(await found(f"q={word}")) == {north, south}
    assert await found(f"q={word}&near=78.0,15.0&radius_km=100") == [north]
    assert await found(f"q={word}&topic=sun") == [south]
    assert await found(f"q={word}&starting_soon=true") == []
    later = (clock.utc_now() + timedelta(days=60)).isoformat().replace("+", "%2B")
    assert await found(f"q={word}&from={later}") == []
    assert len(await found(f"q={word}&limit=1")) == 1


async def own(person: Person, query: str = "") -> list[str]:
    """The events of one's own RSVPs, page by page."""
    found: list[str] = []
    path = f"/members/me/rsvps?limit=2&{query}"
    while True:
        page = (await person("GET", path)).json()
        found += [one["event_id"] for one in page["items"]]
        if "next_cursor" not in page:
            return found
        path = f"/members/me/rsvps?limit=2&{query}&cursor={page['next_cursor']}"


async def coming_and_gone(service: Service) -> tuple[Person, list[str]]:
    """Ada's RSVPs, oldest event first: two to what is over, one to what is under way, three to what is to come."""
    olga, group_id = await founded(service)
    ada, now = service.person("ada"), clock.utc_now()
    ids = [await service.event(olga, group_id) for _ in range(6)]
    for event_id in ids:
        await ada.rsvp(event_id)
    for event_id, hours in zip(ids, (-50, -30, -1, 20, 40, 60), strict=True):
        await begins(service, event_id, now + timedelta(hours=hours))
    return ada, ids


async def test_ones_own_rsvps_to_what_is_to_come_and_to_what_is_over(service: Service) -> None:
    ada, ids = await coming_and_gone(service)
    assert await own(ada) == ids[::-1]
    assert await own(ada, "when=upcoming") == ids[2:]
    assert await own(ada, "when=past") == ids[1::-1]
    assert (await ada("GET", "/members/me/rsvps?when=never")).status_code == 422
    assert (await service.person(None)("GET", "/members/me/rsvps")).status_code == 401


async def test_ones_own_rsvps_of_one_status(service: Service) -> None:
    ada, ids = await coming_and_gone(service)
    await ada.rsvp(ids[4], "no")
    assert await own(ada, "status=no") == [ids[4]]
    assert await own(ada, "status=yes&when=upcoming") == [ids[2], ids[3], ids[5]]
    assert await own(ada, "status=waitlist") == []


async def test_pages_of_ones_own_rsvps_stay_right_while_rows_are_added(service: Service) -> None:
    ada, ids = await coming_and_gone(service)
    olga, group_id = await founded(service)
    first = (await ada("GET", "/members/me/rsvps?when=upcoming&limit=2")).json()
    assert [one["event_id"] for one in first["items"]] == ids[2:4]
    for hours in (10, 50):
        added = await service.event(olga, group_id)
        await ada.rsvp(added)
        await begins(service, added, clock.utc_now() + timedelta(hours=hours))
    rest = (await ada("GET", f"/members/me/rsvps?when=upcoming&cursor={first['next_cursor']}")).json()
    assert [one["event_id"] for one in rest["items"]] == [ids[4], added, ids[5]]
    assert (await ada("GET", "/members/me/rsvps?cursor=WzFd")).status_code == 400, "a place in another list"


async def found(service: Service, group_id: str, query: str) -> list[str]:
    answer = await service.person(None)("GET", f"/events?group_id={group_id}&{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return [one["event_id"] for one in items]


async def test_events_by_dates_and_those_that_start_soon(service: Service) -> None:
    olga, group_id = await founded(service)
    now = clock.utc_now()
    ids = [await service.event(olga, group_id) for _ in range(5)]
    for event_id, hours in zip(ids, (-30, -1, 5, 23, 30), strict=True):
        await begins(service, event_id, now + timedelta(hours=hours))
    assert await found(service, group_id, "") == ids[1:]
    assert await found(service, group_id, "starting_soon=true") == ids[2:4], "what is under way does not start"

    def at(hours: int) -> str:
        return (now + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")

    assert await found(service, group_id, f"from={at(-48)}") == ids, "what is over, for who looks back"
    assert await found(service, group_id, f"from={at(-48)}&to={at(10)}") == ids[:3]
    assert await found(service, group_id, f"to={at(10)}&starting_soon=true") == [ids[2]]


async def test_nothing_starts_soon_where_nothing_is(service: Service) -> None:
    _, group_id = await founded(service)
    assert await found(service, group_id, "starting_soon=true") == []
