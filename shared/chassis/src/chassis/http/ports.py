"""What routes reach of the process they run in."""

from functools import partial
from typing import Annotated, Any

from fastapi import Depends
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from chassis.auth import Caller
from chassis.http.commands import command_from, if_match_given
from chassis.http.incoming import Incoming
from chassis.journal.command import Command
from chassis.journal.port import Ask, Journal
from chassis.journal.seen import SEEN
from chassis.mongo import Database


async def _journal(request: Request) -> Journal:
    journal: Journal = request.app.journal
    return journal


async def _database(request: Request) -> Database:
    database: Database = request.app.database
    return database


MAYBE_STALE: dict[int | str, dict[str, Any]] = {412: {"description": "It is not what `If-Match` names any more"}}
"""`responses` of what looks at If-Match where it is given, by `if_match_given` or `asked_as_seen`."""

TheJournal = Annotated[Journal, Depends(_journal)]
TheDatabase = Annotated[Database, Depends(_database)]


def asked_by(request: Incoming, caller: Caller) -> Ask:
    """The port through which handlers make this caller's commands."""
    return partial(command_from, request, caller)


def asked_as_seen(request: Incoming, caller: Caller) -> Ask:
    """The same where the request may say in If-Match which versions its caller has seen: for decisions that are made
    `as_seen`. Raises Problem 412 when none can match."""
    ask, seen = asked_by(request, caller), if_match_given(request)
    if seen is None:
        return ask

    def asked(*, name: str, aggregate: str, body: dict[str, Any]) -> Command:
        return ask(name=name, aggregate=aggregate, body={**body, SEEN: seen})

    return asked


def shown(answer: dict[str, Any], *, etag: int | None = None) -> Response:
    """What a read answers."""
    headers = {} if etag is None else {"etag": f'"{etag}"'}
    return Response(to_json(answer), headers=headers, media_type="application/json")
