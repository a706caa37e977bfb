"""A network event in three zones, from its admin to the people who come."""

from datetime import datetime
from secrets import token_hex
from typing import Any
from zoneinfo import ZoneInfo

from convene.acting.platform import Json, Person
from convene.acting.platform import Platform as Outside
from testkit import eventually

CITIES = (
    ("Auckland", "NZ", -36.85, 174.76, "Pacific/Auckland"),
    ("Berlin", "DE", 52.52, 13.4, "Europe/Berlin"),
    ("Los Angeles", "US", 34.05, -118.24, "America/Los_Angeles"),
)
EVENING: Json = {"title": "Lightning talks", "starts_at": "2099-05-05T18:30:00", "ends_at": "2099-05-05T20:30:00"}


async def chapter(admin: Person, leader: Person, network: str, city: tuple[Any, ...]) -> str:
    """A group of the leader's in the network."""
    name, country, lat, lon, zone = city
    place = {"city": name, "country": country, "lat": lat, "lon": lon, "timezone": zone}
    made = await leader.post("groups", "/v1/groups", {"name": f"Python {name} {token_hex(3)}", **place})
    path = f"/v1/networks/{network}/chapters/{made['group_id']}"
    await admin.put("groups", path)
    await leader.post("groups", f"{path}/accept")
    return str(made["group_id"])


async def test_one_template_in_three_zones(outside: Outside) -> None:
    run = token_hex(3)
    admin, guest = outside.person(f"ada-{run}"), outside.person(f"guest-{run}")
    leaders = [outside.person(f"leader{n}-{run}") for n in range(len(CITIES))]
    network = (await admin.post("groups", "/v1/networks", {"name": f"Python {run}"}))["network_id"]
    groups = [await chapter(admin, leader, network, city) for leader, city in zip(leaders, CITIES, strict=True)]
    for leader in leaders:
        admin.positions |= {where: n for where, n in leader.positions.items() if where.startswith("groups.group.v1:")}

    made = await admin.post("events", f"/v1/networks/{network}/events", {**EVENING, "publish": True})
    path = f"/v1/network-events/{made['network_event_id']}"

    async def chapters(version: int) -> list[Json]:
        rows: list[Json] = (await admin.get("events", f"{path}/chapters"))["items"]
        there = [row for row in rows if row["state"] == "made" and row["version"] == version]
        return rows if len(there) == len(CITIES) else []

    rows = {row["group_id"]: row for row in await eventually(lambda: chapters(1), within=60)}
    for group, city in zip(groups, CITIES, strict=True):
        starts = datetime.fromisoformat(rows[group]["starts_at_utc"]).astimezone(ZoneInfo(city[-1]))
        assert (starts.replace(tzinfo=None).isoformat(), rows[group]["status"]) == (EVENING["starts_at"], "published")
    found = await outside.anonymous("events", f"/v1/events?network_id={network}")
    assert {event["event_id"] for event in found["items"]} == {row["event_id"] for row in rows.values()}

    async def told(person: Person, kind: str) -> list[Json]:
        lines: list[Json] = (await person.get("notifications", "/v1/inbox"))["items"]
        return [line for line in lines if line["kind"] == kind]

    for leader, group in zip(leaders, groups, strict=True):
        [line] = await eventually(lambda leader=leader: told(leader, "network.event"), within=60)  # type: ignore[misc]  # a lambda's default
        assert (line["group_id"], line["event_id"]) == (group, rows[group]["event_id"])
        assert "Lightning talks" in line["text"]

    await guest.put("events", f"/v1/events/{rows[groups[2]]['event_id']}/rsvp", {"response": "yes"})
    own = f"/v1/events/{rows[groups[1]]['event_id']}"
    version = (await leaders[1].get("events", own))["version"]
    await leaders[1].call("PATCH", "events", own, {"title": "Blitzvorträge"}, if_match=version)
    later = {"title": "Talks", "starts_at": "2099-05-05T19:00:00"}
    await admin.call("PATCH", "events", path, later, if_match=1)
    rows = {row["group_id"]: row for row in await eventually(lambda: chapters(2), within=60)}
    assert [rows[group]["title"] for group in groups] == ["Talks", "Blitzvorträge", "Talks"]
    assert {row["starts_at"] for row in rows.values()} == {"2099-05-05T19:00:00"}
    assert [rows[group]["changed"] for group in groups] == [[], ["title"], []]
    [line] = await eventually(lambda: told(guest, "event.changed"), within=60)
    assert line["event_id"] == rows[groups[2]]["event_id"]

    async def counted() -> Json:
        total: Json = (await admin.get("groups", f"/v1/networks/{network}/pulse"))["total"]
        return total if total["rsvps"] == 1 else {}

    total = await eventually(counted, within=60)
    assert (total["chapters"], total["events"]) == (3, 3), "each copy counts once, in its chapter"

    await leaders[0].call("DELETE", "events", f"{path}/chapters/{groups[0]}")
    await admin.post("events", f"{path}/cancel")
    [line] = await eventually(lambda: told(guest, "event.cancelled"), within=60)
    assert line["event_id"] == rows[groups[2]]["event_id"]

    async def statuses() -> bool:
        now = [
            (await outside.anonymous("events", f"/v1/events/{rows[group]['event_id']}"))["status"] for group in groups
        ]
        return now == ["published", "cancelled", "cancelled"]

    await eventually(statuses, within=60)
