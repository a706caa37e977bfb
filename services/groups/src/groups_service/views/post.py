"""Posts as callers see them: what is deleted as a gap, what is hidden only to its author and the group's leaders."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from chassis.mongo import Database, Document
from chassis.times import when
from groups_service.handlers.answer import Answer
from groups_service.handlers.post import post_answer

MOST_PINNED: Final = 10


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks. leads: sees what is hidden, and everybody; hidden: whose posts are left out of lists."""

    member_id: str | None = None
    leads: bool = False
    hidden: Collection[str] = field(default_factory=tuple)

    def sees(self, post: Document) -> bool:
        """Whether the text is shown to them."""
        if post["state"] == "hidden":
            return self.leads or self.owns(post)
        return bool(post["state"] == "shown")

    def owns(self, post: Document) -> bool:
        return self.member_id is not None and post["author_id"] == self.member_id


async def one(database: Database, post_id: str) -> Document | None:
    return await database["posts"].find_one({"_id": post_id})


async def shown(database: Database, found: Sequence[Document], viewer: Viewer) -> list[Answer]:
    """The posts as this viewer sees them, with what they said to each in one word."""
    mine: dict[str, list[str]] = {}
    if viewer.member_id is not None and found:
        where = {"member_id": viewer.member_id, "post_id": {"$in": [post["_id"] for post in found]}}
        for reaction in await database["reactions"].find(where, sort=[("_id", 1)]):
            mine.setdefault(reaction["post_id"], []).append(reaction["name"])
    return [
        {**post_answer({**post, "id": post["_id"]}, whole=viewer.sees(post)), "mine": mine.get(post["_id"], [])}
        for post in found
    ]


async def threads(
    database: Database, group_id: str, viewer: Viewer, *, after: tuple[datetime, str] | None, limit: int
) -> list[Document]:
    """A group's posts, the newest first; pinned ones in their place too."""
    where = _listed({"group_id": group_id, "thread_id": None}, viewer)
    if after is not None:
        at, id_ = after
        where["$and"] = [{"$or": [{"created_at": {"$lt": at}}, {"created_at": at, "_id": {"$lt": id_}}]}]
    return await database["posts"].find(where, sort=[("created_at", -1), ("_id", -1)], limit=limit)


async def pinned(database: Database, group_id: str, viewer: Viewer) -> list[Document]:
    """Those that were pinned last."""
    where = _listed({"group_id": group_id, "pinned_at": {"$type": "date"}}, viewer)
    return await database["posts"].find(where, sort=[("pinned_at", -1), ("_id", 1)], limit=MOST_PINNED)


async def replies(
    database: Database, thread_id: str, viewer: Viewer, *, after: int | None, limit: int
) -> list[Document]:
    """A post's replies, the oldest first."""
    where = _listed({"thread_id": thread_id}, viewer)
    if after is not None:
        where["number"] = {"$gt": after}
    return await database["posts"].find(where, sort=[("number", 1)], limit=limit)


async def history(database: Database, post_id: str, *, after: int | None, limit: int) -> list[Document]:
    """What the post said before, the oldest first."""
    where: dict[str, Any] = {"post_id": post_id, "number": {"$gt": after or 0}}
    return await database["revisions"].find(where, sort=[("number", 1)], limit=limit)


def revision(document: Document) -> Answer:
    said = {name: document[name] for name in ("post_id", "number", "title", "body", "html")}
    return {**said, "since": when(document["since"])}


def _listed(where: dict[str, Any], viewer: Viewer) -> dict[str, Any]:
    """Gaps stay where replies hang on them. Whose posts the viewer does not see, their gaps they do."""
    where["$or"] = [{"state": {"$ne": "deleted"}}, {"replies": {"$gt": 0}}]
    if viewer.hidden:
        where["$nor"] = [{"author_id": {"$in": list(viewer.hidden)}, "state": {"$ne": "deleted"}}]
    return where
