"""A member's inbox, newest first: lines written by the consumer, with what the journal says has been read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from chassis.mongo import Database, Document
from chassis.times import when
from notifications_service.handlers.inbox import inbox_of
from notifications_service.texts import Texts
from notifications_service.views.subject import Known, known_about

LOOKED_BACK: Final = 1_000
"""Of so many newest lines unread ones are told from read ones: each has to be looked up, and no line ever goes."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as stored, when it was read, and its words."""

    stored: Document
    read_at: datetime | None
    text: str

    @property
    def id(self) -> str:
        return str(self.stored["_id"])

    def shown(self) -> dict[str, Any]:
        """As callers see it. Reading is all that changes it."""
        stored, read = self.stored, self.read_at is not None
        return {
            "id": stored["_id"],
            "line_id": stored["_id"],
            "kind": stored["kind"],
            "text": self.text,
            "at": when(stored["at"]),
            "read": read,
            "version": 2 if read else 1,
            "created_at": when(stored["at"]),
            "updated_at": when(self.read_at or stored["at"]),
            "group_id": stored.get("group_id"),
            "event_id": stored.get("event_id"),
            "member_id": stored.get("about"),
            "post_id": stored.get("post_id"),
            **stored.get("details", {}),
        }


async def lines(
    database: Database, texts: Texts, member_id: str, *, unread: bool, before: str | None, limit: int
) -> list[Line]:
    """At most `limit` lines older than `before` (a line's id); unread: of the newest ones only."""
    steps = _range(member_id, after=await _oldest_looked_at(database, member_id) if unread else "", before=before)
    found = await database["inbox"].aggregate([*steps, *_marked(unread=unread, limit=limit)])
    return await _worded(database, texts, found)


async def unread_ids(database: Database, member_id: str, *, limit: int) -> list[str]:
    """The ids of the newest unread lines, of the newest ones only."""
    steps = _range(member_id, after=await _oldest_looked_at(database, member_id))
    found = await database["inbox"].aggregate([*steps, *_marked(unread=True, limit=limit)])
    return [document["_id"] for document in found]


async def newest(database: Database, member_id: str, *, limit: int) -> list[str]:
    """The ids of the newest lines, newest first."""
    begin = inbox_of(member_id)
    where = {"_id": {"$gt": begin, "$lt": f"{begin}~"}}
    found = await database["inbox"].find(where, sort=[("_id", -1)], limit=limit, fields={"_id": 1})
    return [document["_id"] for document in found]


async def later(database: Database, member_id: str, after: str, *, limit: int) -> list[str]:
    """The ids of the first lines behind `after` (a line's id), oldest first."""
    begin = inbox_of(member_id)
    where = {"_id": {"$gt": max(begin, after), "$lt": f"{begin}~"}}
    found = await database["inbox"].find(where, sort=[("_id", 1)], limit=limit, fields={"_id": 1})
    return [document["_id"] for document in found]


async def these(database: Database, texts: Texts, ids: Sequence[str]) -> list[Line]:
    """These lines as if just arrived, oldest first."""
    found = await database["inbox"].find({"_id": {"$in": list(ids)}}, sort=[("_id", 1)])
    return await _worded(database, texts, found)


async def _oldest_looked_at(database: Database, member_id: str) -> str:
    """The id behind which unread lines are looked for."""
    steps = [*_range(member_id), {"$skip": LOOKED_BACK}, {"$limit": 1}, {"$project": {"_id": 1}}]
    found = await database["inbox"].aggregate(steps)
    return str(found[0]["_id"]) if found else ""


def _range(member_id: str, *, after: str = "", before: str | None = None) -> list[Document]:
    """The whole inbox, newest first, is one range of ids."""
    begin = inbox_of(member_id)
    end = f"{begin}~"
    until = end if before is None else min(before, end)
    return [{"$match": {"_id": {"$gt": max(begin, after), "$lt": until}}}, {"$sort": {"_id": -1}}]


def _marked(*, unread: bool, limit: int) -> list[Document]:
    """With their read marks, which have the same ids."""
    marks: Document = {"$lookup": {"from": "inbox_reads", "localField": "_id", "foreignField": "_id", "as": "marks"}}
    if unread:
        return [marks, {"$match": {"marks": []}}, {"$limit": limit}]
    return [{"$limit": limit}, marks]


async def _worded(database: Database, texts: Texts, found: list[Document]) -> list[Line]:
    known = await known_about(database, found)
    return [Line(document, _read_at(document), _text(texts, known, document)) for document in found]


def _read_at(document: Document) -> datetime | None:
    marks: list[Document] = document.get("marks", [])
    return marks[0]["at"] if marks else None


def _text(texts: Texts, known: Known, document: Document) -> str:
    return texts.line(document["kind"], known.locale(document["member_id"]), known.subject(document))
