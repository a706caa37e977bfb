"""Feedback as callers see it: the summary is for everybody, the words for those who lead or host the event."""

from collections.abc import Sequence
from typing import Any

from chassis.mongo import Database, Document
from chassis.times import when
from events_service.domain.feedback import NEXT, OPEN_FOR, Totals
from events_service.handlers.answer import Answer
from events_service.handlers.feedback import feedback_aggregate, feedback_answer


async def totals(database: Database, event_id: str) -> Document | None:
    """What an event's feedback comes to; None where nobody ever gave any."""
    return await database["feedback_totals"].find_one({"_id": feedback_aggregate(event_id)})


async def one(database: Database, event_id: str, member_id: str) -> Document | None:
    """Somebody's feedback, unless they gave none or it was withdrawn."""
    return await database["feedback"].find_one({"_id": f"{event_id}:{member_id}", "stars": {"$ne": None}})


async def given(database: Database, event_id: str, *, before: Sequence[Any] | None, limit: int) -> list[Document]:
    """All that was given, the latest first, each with what is known of its `member`."""
    where: dict[str, Any] = {"event_id": event_id, "stars": {"$ne": None}}
    if before is not None:
        at, id_ = before
        where["$or"] = [{"created_at": {"$lt": at}}, {"created_at": at, "_id": {"$lt": id_}}]
    steps: list[dict[str, Any]] = [
        {"$match": where},
        {"$sort": {"created_at": -1, "_id": -1}},
        {"$limit": limit},
        {"$lookup": {"from": "members", "localField": "member_id", "foreignField": "_id", "as": "member"}},
        {"$unwind": {"path": "$member", "preserveNullAndEmptyArrays": True}},
    ]
    return await database["feedback"].aggregate(steps)


def shown(found: Document) -> Answer:
    """With the name of who gave it, where it is known."""
    answer, member = feedback_answer(found), found.get("member")
    return answer if member is None or member.get("deleted") else {**answer, "name": member["name"]}


def summary(event: Document, totals: Totals) -> Answer:
    """mean: to two digits; absent where nobody rated it."""
    answer: Answer = {
        "event_id": event["_id"],
        "count": totals.count,
        "stars": {str(place + 1): many for place, many in enumerate(totals.stars)},
        "next": {one: totals.next.get(one, 0) for one in NEXT},
        "opens_at": when(event["ends"]),
        "closes_at": when(event["ends"] + OPEN_FOR),
    }
    return answer if totals.mean is None else {**answer, "mean": round(totals.mean, 2)}
