"""A group's audit log as its leaders see it."""

from typing import Any, Final

from chassis.mongo import Database, Document
from chassis.times import when
from groups_service.handlers.answer import Answer

_PLAIN: Final = (
    "group_id",
    "number",
    "what",
    "who",
    "whom",
    "post_id",
    "report_id",
    "detail",
    "previous",
    "digest",
)


async def links(database: Database, group_id: str, *, before: int | None, limit: int) -> list[Document]:
    """The newest first."""
    where: dict[str, Any] = {"group_id": group_id}
    if before is not None:
        where["number"] = {"$lt": before}
    return await database["audit"].find(where, sort=[("number", -1)], limit=limit)


def full(document: Document) -> Answer:
    return {**{name: document[name] for name in _PLAIN}, "at": when(document["at"])}
