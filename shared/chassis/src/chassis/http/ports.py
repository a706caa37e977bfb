"""What routes reach of the process they run in."""

from functools import partial
from typing import Annotated, Any

from fastapi import Depends
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from chassis.auth import Caller
from chassis.http.commands import command_from
from chassis.http.incoming import Incoming
from chassis.journal.port import Ask, Journal
from chassis.mongo import Database


async def _journal(request: Request) -> Journal:
    journal: Journal = request.app.journal
    return journal


async def _database(request: Request) -> Database:
    database: Database = request.app.database
    return database


MAYBE_STALE: dict[int | str, dict[str, Any]] = {412: {"description": "It is not what `If-Match` names any more"}}
"""`responses` of a PUT that looks at `if_match_given`."""

TheJournal = Annotated[Journal, Depends(_journal)]
TheDatabase = Annotated[Database, Depends(_database)]


def asked_by(request: Incoming, caller: Caller) -> Ask:
    """The port through which handlers make this caller's commands."""
    return partial(command_from, request, caller)


def shown(answer: dict[str, Any], *, etag: int | None = None) -> Response:
    """What a read answers."""
    headers = {} if etag is None else {"etag": f'"{etag}"'}
    return Response(to_json(answer), headers=headers, media_type="application/json")
