"""What callers meet of network events: over HTTP, with real servers behind it."""

import secrets
from dataclasses import dataclass
from typing import Any

import pytest

from contracts.events import EventState, NetworkEventMade
from testkit import eventually

from .running import Person, Service, evening
from .test_series import why

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo")


@dataclass(frozen=True)
class Union:
    """A network nobody else has, its admin, and its chapters with one organizer for all of them."""

    network_id: str
    admin: Person
    olga: Person
    groups: list[str]


async def united(service: Service, **changes: object) -> Union:
    admin, olga, network_id = service.person("ada"), service.person("olga"), f"n{secrets.token_hex(4)}"
    await service.groups.network(network_id, admin.id or "")
    groups = [f"{network_id}-{n}" for n in range(len(ZONES))]
    for group_id, zone in zip(groups, ZONES, strict=True):
        await service.groups.group(group_id, olga.id or "", timezone=zone, network_id=network_id, **changes)
    await eventually(lambda: service.database["networks"].find_one({"_id": network_id}), within=20)
    wanted = {"network_id": network_id}
    await eventually(lambda: _there(service, wanted, len(groups)), within=20)
    return Union(network_id, admin, olga, groups)


async def _there(service: Service, where: dict[str, str], count: int) -> bool:
    return await service.database["groups"].count(where) == count


def template(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in evening(**changes).items() if name != "timezone"}


async def made(union: Union, **changes: Any) -> dict[str, Any]:
    path = f"/networks/{union.network_id}/events"
    answer = await union.admin("POST", path, template(**{"publish": True, **changes}))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/v1/network-events/{found['network_event_id']}"
    await settled(union, found["network_event_id"])
    return found


