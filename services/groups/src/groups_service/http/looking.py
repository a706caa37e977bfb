"""The group that a path names, and who looks at it."""

from typing import Annotated, Any, Final

from fastapi import Depends
from starlette.requests import Request

from chassis.auth import Caller
from chassis.http import PageAsked, Problem, caller_of, repeats, there
from chassis.http.ports import TheDatabase, asked_by
from chassis.mongo import Database, Document
from groups_service.views import group as groups
from groups_service.views import membership as memberships


async def group_named(name: str, request: Request, database: TheDatabase) -> Document:
    """The group that the path names by id or urlname. Raises Problem 404 at once: nobody else makes groups.

    Who repeats a request by a urlname that the group has no more gets nothing but the name, as `_id`.
    """
    found = await groups.find_document(database, name)
    caller = await caller_of(request) if found is None and request.method != "GET" else None
    if caller is not None and await repeats(database, asked_by(request, caller)):
        return {"_id": name}
    return there(found, what="group")


_LARGEST: Final = 2**53

TheGroup = Annotated[Document, Depends(group_named)]


async def standing(database: Database, group: Document, caller: Caller | None) -> Document | None:
    """The caller's active membership, if there is one."""
    found = None if caller is None else await memberships.one(database, group["_id"], caller.member_id)
    return found if found is not None and found["state"] == "active" else None


def members_only() -> Problem:
    return Problem(403, "members-only", "Only members may see this", "This group is private.")


def after_key(paging: PageAsked, *kinds: type) -> tuple[Any, ...] | None:
    """The key that the cursors of a list hold, one value of each kind. Raises Problem 400 for another list's cursor."""
    after = paging.after
    if after is None:
        return None
    fits = len(after) == len(kinds) and all(map(isinstance, after, kinds))
    if not fits or any(isinstance(part, int) and abs(part) > _LARGEST for part in after):
        raise Problem(400, "invalid-cursor", "The cursor is not one of ours", "It belongs to another list.")
    return after


def after_text(paging: PageAsked) -> str | None:
    """The one text that the cursors of lists ordered by an id hold. Raises Problem 400 for another list's cursor."""
    after = after_key(paging, str)
    return None if after is None else after[0]
