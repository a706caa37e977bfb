"""What there is to ask about while an API is tried out: a group and its people, posts, networks, events, an inbox."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from convene.acting.platform import Json, Person
from convene.acting.platform import Platform as Outside
from convene.issuer.tokens import mint
from testkit import eventually

GROUP: Json = {
    "name": "Described",
    "city": "Lyon",
    "country": "FR",
    "lat": 45.76,
    "lon": 4.84,
    "timezone": "Europe/Paris",
}
EVENT: Json = {
    "title": "Described",
    "starts_at": "2099-05-05T18:30:00",
    "ends_at": "2099-05-05T20:30:00",
    "timezone": "Europe/Paris",
}


@dataclass(frozen=True, slots=True)
class World:
    """host leads what there is, guest is a member and has an inbox, leaver is there to be forgotten; admin: a token of
    one of the platform's admins.

    there: by the word before a path's parameter and the parameter, `groups/{name}`, or by method and path what one
    operation is to find instead, because it ends it.
    """

    host: Person
    guest: Person
    leaver: Person
    admin: str
    there: dict[str, Any]


async def furnish(outside: Outside) -> World:
    """A world of its own on the platform."""
    host, guest, leaver = (outside.person(f"{name}-{token_hex(3)}") for name in ("host", "guest", "leaver"))
    for one in (host, guest, leaver):
        await one.put("groups", "/v1/members/me", {"name": one.member_id})
    admin = mint(outside.key, outside.issuer, f"root-{token_hex(3)}", scopes=["admin"], now=int(time.time()))
    there = {**await _groups(host, guest), **await _events(host, guest), **await _network_events(host)}
    return World(host, guest, leaver, admin, there)


async def _group(host: Person, *members: Person, how: str = "open") -> str:
    made = await host.post("groups", "/v1/groups", {**GROUP, "join_mode": how})
    for member in members:
        await member.put("groups", f"/v1/groups/{made['group_id']}/membership")
    return str(made["group_id"])


async def _groups(host: Person, guest: Person) -> dict[str, Any]:
    group, closing, given, left = [await _group(*people) for people in ((host, guest), (host,), (host, guest), (host,))]
    guests, joined = [await _group(guest) for _ in range(2)]
    by_request = await _group(host, how="approval")
    welcome, unwelcome = (guest.platform.person(f"asks-{token_hex(3)}") for _ in range(2))
    for asking in (welcome, unwelcome):
        await asking.put("groups", f"/v1/groups/{by_request}/membership")
    revoked = await host.post("groups", f"/v1/groups/{group}/invitations", {})
    invited = await guest.post("groups", f"/v1/groups/{guests}/invitations", {"member_id": host.member_id})
    post, gone, hidden = [
        (await host.post("groups", f"/v1/groups/{group}/posts", {"body": "Hello"}))["post_id"] for _ in range(3)
    ]
    said = (await guest.post("groups", f"/v1/groups/{group}/posts", {"body": "Buy"}))["post_id"]
    reported, resolved = [
        (await host.post("groups", "/v1/reports", {"what": what, "id": id_, "group_id": group, "reason": "spam"}))
        for what, id_ in (("member", guest.member_id), ("post", said))
    ]
    export = await host.post("groups", "/v1/members/me/export")
    network = await host.post("groups", "/v1/networks", {"name": "Described"})
    return {
        "groups/{name}": group,
        "groups/{group_id}": group,
        "chapters/{group_id}": group,
        "networks/{network_id}": network["network_id"],
        "members/{member_id}": guest.member_id,
        "step-up/{member_id}": guest.member_id,
        "invitations/{token}": invited["token"],
        "invitations/{invitation_id}": revoked["invitation_id"],
        "export/{export_id}": export["export_id"],
        "posts/{post_id}": post,
        "reports/{report_id}": reported["report_id"],
        "POST /v1/groups/{name}/close": {"name": closing},
        "PUT /v1/groups/{name}/members/{member_id}/role": {"name": given},
        "POST /v1/reports": {"body": {"what": "member", "id": guest.member_id, "group_id": group}},
        "POST /v1/groups/{name}/members/{member_id}/approve": {"name": by_request, "member_id": welcome.member_id},
        "POST /v1/groups/{name}/members/{member_id}/reject": {"name": by_request, "member_id": unwelcome.member_id},
        "PUT /v1/groups/{name}/membership": {"name": joined},
        "DELETE /v1/groups/{name}/membership": {"name": left},
        "DELETE /v1/posts/{post_id}": {"post_id": gone},
        "PUT /v1/posts/{post_id}/hide": {"post_id": hidden},
        "POST /v1/reports/{report_id}/resolve": {"report_id": resolved["report_id"]},
    }


async def _events(host: Person, guest: Person) -> dict[str, Any]:
    group = await _group(host, guest)
    event, draft, thrown, cancelled, closed = [await _event(host, group) for _ in range(5)]
    for one in (event, cancelled, closed):
        await host.post("events", f"/v1/events/{one}/publish")
    await guest.put("events", f"/v1/events/{event}/rsvp", {"response": "yes"})
    await host.post("events", f"/v1/events/{event}/announce")
    soon = await _event(host, group, timezone="UTC", starts_at=_in(hours=1), ends_at=_in(hours=2))
    await host.post("events", f"/v1/events/{soon}/publish")
    await guest.put("events", f"/v1/events/{soon}/rsvp", {"response": "yes"})
    claimed, left = [await _offer(host, guest, group) for _ in range(2)]
    given = await host.post("events", "/v1/members/me/calendar")
    comment, gone = [
        (await host.post("events", f"/v1/events/{event}/comments", {"body": "Hello"}))["comment_id"] for _ in range(2)
    ]
    sent = await host.post("events", f"/v1/events/{event}/messages", {"body": "Hello"})
    weekly = {**EVENT, "rrule": "FREQ=WEEKLY;COUNT=3"}
    series, opened, off = [
        (await host.post("events", f"/v1/groups/{group}/series", {**weekly, "publish": publish}))["series_id"]
        for publish in (False, False, True)
    ]

    async def told() -> list[Json]:
        items: list[Json] = (await guest.get("notifications", "/v1/inbox"))["items"]
        return items

    lines = await eventually(told, within=60)
    return {
        "events/{event_id}": event,
        "hosts/{member_id}": guest.member_id,
        "attendance/{member_id}": guest.member_id,
        "waitlist/{member_id}": guest.member_id,
        "calendars/{token}": given["token"],
        "series/{series_id}": series,
        "comments/{comment_id}": comment,
        "messages/{message_id}": sent["message_id"],
        "inbox/{line}": lines[0]["id"],
        "POST /v1/events/{event_id}/publish": {"event_id": draft},
        "POST /v1/events/{event_id}/cancel": {"event_id": cancelled},
        "POST /v1/events/{event_id}/close-rsvps": {"event_id": closed},
        "POST /v1/events/{event_id}/rsvps": {"body": {"member_id": guest.member_id}},
        "DELETE /v1/events/{event_id}": {"event_id": thrown},
        "POST /v1/events/{event_id}/checkins": {"event_id": soon},
        "GET /v1/events/{event_id}/attendance": {"event_id": soon},
        "PUT /v1/events/{event_id}/attendance/{member_id}": {"event_id": soon},
        "DELETE /v1/comments/{comment_id}": {"comment_id": gone},
        "POST /v1/offers/{offer_id}/accept": {"offer_id": claimed},
        "POST /v1/offers/{offer_id}/decline": {"offer_id": left},
        "POST /v1/series/{series_id}/publish": {"series_id": opened},
        "POST /v1/series/{series_id}/cancel": {"series_id": off},
    }


async def _network_events(host: Person) -> dict[str, Any]:
    network, group = await host.post("groups", "/v1/networks", {"name": "Described"}), await _group(host)
    chapter = f"/v1/networks/{network['network_id']}/chapters/{group}"
    await host.put("groups", chapter)
    wanted = {name: value for name, value in EVENT.items() if name != "timezone"}
    held, opened, off, left = [
        (await host.post("events", f"/v1/networks/{network['network_id']}/events", wanted))["network_event_id"]
        for _ in range(4)
    ]
    one = "/v1/network-events/{network_event_id}"
    return {
        "network-events/{network_event_id}": held,
        f"POST {one}/publish": {"network_event_id": opened},
        f"POST {one}/cancel": {"network_event_id": off},
        f"DELETE {one}/chapters/{{group_id}}": {"network_event_id": left, "group_id": group},
    }


async def _event(host: Person, group: str, **changes: Any) -> str:
    made = await host.post("events", f"/v1/groups/{group}/events", {**EVENT, **changes})
    return str(made["event_id"])


def _in(*, hours: int) -> str:
    """A wall time of UTC."""
    return datetime.fromtimestamp(time.time() + 3600 * hours, UTC).strftime("%Y-%m-%dT%H:%M:%S")


async def _offer(host: Person, guest: Person, group: str) -> str:
    """Of the one seat there is, to the host, since the guest gave it up."""
    event = await _event(host, group, capacity=1, promotion={"mode": "offer"})
    await host.post("events", f"/v1/events/{event}/publish")
    for person, response in ((guest, "yes"), (host, "yes"), (guest, "no")):
        await person.put("events", f"/v1/events/{event}/rsvp", {"response": response})
    return str((await host.get("events", f"/v1/events/{event}/rsvp"))["offer_id"])
