"""A whole run: prepare a group and its events, send the crowd, wait until it is quiet, audit."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

import httpx2
from aiokafka.errors import KafkaError

from chassis.kafka import KafkaSettings
from convene.acting.mailbox import address_of, verify_address
from convene.acting.many import each
from convene.acting.platform import Json, Platform
from convene.load.audit import Audit, Shown, audit
from convene.load.crowd import Crowd, plan, play
from convene.load.ledger import Ledger
from convene.load.topics import read_all

TOPICS = ("events.rsvp.v1", "public.rsvps.v1")
SETTLE_SECONDS = 60.0
Step = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Setting:
    """How many of each. capacity: seats per event, None = no limit; joined: people are members before they RSVP;
    mailed: the first so many of them have a verified address."""

    events: int
    members: int
    requests: int
    capacity: int | None = None
    at_once: int = 128
    seed: int = 7
    cancel: float = 0.1
    joined: bool = False
    mailed: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """What a run plays on: ids of events, names of people."""

    group_id: str
    events: list[str]
    members: list[str]
    mailed: list[str]


async def prepare(platform: Platform, setting: Setting, run: str) -> Field:
    """One open group and its published events; `run` tells its people from those of other runs."""
    host = platform.person(f"host-{run}")
    group = await host.post("groups", "/v1/groups", _group(run), key=f"group-{run}")
    group_id = str(group["group_id"])
    starts = datetime.now(UTC).replace(microsecond=0, tzinfo=None) + timedelta(days=30)  # noqa: TID251 - real time
    events: list[str] = []

    async def make(number: int) -> None:
        body = _event(number, starts, setting.capacity)
        made = await host.post("events", f"/v1/groups/{group_id}/events", body, key=f"event-{run}-{number}")
        await host.post("events", f"/v1/events/{made['event_id']}/publish", key=f"publish-{run}-{number}")
        events.append(str(made["event_id"]))

    await each(make, range(setting.events))
    members = [f"m{number}-{run}" for number in range(setting.members)]
    if setting.joined:
        await _join(platform, group_id, events[0], members)
    mailed = members[: setting.mailed]

    async def verify(member_id: str) -> None:
        await verify_address(platform.person(member_id))

    await each(verify, mailed)
    return Field(group_id, events, members, mailed)


async def _join(platform: Platform, group_id: str, event_id: str, members: list[str]) -> None:
    """Everybody is a member with a number, and the events service has heard of it."""

    async def join(member_id: str) -> None:
        person = platform.person(member_id)
        await person.put("groups", "/v1/members/me", {"name": member_id})
        await person.put("groups", f"/v1/groups/{group_id}/membership", {})
        await person.get("events", f"/v1/events/{event_id}/rsvp-state")

    await each(join, members)


def _group(run: str) -> Json:
    return {
        "name": f"Load {run}",
        "urlname": f"load-{run}",
        "city": "Berlin",
        "country": "DE",
        "lat": 52.52,
        "lon": 13.4,
        "timezone": "Europe/Berlin",
        "join_mode": "open",
        "visibility": "public",
    }


def _event(number: int, starts: datetime, capacity: int | None) -> Json:
    body: Json = {
        "title": f"Evening {number}",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=2)).isoformat(),
        "timezone": "Europe/Berlin",
        "guest_limit": 2,
        "place": {"kind": "physical", "name": "Hall", "address": "1 Main Street", "lat": 52.5, "lon": 13.4},
    }
    return body if capacity is None else {**body, "capacity": capacity}


async def send(platform: Platform, setting: Setting, field: Field, step: Step) -> Ledger:
    """The crowd's requests, all answered or given up."""
    crowd = Crowd(
        field.events, field.members, setting.requests, setting.at_once, cancel=setting.cancel, seed=setting.seed
    )
    tokens = {member: platform.person(member).token for member in field.members}
    return await play(platform.addresses["events"], plan(crowd), tokens.__getitem__, crowd, step)


async def compare(platform: Platform, kafka: KafkaSettings, ledger: Ledger, field: Field) -> Audit:
    """Wait until what was decided has arrived everywhere, then audit; what never arrives is counted as wrong.

    Raises what reading raises when something is still away at the end.
    """
    until = monotonic() + SETTLE_SECONDS
    while True:
        late = monotonic() > until
        try:
            found = audit(ledger, await _shown(platform, kafka, ledger, field))
        except (KafkaError, httpx2.TransportError):
            if late:
                raise
        else:
            if found.clean or late:
                return found
        await asyncio.sleep(0.5)


async def _shown(platform: Platform, kafka: KafkaSettings, ledger: Ledger, field: Field) -> Shown:
    events: dict[str, Json] = {}
    inboxes: dict[str, list[str]] = {}
    mails: dict[str, list[str]] = {}

    async def look_at(event_id: str) -> None:
        events[event_id] = await platform.anonymous("events", f"/v1/events/{event_id}")

    async def look_into(member_id: str) -> None:
        inboxes[member_id] = await _inbox(platform, member_id)

    async def look_at_mail(member_id: str) -> None:
        mails[member_id] = [mail["message_id"] for mail in await platform.mails(address_of(member_id))]

    await each(look_at_mail, field.mailed)
    await each(look_at, field.events)
    await each(look_into, sorted({line.member_id for line in ledger.lines}))
    sent = await read_all(kafka, TOPICS)
    return Shown(sent["events.rsvp.v1"], sent["public.rsvps.v1"], events, inboxes, mails)


async def _inbox(platform: Platform, member_id: str) -> list[str]:
    """The kinds of all lines."""
    person = platform.person(member_id)
    kinds: list[str] = []
    path: str | None = "/v1/inbox?limit=100"
    while path is not None:
        page = await person.get("notifications", path)
        kinds += [item["kind"] for item in page["items"]]
        path = f"/v1/inbox?limit=100&cursor={page['next_cursor']}" if page.get("next_cursor") else None
    return kinds
