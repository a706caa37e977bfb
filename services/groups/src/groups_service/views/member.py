"""Members as callers see them: themselves in full, others without home point, zone and choices."""

from typing import Final

from chassis.mongo import Database, Document
from chassis.times import when
from groups_service.handlers.answer import Answer

_PUBLIC: Final = ("number", "name", "bio", "photo", "city", "country", "topics", "version")
_OWN: Final = (*_PUBLIC, "lat", "lon", "timezone", "locale", "attendance")


async def one(database: Database, member_id: str) -> Document | None:
    found = await database["members"].find_one({"_id": member_id})
    return None if found is None or found.get("erased") else found


async def before(database: Database, member_id: str) -> str | None:
    """The last version of somebody who was forgotten, if that is who comes back."""
    found = await database["members"].find_one({"_id": member_id, "erased": True}, fields={"version": 1})
    return None if found is None else str(found["version"])


def own(document: Document) -> Answer:
    return _with(_OWN, document)


def public(document: Document) -> Answer:
    return _with(_PUBLIC, document)


def _with(names: tuple[str, ...], document: Document) -> Answer:
    return {
        "member_id": document["_id"],
        **{name: document[name] for name in names},
        "created_at": when(document["created_at"]),
        "updated_at": when(document["updated_at"]),
    }
