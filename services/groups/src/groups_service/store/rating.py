"""`activity_ratings`, by group id: how its events are rated; it moves with every message of `events.feedback.v1`."""

from collections import Counter
from typing import Final

from chassis.mongo import UpdateOne
from contracts.events import FeedbackFact

ACTIVITY_RATINGS: Final = "activity_ratings"


def rating_change(fact: FeedbackFact) -> Counter[int]:
    """By how much this changes how many gave how many stars."""
    change: Counter[int] = Counter()
    if fact.was is not None:
        change[fact.was] -= 1
    if fact.stars is not None:
        change[fact.stars] += 1
    return change


def ratings_write(group_id: str, change: Counter[int]) -> UpdateOne:
    moved = {f"stars.{stars}": many for stars, many in sorted(change.items()) if many}
    return UpdateOne({"_id": group_id}, {"$inc": moved, "$setOnInsert": {"v": 1}}, upsert=True)
