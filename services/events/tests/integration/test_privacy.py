"""What a member takes along from events, and how long a secret of theirs is kept for a repeat."""

from secrets import token_hex

from chassis.journal.forgetting import forget_secrets
from chassis.mongo import Document
from events_service.store.privacy import EventsHoldings

from .running import Person, Service
from .test_series import founded


async def exported(service: Service, who: Person) -> dict[str, list[Document]]:
    """What this service gathers, by its name in the archive."""
    found: dict[str, list[Document]] = {}
    async for name, documents in EventsHoldings().gather(service.database, str(who.id)):
        found.setdefault(name, []).extend(documents)
    return found


async def test_an_export_has_the_events_that_its_member_hosts(service: Service) -> None:
    olga, group_id = await founded(service)
    hana, ivy = service.person("hana"), service.person("ivy")
    events = [await service.event(olga, group_id, title=f"Bread {n}") for n in range(3)]
    for event_id in events[:2]:
        assert (await olga("PUT", f"/events/{event_id}/hosts/{hana.id}")).is_success
        assert (await olga("PUT", f"/events/{event_id}/hosts/{ivy.id}")).is_success
    assert (await olga("DELETE", f"/events/{events[0]}/hosts/{ivy.id}")).is_success
    found = await exported(service, hana)
    hosted = {one["id"]: one for one in found["hosted"]}
    assert hosted.keys() == set(events[:2])
    assert {one["title"] for one in hosted.values()} == {"Bread 0", "Bread 1"}
    assert {one["group_id"] for one in hosted.values()} == {group_id}
    assert str(ivy.id) not in str(found)
    assert [one["id"] for one in (await exported(service, ivy))["hosted"]] == [events[1]]
    assert "hosted" not in await exported(service, olga)


async def test_a_calendars_address_is_told_to_a_repeat_for_a_day(service: Service) -> None:
    ada, key = service.person("ada"), token_hex(8)
    made = await ada("POST", "/members/me/calendar", idempotency_key=key)
    assert (made.status_code, made.json()["token"] in made.json()["url"]) == (201, True)
    assert (await ada("POST", "/members/me/calendar", idempotency_key=key)).json() == made.json()
    results = service.database["results"]
    mine = {"personal.of": ada.id, "once.fields": "token"}
    assert await results.update_many(mine, [{"$set": {"once.until": "$$NOW"}}]) == 1
    await forget_secrets(service.database)
    again = await ada("POST", "/members/me/calendar", idempotency_key=key)
    assert (again.status_code, again.json()) == (201, {**made.json(), "url": None, "token": None})
    path = made.json()["url"].partition("/v1")[2]
    assert (await service.person(None)("GET", path)).status_code == 200
