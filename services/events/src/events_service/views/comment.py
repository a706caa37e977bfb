"""Comments and letters as callers see them: what is deleted as a gap, where replies hang on it."""

from collections.abc import Collection
from typing import Any

from chassis.mongo import Database, Document
from chassis.times import when
from events_service.handlers.answer import Answer
from events_service.handlers.comment import comment_answer
from events_service.handlers.letter import letter_answer


async def one(database: Database, comment_id: str) -> Document | None:
    return await database["comments"].find_one({"_id": comment_id})


def shown(found: Document) -> Answer:
    return comment_answer({**found, "id": found["_id"]}, shown=found["state"] == "shown")


async def of_event(
    database: Database, event_id: str, *, hidden: Collection[str], before: int | None, limit: int
) -> list[Document]:
    """An event's comments, the latest first. hidden: those of these members are left out, but for their gaps."""
    where = _listed({"event_id": event_id, "to": None}, hidden)
    if before is not None:
        where["number"] = {"$lt": before}
    return await database["comments"].find(where, sort=[("number", -1)], limit=limit)


async def replies(
    database: Database, found: Document, *, hidden: Collection[str], after: int | None, limit: int
) -> list[Document]:
    """A comment's replies, the oldest first. hidden: as for comments."""
    where = _listed({"event_id": found["event_id"], "to": found["_id"]}, hidden)
    if after is not None:
        where["number"] = {"$gt": after}
    return await database["comments"].find(where, sort=[("number", 1)], limit=limit)


async def history(database: Database, comment_id: str, *, after: int | None, limit: int) -> list[Document]:
    """What the comment said before it was edited, the oldest first."""
    where: dict[str, Any] = {"comment_id": comment_id, "number": {"$gt": after or 0}}
    return await database["revisions"].find(where, sort=[("number", 1)], limit=limit)


def revision(found: Document) -> Answer:
    said = {name: found[name] for name in ("comment_id", "number", "body", "html")}
    return {**said, "since": when(found["since"])}


async def letters(
    database: Database, event_id: str, *, to: Collection[str] | None, before: int | None, limit: int
) -> list[Document]:
    """What was written to people about the event, the latest first. to: only what went to these; None: all of it."""
    where = _sent(event_id, to)
    if before is not None:
        where["number"] = {"$lt": before}
    return await database["letters"].find(where, sort=[("number", -1)], limit=limit)


async def one_letter(
    database: Database, event_id: str, letter_id: str, *, to: Collection[str] | None
) -> Document | None:
    """One of them."""
    return await database["letters"].find_one({**_sent(event_id, to), "_id": letter_id})


def _sent(event_id: str, to: Collection[str] | None) -> dict[str, Any]:
    where: dict[str, Any] = {"event_id": event_id, "withdrawn": False}
    return where if to is None else {**where, "to": {"$in": sorted(to)}}


def letter(found: Document) -> Answer:
    return letter_answer({**found, "id": found["_id"]})


def _listed(where: dict[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    where["$or"] = [{"state": "shown"}, {"replies": {"$gt": 0}}]
    if hidden:
        where["$nor"] = [{"author_id": {"$in": list(hidden)}, "state": "shown"}]
    return where
