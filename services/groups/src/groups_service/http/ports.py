"""What routes reach of the process they run in."""

from functools import partial
from typing import Annotated, Any

from fastapi import Depends
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from chassis.auth import Caller
from chassis.http import PageAsked, Problem, command_from, known
from chassis.mongo import Database, Document
from groups_service.handlers.port import Ask, Journal
from groups_service.views import group as groups
from groups_service.views import membership as memberships


async def _journal(request: Request) -> Journal:
    journal: Journal = request.app.journal
    return journal


async def _database(request: Request) -> Database:
    database: Database = request.app.database
    return database


TheJournal = Annotated[Journal, Depends(_journal)]
TheDatabase = Annotated[Database, Depends(_database)]


def asked_by(request: Request, caller: Caller) -> Ask:
    """The port through which handlers make this caller's commands."""
    return partial(command_from, request, caller)


async def group_named(name: str, database: TheDatabase) -> Document:
    """The group that the path names by id or urlname. Raises Problem 404 after having waited for it."""
    return await known(lambda: groups.find_document(database, name), what="group")


TheGroup = Annotated[Document, Depends(group_named)]


async def standing(database: Database, group: Document, caller: Caller | None) -> Document | None:
    """The caller's active membership, if there is one."""
    found = None if caller is None else await memberships.one(database, group["_id"], caller.member_id)
    return found if found is not None and found["state"] == "active" else None


def members_only() -> Problem:
    return Problem(403, "members-only", "Only members may see this", "This group is private.")


def shown(answer: dict[str, Any], *, etag: int | None = None) -> Response:
    """What a read answers."""
    headers = {} if etag is None else {"etag": f'"{etag}"'}
    return Response(to_json(answer), headers=headers, media_type="application/json")


def after_text(paging: PageAsked) -> str | None:
    """The one text that the cursors of lists ordered by an id hold. Raises Problem 400 for another list's cursor."""
    match paging.after:
        case None:
            return None
        case (str() as text,):
            return text
    raise Problem(400, "invalid-cursor", "The cursor is not one of ours", "It belongs to another list.")