async def chapters(union: Union, network_event_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    query = "?limit=2"
    while query:
        page = (await union.admin("GET", f"/network-events/{network_event_id}/chapters{query}")).json()
        found += page["items"]
        query = f"?limit=2&cursor={page['next_cursor']}" if page.get("next_cursor") else ""
    return found


async def settled(union: Union, network_event_id: str) -> dict[str, Any]:
    """The network event, once every copy has done what it wants."""

    async def done() -> dict[str, Any]:
        found: dict[str, Any] = (await union.admin("GET", f"/network-events/{network_event_id}")).json()
        progress = found["progress"]
        follow = [
            one.get("version") for one in await chapters(union, network_event_id) if one["state"] in ("planned", "made")
        ]
        behind = found["status"] != "cancelled" and any(version != found["version"] for version in follow)
        return {} if progress["under_way"] or progress["waiting"] or behind else found

    return await eventually(done, within=30)


async def test_one_template_is_an_event_in_each_chapters_zone(service: Service) -> None:
    union = await united(service)
    found = await made(union)
    progress = (await union.admin("GET", f"/network-events/{found['network_event_id']}")).json()["progress"]
    assert (progress["total"], progress["made"], progress["under_way"]) == (3, 3, False)
    rows = await chapters(union, found["network_event_id"])
    assert [(one["group_id"], one["state"], one["timezone"]) for one in rows] == [
        (group_id, "made", zone) for group_id, zone in zip(union.groups, ZONES, strict=True)
    ]
    nobody = service.person(None)
    events = [(await nobody("GET", f"/events/{one['event_id']}")).json() for one in rows]
    assert [(one["starts_at"], one["timezone"], one["status"]) for one in events] == [
        (found["starts_at"], zone, "published") for zone in ZONES
    ]
    assert len({one["starts_at_utc"] for one in events}) == 3
    assert {(one["network_id"], one["network_event_id"]) for one in events} == {
        (union.network_id, found["network_event_id"])
    }
    listed = (await nobody("GET", f"/events?network_id={union.network_id}")).json()["items"]
    assert [one["timezone"] for one in listed] == ["Asia/Tokyo", "Europe/Berlin", "America/New_York"]
    one_group = f"/events?network_id={union.network_id}&group_id={union.groups[0]}"
    assert [one["group_id"] for one in (await nobody("GET", one_group)).json()["items"]] == [union.groups[0]]

    async def told() -> list[NetworkEventMade]:
        said = [await service.of(NetworkEventMade.topic, one["event_id"]) for one in rows]
        return [NetworkEventMade.model_validate_json(lines[0][1]) for lines in said if len(lines) == 1]

    messages = await eventually(lambda: _all_of(told, 3), within=20)
    assert {(one.group_id, one.status) for one in messages} == {(group_id, "published") for group_id in union.groups}


async def _all_of(find: Any, count: int) -> Any:
    found = await find()
    return found if len(found) == count else None


async def test_a_chapter_changes_its_copy_and_the_rest_follows_the_network(service: Service) -> None:
    union = await united(service)
    found = await made(union)
    path, rows = f"/network-events/{found['network_event_id']}", await chapters(union, found["network_event_id"])
    own = rows[1]["event_id"]
    assert (await union.olga("PATCH", f"/events/{own}", {"title": "Rye"}, if_match='"2"')).status_code == 200
    assert why(await union.olga("PATCH", path, {"title": "Buns"}, if_match='"1"')) == (403, "not-an-admin")
    assert (await union.admin("PATCH", path, {"title": "Buns"})).status_code == 428
    edited = await union.admin("PATCH", path, {"title": "Buns", "capacity": 30}, if_match='"1"')
    assert (edited.status_code, edited.headers["etag"]) == (200, '"2"'), edited.text
    assert why(await union.admin("PATCH", path, {"title": "Bun"}, if_match='"1"')) == (412, "stale-version")
    await settled(union, found["network_event_id"])
    rows = await chapters(union, found["network_event_id"])
    assert [(one["title"], one["changed"]) for one in rows] == [("Buns", []), ("Rye", ["title"]), ("Buns", [])]

    async def told() -> bool:
        said = await service.of(EventState.topic, own)
        return EventState.model_validate_json(said[-1][1]).changed == ["capacity"]

    await eventually(told, within=30)


async def test_opting_out_and_cancelling(service: Service) -> None:
    union = await united(service)
    found = await made(union)
    path, rows = f"/network-events/{found['network_event_id']}", await chapters(union, found["network_event_id"])
    apart = f"{path}/chapters/{union.groups[0]}"
    assert why(await service.person("mia")("DELETE", apart)) == (403, "not-allowed")
    gone = await union.olga("DELETE", apart)
    assert (gone.status_code, gone.json()["state"]) == (200, "opted-out")
    assert why(await union.admin("DELETE", f"{path}/chapters/nothing")) == (404, "unknown-chapter")
    assert why(await union.admin("POST", f"{path}/cancel", if_match='"999"')) == (412, "stale-version")
    cancelled = await union.admin("POST", f"{path}/cancel", if_match=(await union.admin("GET", path)).headers["etag"])
    assert cancelled.json()["status"] == "cancelled"
    events = [one["event_id"] for one in rows]

    async def called_off() -> bool:
        shown = [(await union.olga("GET", f"/events/{one}")).json() for one in events]
        own = shown[0].get("network_event_id") is None
        return own and [one["status"] for one in shown] == ["published", "cancelled", "cancelled"]

    await eventually(called_off, within=30)
    progress = (await union.admin("GET", path)).json()["progress"]
    assert (progress["opted_out"], progress["waiting"]) == (1, 0)
    shown = [(one["state"], one.get("event_id")) for one in await chapters(union, found["network_event_id"])]
    assert shown == [("opted-out", None), ("made", events[1]), ("made", events[2])], "what is its own is its own"
    assert why(await union.admin("PATCH", path, {"title": "Buns"}, if_match='"2"')) == (409, "network-event-cancelled")


async def test_drafts_wait_for_their_leaders_until_all_are_published(service: Service) -> None:
    union = await united(service)
    found = await made(union, publish=False)
    path, rows = f"/network-events/{found['network_event_id']}", await chapters(union, found["network_event_id"])
    assert [one["status"] for one in rows] == ["draft"] * 3
    assert (await service.person(None)("GET", f"/events/{rows[0]['event_id']}")).status_code == 404
    assert (await union.olga("GET", f"/events/{rows[0]['event_id']}")).json()["status"] == "draft"
    assert (await union.olga("DELETE", f"/events/{rows[2]['event_id']}")).status_code == 204

    async def opted_out() -> bool:
        progress = (await union.admin("GET", path)).json()["progress"]
        return bool(progress["opted_out"] == 1)

    await eventually(opted_out, within=20)
    assert (await union.admin("POST", f"{path}/publish")).json()["status"] == "published"
    await settled(union, found["network_event_id"])
    rows = await chapters(union, found["network_event_id"])
    assert [one.get("status") for one in rows] == ["published", "published", None]


async def test_the_draft_of_a_chapter_that_left_is_no_longer_shown_to_the_networks_admins(service: Service) -> None:
    union = await united(service)
    found = await made(union, publish=False)
    path, rows = f"/network-events/{found['network_event_id']}", await chapters(union, found["network_event_id"])
    await service.groups.group(union.groups[0], union.olga.id or "", timezone=ZONES[0], network_id=None)

    async def left() -> bool:
        event = (await union.olga("GET", f"/events/{rows[0]['event_id']}")).json()
        progress = (await union.admin("GET", path)).json()["progress"]
        return event.get("network_event_id") is None and progress["left"] == 1

    await eventually(left, within=30)
    assert (await union.olga("GET", f"/events/{rows[0]['event_id']}")).json()["status"] == "draft"
    after = await chapters(union, found["network_event_id"])
    assert after[0] == {"group_id": union.groups[0], "state": "left", "timezone": ZONES[0]}
    assert after[1:] == rows[1:]


async def test_a_group_that_leaves_the_network_keeps_its_event(service: Service) -> None:
    union = await united(service)
    found = await made(union)
    rows = await chapters(union, found["network_event_id"])
    await service.groups.group(union.groups[0], union.olga.id or "", timezone=ZONES[0], network_id=None)

    async def left() -> bool:
        event = (await union.olga("GET", f"/events/{rows[0]['event_id']}")).json()
        progress = (await union.admin("GET", f"/network-events/{found['network_event_id']}")).json()["progress"]
        return event.get("network_event_id") is None and progress["left"] == 1

    await eventually(left, within=30)
    listed = (await union.olga("GET", f"/events?network_id={union.network_id}")).json()["items"]
    assert {one["group_id"] for one in listed} == {*union.groups[1:]}


async def test_chapters_that_come_later_are_brought_in_when_the_admins_ask_for_it(service: Service) -> None:
    union = await united(service)
    found = await made(union)
    path, late = f"/network-events/{found['network_event_id']}", f"{union.network_id}-late"
    await service.groups.group(late, union.olga.id or "", timezone="Africa/Lagos", network_id=union.network_id)
    await eventually(lambda: service.database["groups"].find_one({"_id": late}), within=20)
    assert why(await union.olga("POST", f"{path}/chapters")) == (403, "not-an-admin")
    asked = await union.admin("POST", f"{path}/chapters")
    assert (asked.status_code, asked.headers["etag"]) == (200, '"1"')

    async def there() -> list[dict[str, Any]]:
        return [one for one in await chapters(union, found["network_event_id"]) if one["state"] == "made"][3:]

    [copy] = await eventually(there, within=30)
    shown = (await service.person(None)("GET", f"/events/{copy['event_id']}")).json()
    assert (shown["group_id"], shown["timezone"], shown["status"]) == (late, "Africa/Lagos", "published")
    assert (await settled(union, found["network_event_id"]))["progress"]["made"] == 4


async def test_network_events_are_for_their_admins(service: Service) -> None:
    union = await united(service)
    found = await made(union)
    stranger, path = service.person("mia"), f"/network-events/{found['network_event_id']}"
    for each in (path, f"{path}/chapters", f"/networks/{union.network_id}/events"):
        assert why(await stranger("GET", each)) == (403, "not-an-admin")
        assert (await service.person(None)("GET", each)).status_code == 401
    listed = (await union.admin("GET", f"/networks/{union.network_id}/events")).json()["items"]
    assert [one["network_event_id"] for one in listed] == [found["network_event_id"]]
    assert why(await stranger("POST", f"/networks/{union.network_id}/events", template())) == (403, "not-an-admin")
    assert (await stranger("POST", "/networks/nothing/events", template())).status_code == 404
    assert why(await stranger("GET", "/network-events/nothing")) == (404, "unknown-network-event")


@pytest.mark.parametrize(("field", "value"), [("timezone", "Europe/Berlin"), ("hosts", ["ada"])])
async def test_a_template_has_no_zone_and_no_hosts(service: Service, field: str, value: object) -> None:
    refused = await service.person()("POST", "/networks/any/events", {**template(), field: value})
    assert refused.status_code == 422, refused.text
    assert [error["pointer"] for error in refused.json()["errors"]] == [f"body/{field}"]


async def test_a_repeat_makes_the_same_network_event(service: Service) -> None:
    union = await united(service)
    key, path = secrets.token_hex(8), f"/networks/{union.network_id}/events"
    first = await union.admin("POST", path, template(publish=True), idempotency_key=key)
    again = await union.admin("POST", path, template(publish=True), idempotency_key=key)
    assert (first.status_code, first.content) == (201, again.content)
    await settled(union, first.json()["network_event_id"])
    assert len((await union.admin("GET", path)).json()["items"]) == 1
