"""How a group grows, as its members see it. Read from counters of days, never from memberships or RSVPs."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from chassis.mongo import Database, Document
from groups_service.domain.growth import ACTIVE_DAYS, Place, short_of_leaders, sister_places
from groups_service.handlers.answer import Answer

SHOWN_DAYS: Final = 365
_ACTED: Final = ("first_timers", "returners", "attended")


async def pulse(database: Database, group: Document) -> Answer:
    """The group's figures now, and its days of the last year on which anything happened."""
    now: datetime = (await database.command({"hello": 1}))["localTime"]
    since, active_since = (_day(now - timedelta(days=days)) for days in (SHOWN_DAYS, ACTIVE_DAYS))
    within = {"group_id": group["_id"], "day": {"$gt": since}}
    counted = await database["group_days"].find(within, sort=[("day", 1)])
    acted = await database["activity_days"].find(within, sort=[("day", 1)])
    last = group.get("today")
    if last is not None and last["day"] > since:
        counted.append({**last, "members": group["member_count"]})
    recent = [day for day in acted if day["day"] > active_since]
    active, leaders = sum(day["people"] for day in recent), group.get("leaders", 0)
    places = sister_places(active, _places(recent))
    rated = await database["activity_ratings"].find_one({"_id": group["_id"]})
    return {
        "group_id": group["_id"],
        "members": group["member_count"],
        "leaders": leaders,
        "active_members": active,
        "first_timers": sum(day.get("first_timers", 0) for day in recent),
        "returners": sum(day.get("returners", 0) for day in recent),
        "attendance": sum(day.get("attended", 0) for day in recent),
        "leader_shortage": short_of_leaders(leaders, active),
        "sister_group": [_place(place) for place in places],
        "ratings": _ratings(rated),
        "days": _days(counted, acted),
    }


def _ratings(rated: Document | None) -> Answer:
    held = {} if rated is None else rated["stars"]
    stars = [held.get(str(place), 0) for place in range(1, 6)]
    count, total = sum(stars), sum(place * many for place, many in enumerate(stars, start=1))
    shown = {str(place): many for place, many in enumerate(stars, start=1)}
    return {"count": count, "mean": round(total / count, 2) if count else None, "stars": shown}


def _day(time: datetime) -> str:
    return time.date().isoformat()


def _place(place: Place) -> Answer:
    return {"city": place.city, "country": place.country, "active_members": place.active_members}


def _places(days: Iterable[Document]) -> list[Place]:
    """Each place with all its people; called as on the last day."""
    found: dict[str, Place] = {}
    for day in days:
        for key, place in day.get("places", {}).items():
            so_far = found[key].active_members if key in found else 0
            found[key] = Place(place["city"], place["country"], so_far + place["people"])
    return list(found.values())


def _days(counted: Iterable[Document], acted: Iterable[Document]) -> list[Answer]:
    days: dict[str, dict[str, Any]] = {}
    for day in counted:
        came = {"members": day["members"], "joined": day["joined"], "left": day["left"]}
        days[day["day"]] = {"day": day["day"], **came, **dict.fromkeys(_ACTED, 0)}
    for day in acted:
        nobody = {"members": None, "joined": 0, "left": 0}
        row = days.setdefault(day["day"], {"day": day["day"], **nobody})
        row.update({name: day.get(name, 0) for name in _ACTED})
    ordered = [days[day] for day in sorted(days)]
    known = next((row["members"] - row["joined"] + row["left"] for row in ordered if row["members"] is not None), None)
    for row in ordered:
        known = row["members"] = known if row["members"] is None else row["members"]
    return ordered
