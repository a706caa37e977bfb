"""The group that a path names, and who looks at it."""

from typing import Annotated

from fastapi import Depends

from chassis.auth import Caller
from chassis.http import PageAsked, Problem
from chassis.http.ports import TheDatabase
from chassis.mongo import Database, Document
from groups_service.views import group as groups
from groups_service.views import membership as memberships


async def group_named(name: str, database: TheDatabase) -> Document:
    """The group that the path names by id or urlname. Raises Problem 404 at once: nobody else makes groups."""
    found = await groups.find_document(database, name)
    if found is None:
        raise Problem(404, "not-found", "Not Found", "There is no such group.")
    return found


TheGroup = Annotated[Document, Depends(group_named)]


async def standing(database: Database, group: Document, caller: Caller | None) -> Document | None:
    """The caller's active membership, if there is one."""
    found = None if caller is None else await memberships.one(database, group["_id"], caller.member_id)
    return found if found is not None and found["state"] == "active" else None


def members_only() -> Problem:
    return Problem(403, "members-only", "Only members may see this", "This group is private.")


def after_text(paging: PageAsked) -> str | None:
    """The one text that the cursors of lists ordered by an id hold. Raises Problem 400 for another list's cursor."""
    match paging.after:
        case None:
            return None
        case (str() as text,):
            return text
    raise Problem(400, "invalid-cursor", "The cursor is not one of ours", "It belongs to another list.")
