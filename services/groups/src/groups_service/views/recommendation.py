"""Groups that a member may like. Each question is answered by an index and asks for a bounded number of documents.

Who goes where is told by a sample: of up to ten of the member's groups, the twenty people whose ids are next to the
member's own; so a group of thousands costs as much as one of twenty, and everybody gets a sample of their own.
"""

from asyncio import gather
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from chassis.finding import key_of
from chassis.mongo import Database, Document
from groups_service.domain.recommendation import EARTH_KM, NEAR_KM, Candidate, distance_km, recommend
from groups_service.handlers.answer import Answer
from groups_service.views import group as groups
from groups_service.views.block import hidden_from

FOUND: Final = 100
"""Groups that each way of finding some brings at most."""
CLOSE_KM: Final = 5.0
"""Where many are near, some of those that are next door are among what is found."""
OWN_GROUPS: Final = 10
NEIGHBOURS: Final = 10
"""People on each side of the member in one group."""
PLACES: Final = 1000
"""Memberships, and yeses, of those people that are looked at."""

_WEIGHED: Final = {"member_count": 1, "topic_keys": 1, "point": 1, "organizer_id": 1}
_OPEN: Final[dict[str, Any]] = {
    "visibility": "public",
    "status": {"$in": ["active", "grace"]},
    "join_mode": {"$in": ["open", "approval"]},
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What of a member's profile groups are chosen by; home: latitude and longitude."""

    topics: frozenset[str] = frozenset()
    home: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Circles:
    """How many of the people looked at are in each group, and how many said yes to an event of it."""

    people: Counter[str]
    goers: Counter[str]


async def recommended(database: Database, member_id: str, *, limit: int) -> list[Answer]:
    """Public groups that take people in, where the member never was: the best first, each with its reasons."""
    wish, hidden = await gather(_wish(database, member_id), hidden_from(database, member_id))
    found, circles = await gather(_found(database, wish), _circles(database, member_id, frozenset(hidden)))
    there = {group["_id"]: group for group in found}
    known = [group_id for group_id, _ in (circles.people + circles.goers).most_common(FOUND)]
    there |= {group["_id"]: group for group in await _few(database, {"_id": {"$in": known}})}
    past = await _past(database, member_id, there)
    candidates = {
        group_id: _candidate(group, wish, circles)
        for group_id, group in there.items()
        if group_id not in past and group["organizer_id"] not in hidden
    }
    chosen = recommend(candidates.values(), limit)
    ids = [one.group_id for one in chosen]
    whole = {group["_id"]: group for group in await database["groups"].find({**_OPEN, "_id": {"$in": ids}})}
    return [
        {**_shown(whole[one.group_id], candidates[one.group_id]), "because": list(one.because)}
        for one in chosen
        if one.group_id in whole
    ]


def _shown(group: Document, candidate: Candidate) -> Answer:
    answer = groups.full(group)
    if candidate.distance_km is not None:
        answer["distance_km"] = round(candidate.distance_km, 3)
    return answer


def _candidate(group: Document, wish: Wish, circles: Circles) -> Candidate:
    lon, lat = group["point"]["coordinates"]
    return Candidate(
        group["_id"],
        group["member_count"],
        topics=len(wish.topics.intersection(group["topic_keys"])),
        distance_km=None if wish.home is None else distance_km(wish.home, (lat, lon)),
        people=circles.people[group["_id"]],
        goers=circles.goers[group["_id"]],
    )


async def _wish(database: Database, member_id: str) -> Wish:
    found = await database["members"].find_one({"_id": member_id}, fields={"topics": 1, "lat": 1, "lon": 1})
    if found is None:
        return Wish()
    home = None if found["lat"] is None else (found["lat"], found["lon"])
    return Wish(frozenset(map(key_of, found["topics"] or ())), home)


async def _found(database: Database, wish: Wish) -> list[Document]:
    """By topic, by place, by both, and the largest of all."""
    about: Document = {"topic_keys": {"$in": sorted(wish.topics)}}
    largest = [("member_count", -1)]
    ways = [_few(database, {}, largest)]
    if wish.topics:
        ways.append(_few(database, about, largest))
    if wish.home is not None:
        ways += [_few(database, _within(wish.home, km)) for km in (CLOSE_KM, NEAR_KM)]
    if wish.home is not None and wish.topics:
        ways.append(_few(database, {**about, **_within(wish.home, NEAR_KM)}))
    return [group for some in await gather(*ways) for group in some]


def _within(home: tuple[float, float], km: float) -> dict[str, Any]:
    """Some of a circle, and not the nearest: to order many at one spot by distance, all of them would be read."""
    lat, lon = home
    return {"point": {"$geoWithin": {"$centerSphere": [[lon, lat], km / EARTH_KM]}}}


async def _few(database: Database, where: dict[str, Any], sort: list[tuple[str, int]] | None = None) -> list[Document]:
    return await database["groups"].find({**_OPEN, **where}, sort=sort, limit=FOUND, fields=_WEIGHED)


async def _past(database: Database, member_id: str, group_ids: Iterable[str]) -> set[str]:
    """Where the member is, asks to be, or was."""
    rows = {"_id": {"$in": [f"{group_id}:{member_id}" for group_id in group_ids]}, "state": {"$ne": "none"}}
    return {row["group_id"] for row in await database["memberships"].find(rows, fields={"group_id": 1})}


async def _circles(database: Database, member_id: str, hidden: Collection[str]) -> Circles:
    people = sorted(await _neighbours(database, member_id) - {member_id, *hidden})
    theirs = {"member_id": {"$in": people}}
    in_, went, silent = await gather(
        database["memberships"].find({**theirs, "state": "active"}, fields={"group_id": 1}, limit=PLACES),
        database["activity_people"].find(theirs, fields={"group_id": 1, "member_id": 1}, limit=PLACES),
        database["members"].find({"_id": {"$in": people}, "attendance": {"$ne": "everyone"}}, fields={"_id": 1}),
    )
    unseen = {one["_id"] for one in silent}
    return Circles(
        Counter(row["group_id"] for row in in_),
        Counter(row["group_id"] for row in went if row["member_id"] not in unseen),
    )


async def _neighbours(database: Database, member_id: str) -> set[str]:
    """Of each of the member's first groups, those whose ids come next to the member's, on both sides."""
    steps: list[dict[str, Any]] = [
        {"$match": {"member_id": member_id, "state": "active"}},
        {"$sort": {"group_id": 1}},
        {"$limit": OWN_GROUPS},
        *(
            _beside(name, {beyond: member_id}, order)
            for name, beyond, order in (("after", "$gt", 1), ("before", "$lt", -1))
        ),
        {"$project": {"_id": 0, "after.member_id": 1, "before.member_id": 1}},
    ]
    found = await database["memberships"].aggregate(steps)
    return {person["member_id"] for row in found for side in ("after", "before") for person in row[side]}


def _beside(name: str, where: dict[str, str], order: int) -> dict[str, Any]:
    steps = [
        {"$match": {"state": "active", "member_id": where}},
        {"$sort": {"member_id": order}},
        {"$limit": NEIGHBOURS},
        {"$project": {"_id": 0, "member_id": 1}},
    ]
    joined = {
        "from": "memberships",
        "localField": "group_id",
        "foreignField": "group_id",
        "pipeline": steps,
        "as": name,
    }
    return {"$lookup": joined}
