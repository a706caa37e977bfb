"""How events are rated; it moves with every message of `events.feedback.v1`.

`activity_ratings`, by group id: how many gave how many stars to the group's events. `activity_event_ratings`, by event
id: the same of each, so that the group's can be counted anew; they name nobody.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from chassis.mongo import Document, UpdateOne
from contracts.events import FeedbackFact

ACTIVITY_RATINGS: Final = "activity_ratings"
ACTIVITY_EVENT_RATINGS: Final = "activity_event_ratings"

_BY_EVENT: Final = 2
"""The version of a group's figures that each of its events has a part in. Those begun before are only kept."""


def rating_change(fact: FeedbackFact) -> Counter[int]:
    """By how much this changes how many gave how many stars."""
    change: Counter[int] = Counter()
    if fact.was is not None:
        change[fact.was] -= 1
    if fact.stars is not None:
        change[fact.stars] += 1
    return change


def ratings_write(group_id: str, change: Counter[int]) -> UpdateOne:
    made = {"v": _BY_EVENT}
    return UpdateOne({"_id": group_id}, {"$inc": _moved(change), "$setOnInsert": made}, upsert=True)


def event_ratings_write(event_id: str, group_id: str, change: Counter[int]) -> UpdateOne:
    made = {"v": 1, "group_id": group_id}
    return UpdateOne({"_id": event_id}, {"$inc": _moved(change), "$setOnInsert": made}, upsert=True)


def _moved(change: Counter[int]) -> dict[str, int]:
    return {f"stars.{stars}": many for stars, many in sorted(change.items()) if many}


def is_recountable(group: Document) -> bool:
    return bool(group["v"] >= _BY_EVENT)


def stars_of(rows: Iterable[Document]) -> Counter[str]:
    """How many gave how many stars, in all; what nobody gives any more is left out."""
    stars: Counter[str] = Counter()
    for row in rows:
        stars.update(row["stars"])
    return Counter({place: many for place, many in stars.items() if many})
