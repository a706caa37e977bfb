"""A network's worth of groups: built over HTTP, with keys that make a second run change nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random

from convene.acting.many import each
from convene.acting.platform import Json, Platform
from convene.acting.world import THEMES, City, Theme, cities, event_body, group_body, person_name

EVENTS_PER_GROUP = 2

Step = Callable[[str, int], None]
"""Told (what, how many more are done) as the work goes on."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """What stands afterwards."""

    groups: list[Json]
    events: list[Json]
    members: int


@dataclass(frozen=True, slots=True)
class Sown:
    """A group to be, with all that chance has to do with it."""

    number: int
    city: City
    theme: Theme
    organizer: str


async def seed(platform: Platform, *, number: int, members: int, today: date, step: Step, chance: int = 7) -> Seeded:
    """Groups in `number` cities with two evenings each, and `members` people who joined the one of their city.

    Everything follows from `chance` and `today`; raises Unexpected when the platform refuses something.
    """
    places = cities(number)
    sown = [Sown(i, city, THEMES[i % len(THEMES)], f"organizer-{i}") for i, city in enumerate(places)]
    groups: dict[int, Json] = {}
    events: list[Json] = []

    async def plant(one: Sown) -> None:
        groups[one.number] = await _group(platform, one, Random(f"{chance}-{one.number}"))
        step("groups", 1)

    await each(plant, sown)

    async def schedule(one: Sown) -> None:
        events.extend(await _events(platform, one, groups[one.number], today, Random(f"{chance}-e{one.number}")))
        step("events", EVENTS_PER_GROUP)

    await each(schedule, sown)
    home = Random(chance).choices(range(number), weights=[city.population**0.5 for city in places], k=members)

    async def settle(one: tuple[int, int]) -> None:
        await _member(platform, one[0], places[one[1]], groups[one[1]]["group_id"], Random(f"{chance}-m{one[0]}"))
        step("members", 1)

    await each(settle, list(enumerate(home)))
    return Seeded([groups[i] for i in range(number)], events, members)


async def _group(platform: Platform, one: Sown, random: Random) -> Json:
    organizer = platform.person(one.organizer)
    await organizer.put("groups", "/v1/members/me", {"name": person_name(random), "timezone": one.city.timezone})
    body = group_body(one.city, one.theme, one.number)
    return await organizer.post("groups", "/v1/groups", body, key=f"seed-group-{one.number}")


async def _events(platform: Platform, one: Sown, group: Json, today: date, random: Random) -> list[Json]:
    organizer = platform.person(one.organizer)
    made = []
    for weeks in range(EVENTS_PER_GROUP):
        body = event_body(one.city, one.theme, today, weeks, random)
        path = f"/v1/groups/{group['group_id']}/events"
        event = await organizer.post("events", path, body, key=f"seed-event-{one.number}-{weeks}-{today.isoformat()}")
        await organizer.post(
            "events", f"/v1/events/{event['event_id']}/publish", key=f"seed-publish-{event['event_id']}"
        )
        made.append(event)
    return made


async def _member(platform: Platform, number: int, city: City, group_id: str, random: Random) -> None:
    member = platform.person(f"member-{number}")
    profile = {"name": person_name(random), "timezone": city.timezone}
    await member.put("groups", "/v1/members/me", profile)
    await member.put("groups", f"/v1/groups/{group_id}/membership", {})
