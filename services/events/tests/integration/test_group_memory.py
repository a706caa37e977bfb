"""What a group remembers of who came and who stayed away: over HTTP."""

from typing import Any

from chassis.mongo import Document
from events_service.store.privacy import EventsHoldings
from testkit import eventually

from .running import Person, Service
from .test_attendance_http import began, evening_with


async def remembered(olga: Person, event_id: str, member_id: str | None) -> Document | None:
    """As leaders read it beside somebody's RSVP, if there is anything."""
    page = (await olga("GET", f"/events/{event_id}/attendance")).json()
    found: dict[str, Document] = {item["member_id"]: item for item in page["items"]}
    return found[member_id or ""].get("record")


async def becomes(service: Service, group_id: str, member_id: str, state: str) -> None:
    """Somebody's membership, once the service knows of it."""
    await service.groups.membership(group_id, member_id, state)
    now: dict[str, Any] = {"_id": f"{group_id}:{member_id}", "state": state}
    await eventually(lambda: service.database["memberships"].find_one(now), within=20)


async def test_no_shows_stay_counted_when_somebody_leaves_the_group_and_comes_back(service: Service) -> None:
    olga, group_id, first, [ada] = await evening_with(service, "ada")
    noted = await olga("PUT", f"/events/{first}/attendance/{ada.id}", {"status": "no_show"})
    assert noted.status_code == 200, noted.text
    once, twice = ({"attended": 0, "no_show": many, "excused": 0} for many in (1, 2))

    async def counts(event_id: str, wanted: Document) -> bool:
        return await remembered(olga, event_id, ada.id) == wanted

    await eventually(lambda: counts(first, once), within=30)
    await becomes(service, group_id, ada.id or "", "left")
    assert await remembered(olga, first, ada.id) == once, "who has left is remembered"
    page = (await olga("GET", f"/events/{first}/attendance")).json()
    assert page["summary"]["no_show"] == 1
    await becomes(service, group_id, ada.id or "", "active")
    second = await service.event(olga, group_id)
    assert (await ada.rsvp(second))["status"] == "yes"
    assert await remembered(olga, second, ada.id) == once, "and when they are back"
    await began(service, second)
    assert (await olga("PUT", f"/events/{second}/attendance/{ada.id}", {"status": "no_show"})).status_code == 200
    await eventually(lambda: counts(second, twice), within=30)


async def test_who_is_forgotten_is_remembered_by_no_group(service: Service) -> None:
    olga, group_id, event_id, [ada] = await evening_with(service, "ada")
    await olga("PUT", f"/events/{event_id}/attendance/{ada.id}", {"status": "no_show"})
    record = {"_id": f"record:{group_id}:{ada.id}"}

    async def known() -> bool:
        return bool(await service.database["records"].find_one(record))

    async def gone() -> bool:
        return await EventsHoldings().erase(service.database, ada.id or "")

    await eventually(known, within=30)
    await eventually(gone, within=30)
    [kept] = await service.database["records"].find(record)
    assert (kept["no_show"], kept["forgotten"]) == (0, True)
    rows = {name async for name, _ in EventsHoldings().gather(service.database, ada.id or "")}
    assert "attendance" not in rows
