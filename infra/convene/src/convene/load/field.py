"""What a run plays on: a group, its events, its people."""

from datetime import UTC, datetime, timedelta

from pydantic_core import to_jsonable_python

from convene.acting.mailbox import verify_address
from convene.acting.many import each
from convene.acting.platform import Json, Platform
from convene.load.setting import AHEAD, Field, Promotion, Setting

WAYS: tuple[tuple[Promotion, timedelta], ...] = (
    ("offer", timedelta()),
    ("instant", timedelta()),
    ("manual", timedelta()),
    ("instant", 2 * AHEAD),
)
"""How people move up where it is mixed, and how long before the start seats are offered instead of given."""


async def prepare(platform: Platform, setting: Setting, run: str) -> Field:
    """One open group and its published events; `run` tells its people from those of other runs."""
    host = platform.person(f"host-{run}")
    group = await host.post("groups", "/v1/groups", _group(run), key=f"group-{run}")
    group_id = str(group["group_id"])
    starts = datetime.now(UTC).replace(microsecond=0, tzinfo=None) + AHEAD  # noqa: TID251 - real time
    events: dict[int, str] = {}

    async def make(number: int) -> None:
        body = _event(number, starts, setting)
        made = await host.post("events", f"/v1/groups/{group_id}/events", body, key=f"event-{run}-{number}")
        await host.post("events", f"/v1/events/{made['event_id']}/publish", key=f"publish-{run}-{number}")
        events[number] = str(made["event_id"])

    await each(make, range(setting.events))
    ids = [events[number] for number in range(setting.events)]
    members = [f"m{number}-{run}" for number in range(setting.members)]
    if setting.joined:
        await _join(platform, group_id, ids[0], members[: setting.punctual])
    mailed = members[: setting.mailed]

    async def verify(member_id: str) -> None:
        await verify_address(platform.person(member_id))

    await each(verify, mailed)
    return Field(group_id, host.member_id, ids, members, mailed)


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


def promotion(setting: Setting, number: int) -> Json:
    """How people move up at the event of that number; nothing where it is as with any event."""
    mode, within = setting.promotion, timedelta(seconds=setting.confirm_within)
    if mode == "mixed":
        mode, within = WAYS[number % len(WAYS)]
    if not setting.watched:
        return {}
    ttl = timedelta(seconds=setting.offer_ttl)
    said = {"mode": mode, "offer_ttl": ttl, "confirm_within": within}
    return {"promotion": to_jsonable_python(said)}


def _event(number: int, starts: datetime, setting: Setting) -> Json:
    body: Json = {
        "title": f"Evening {number}",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=2)).isoformat(),
        "timezone": "Europe/Berlin",
        "guest_limit": 2,
        "place": {"kind": "physical", "name": "Hall", "address": "1 Main Street", "lat": 52.5, "lon": 13.4},
    }
    limit = {} if setting.capacity is None else {"capacity": setting.capacity}
    return {**body, **limit, **promotion(setting, number)}
