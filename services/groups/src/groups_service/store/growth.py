"""Days of groups, so that growth is read from them and not from memberships.

`group_days`, by `<group id>:<day>`: who came and went on a day that is over; written by the group's lane with the first
who comes or goes on a later one. The last such day is in the group's own document, as `today`.
`activity_people`, by `<group id>:<member id>`: the last day on which somebody said yes to an event of the group, and
where they lived then. `activity_days`, by `<group id>:<day>`: for how many people it is that day, in all and by place;
how many of the yeses of the day were somebody's first; and how many people came to events that began on it. Both belong
to the consumer. A day is one of UTC. A place that counts nobody on a day is not named there: it was somebody's home.
"""

from collections import Counter
from collections.abc import Iterator
from operator import itemgetter
from typing import Any, Final

from slugify import slugify

from chassis.journal.documents import Documents
from chassis.mongo import Database, Document, UpdateOne, Write
from groups_service.domain.group import Group

GROUP_DAYS: Final = "group_days"
ACTIVITY_PEOPLE: Final = "activity_people"
ACTIVITY_DAYS: Final = "activity_days"


def keep_day(documents: Documents, group: Group, before: Document | None) -> None:
    """Put the last day aside when another has begun. Days only go on, as the journal's time does: none comes twice."""
    last = None if before is None else before.get("today")
    if before is None or last is None or group.today is None or last["day"] == group.today.day:
        return
    id_ = f"{group.id}:{last['day']}"
    documents.put(GROUP_DAYS, {"_id": id_, "v": 1, "group_id": group.id, **last, "members": before["member_count"]})


def home_of(member: Document | None) -> Document | None:
    """Where a member lives: what a place is told apart by, and what it is called."""
    if member is None or not member.get("city") or not member.get("country"):
        return None
    key = f"{member['country'].lower()}-{slugify(member['city']) or 'city'}"
    return {"key": key, "city": member["city"], "country": member["country"]}


def person_row(group_id: str, member_id: str, day: str, home: Document | None) -> Document:
    id_ = f"{group_id}:{member_id}"
    return {"_id": id_, "v": 1, "group_id": group_id, "member_id": member_id, "last_day": day, "home": home}


def day_write(group_id: str, day: str, people: int, home: Document | None, **more: int) -> UpdateOne:
    """people: by how much the number changes of those whose last day it is; more: other counters of the day."""
    change: dict[str, Any] = {"people": people, **more}
    made: dict[str, Any] = {"v": 1, "group_id": group_id, "day": day}
    named: dict[str, Any] = {}
    if home is not None:
        place = f"places.{home['key']}"
        change[f"{place}.people"] = people
        named = {f"{place}.city": home["city"], f"{place}.country": home["country"]}
    update: dict[str, Any] = {"$inc": change, "$setOnInsert": made}
    return UpdateOne({"_id": f"{group_id}:{day}"}, {**update, "$set": named} if named else update, upsert=True)


class Days:
    """What one transaction changes of days: one write for each day and place, however many people it counts there."""

    def __init__(self) -> None:
        self._counted: dict[tuple[str, str, str], tuple[Document | None, Counter[str]]] = {}

    def count(self, group_id: str, day: str, people: int, home: Document | None, **more: int) -> None:
        """As `day_write`."""
        key = (group_id, day, "" if home is None else home["key"])
        _, counted = self._counted.setdefault(key, (home, Counter()))
        counted.update({"people": people, **more})

    def writes(self) -> Iterator[UpdateOne]:
        for (group_id, day, _), (home, counted) in sorted(self._counted.items(), key=itemgetter(0)):
            people = counted.pop("people")
            yield day_write(group_id, day, people, home, **counted)
            if people <= 0:  # who moves on within one batch leaves no name behind either
                yield from unnamed(group_id, day, home)


def unnamed(group_id: str, day: str, home: Document | None) -> list[UpdateOne]:
    """For after somebody is not counted there any more."""
    if home is None:
        return []
    place = f"places.{home['key']}"
    return [UpdateOne({"_id": f"{group_id}:{day}", f"{place}.people": {"$lte": 0}}, {"$unset": {place: ""}})]


async def forget_activity(database: Database, member_id: str, at_once: int) -> int:
    """Let go of where and when somebody last said yes; in how many groups. Their day still counts them, in no place.

    at_once: in how many groups at most.
    """
    async with database.transaction() as session:
        rows = await database[ACTIVITY_PEOPLE].find({"member_id": member_id}, limit=at_once, session=session)
        if not rows:
            return 0
        writes: list[Write] = []
        for row in rows:
            home, day = row["home"], {"_id": f"{row['group_id']}:{row['last_day']}"}
            if home is not None:
                writes.append(UpdateOne(day, {"$inc": {f"places.{home['key']}.people": -1}}))
                writes += unnamed(row["group_id"], row["last_day"], home)
        await database[ACTIVITY_DAYS].write(writes, session=session)
        gone = {"_id": {"$in": [row["_id"] for row in rows]}}
        return await database[ACTIVITY_PEOPLE].delete_many(gone, session=session)
