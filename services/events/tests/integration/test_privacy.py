"""What a member takes along from events, and how long a secret of theirs is kept for a repeat."""

from datetime import timedelta
from secrets import token_hex

from chassis import clock
from chassis.journal.forgetting import forget_secrets
from chassis.mongo import Document
from contracts.events import EventState
from events_service.store.privacy import EventsHoldings
from testkit import eventually

from .running import Person, Service, evening
from .test_discovery import begins
from .test_network_events import made as made_of_network
from .test_network_events import united
from .test_series import founded, made, weekly


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


async def test_who_comes_back_after_they_were_forgotten_has_no_place_at_what_has_begun(service: Service) -> None:
    olga, group_id = await founded(service)
    ada = service.person("ada")
    event_id = await service.event(olga, group_id, host_notes="Blue door")
    await ada.rsvp(event_id)
    link = (await ada("POST", "/members/me/calendar")).json()["url"].partition("/v1")[2]
    await begins(service, event_id, clock.utc_now() - timedelta(hours=1))
    assert (await ada("GET", f"/events/{event_id}")).json()["host_notes"] == "Blue door"
    assert f"UID:{event_id}" in (await service.person(None)("GET", link)).text
    await service.database["rsvps"].update_one({"_id": f"{event_id}:{ada.id}"}, {"$set": {"erased": True}})
    assert "host_notes" not in (await ada("GET", f"/events/{event_id}")).json()
    assert (await ada("GET", f"/events/{event_id}/rsvp")).status_code == 404
    assert (await ada("GET", f"/events/{event_id}/messages")).status_code == 403
    assert event_id not in (await service.person(None)("GET", link)).text


async def test_who_is_forgotten_hosts_nothing_any_more_and_is_found_again_who_came_back(service: Service) -> None:
    olga, group_id = await founded(service)
    ada, hana, ivy = service.person("ada"), service.person("hana"), service.person("ivy")
    both = [hana.id, ivy.id]
    event_id = await service.event(olga, group_id, hosts=both, capacity=1)
    for who in (hana, ada):
        assert (await who.rsvp(event_id))["status"] == "yes"
    draft = (await olga("POST", f"/groups/{group_id}/events", evening(hosts=both))).json()["event_id"]
    series = await made(olga, group_id, weekly(2, hosts=both))
    holdings, database = EventsHoldings(), service.database

    async def forgotten() -> bool:
        return await holdings.erase(database, hana.id or "")

    async def told() -> bool:
        states = [EventState.model_validate_json(value) for _, value in await service.of(EventState.topic, event_id)]
        return states[-1].hosts == [ivy.id]

    await eventually(forgotten, within=30)
    places = (("events", "hosts"), ("ledgers", "hosts"), ("series", "details.hosts"))
    assert [await database[name].count({where: hana.id}) for name, where in places] == [0, 0, 0]
    shown = (await olga("GET", f"/events/{event_id}")).json()
    assert (shown["hosts"], shown["seats_used"]) == ([ivy.id], 1)
    assert (await olga("GET", f"/events/{draft}")).json()["hosts"] == [ivy.id]
    await eventually(told, within=20)
    path = f"/series/{series['series_id']}"
    etag = (await olga("GET", path)).headers["etag"]
    longer = await olga("PATCH", path, {"rrule": "FREQ=WEEKLY;COUNT=3"}, if_match=etag)
    dates = [(await olga("GET", f"/events/{one['event_id']}")).json() for one in longer.json()["occurrences"]]
    assert [date["hosts"] for date in dates] == [[ivy.id]] * 3
    assert (await olga("PUT", f"/events/{event_id}/hosts/{hana.id}")).json()["hosts"] == [ivy.id, hana.id]
    assert not await forgotten()
    await eventually(forgotten, within=30)
    assert (await olga("GET", f"/events/{event_id}")).json()["hosts"] == [ivy.id]


async def test_what_who_is_forgotten_has_made_does_not_say_so_any_more(service: Service) -> None:
    olga, group_id = await founded(service)
    await service.groups.membership(group_id, olga.id or "", "active")
    event_id = await service.event(olga, group_id)
    draft = (await olga("POST", f"/groups/{group_id}/events", evening())).json()["event_id"]
    called_off = await service.event(olga, group_id, hosts=[olga.id])
    assert (await olga("POST", f"/events/{called_off}/cancel")).is_success
    # as the first release let drafts be
    await service.database["events"].update_one({"_id": called_off}, {"$set": {"published": False}})
    series = await made(olga, group_id, weekly(2))
    union = await united(service)
    network_event = await made_of_network(union)
    holdings, database = EventsHoldings(), service.database
    places = [database[name] for name in ("events", "series", "network_events")]

    async def gone() -> bool:
        both = [await holdings.erase(database, str(who.id)) for who in (olga, union.admin)]
        return all(both)

    async def told() -> bool:
        topic, both = EventState.topic, (event_id, called_off)
        last = [(await service.of(topic, one))[-1][1] for one in both]
        return [EventState.model_validate_json(value).created_by for value in last] == ["", ""]

    theirs = {"created_by": {"$in": [olga.id, union.admin.id]}}
    assert [await place.count(theirs) for place in places] == [8, 1, 1]
    await eventually(gone, within=60)
    assert [await place.count(theirs) for place in places] == [0, 0, 0]
    await eventually(told, within=20)
    shown = [f"/events/{event_id}", f"/events/{draft}", f"/events/{called_off}", f"/series/{series['series_id']}"]
    for path in shown:
        assert (await olga("GET", path)).json()["created_by"] is None
    assert (await olga("GET", f"/events/{called_off}")).json()["hosts"] == []
    assert (await service.person(None)("GET", f"/events/{called_off}")).status_code == 404
    path = f"/network-events/{network_event['network_event_id']}"
    assert (await union.admin("GET", path)).json()["created_by"] is None
    # what was made before goes on
    assert (await olga("PATCH", f"/events/{draft}", {"title": "Rye"}, if_match='"2"')).json()["title"] == "Rye"
