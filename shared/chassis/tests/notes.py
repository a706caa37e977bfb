"""A service of notes for the edge's tests: an API over ASGI, and a desk that answers what it is told to."""

from collections.abc import Sequence
from typing import Annotated, Any, cast

import httpx2
from fastapi import APIRouter, Depends
from issuer import Issuer, settings
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from chassis import telemetry
from chassis.auth import Caller
from chassis.health import Health
from chassis.http import (
    Api,
    Body,
    Incoming,
    LeanRoute,
    MaybeMe,
    Me,
    Page,
    Paging,
    if_match,
    if_match_given,
    needs,
    parse,
    reply,
)
from chassis.http.app import FirstCall
from chassis.http.caller import signed_in
from chassis.http.ports import MAYBE_STALE, asked_by
from chassis.journal.command import Command, check
from chassis.journal.decision import Result
from chassis.journal.facade import Journal
from chassis.journal.seen import Seen
from chassis.mongo import Database

WEATHER = "sun"
"""What the service knows and no caller says; it is part of each note."""
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Note(Body):
    text: str
    stars: float = 0


class Noted(BaseModel):
    text: str


class Desk:
    """Stands where a service has its journal."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.answer: Result | Exception = Result({"text": "ok", "version": 4}, position=("notes.note.v1:n1@4",))

    async def run(self, command: Command) -> Result:
        check(command.body)
        self.commands.append(command)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def _of(body: Note) -> dict[str, Any]:
    return {**body.model_dump(), "weather": WEATHER}


async def _lean(request: Incoming) -> Response:
    caller = await signed_in(request)
    body = await parse(request, Note)
    ask = asked_by(request, caller)
    command = ask(name="note.put", aggregate=request.path_params["note_id"], body=_of(body))
    result = await request.app.journal.run(command)
    return reply(result, etag=result.answer.get("version"))


router = APIRouter(prefix="/v1")


@router.post("/notes", response_model=Noted, status_code=201)
async def _post(request: Request, me: Me, body: Note) -> Response:
    command = asked_by(request, me)(name="note.post", aggregate="n1", body=_of(body))
    return reply(await request.app.journal.run(command), location="/v1/notes/n1", etag=4)


@router.patch("/notes/{note_id}")
async def _patch(request: Request, note_id: str) -> Seen:
    return if_match(request)


@router.put("/notes/{note_id}/stars", responses=MAYBE_STALE)
async def _stars(request: Request, note_id: str) -> Seen | None:
    return if_match_given(request)


@router.post("/notes/{note_id}/pin")
async def _pin(request: Request, note_id: str, me: Me) -> Response:
    return reply(await request.app.journal.run(asked_by(request, me)(name="note.pin", aggregate=note_id, body={})))


@router.get("/notes")
async def _list(request: Request, page: Paging) -> Page[int]:
    start = int(cast("int", page.after[0])) + 1 if page.after else 0
    found = list(range(start, min(start + page.fetch, 5)))
    return cast("Page[int]", page.answer(request, found, lambda number: [number], lambda number: number))


@router.get("/notes/{note_id}.txt", response_class=Response)
async def _text(note_id: str) -> Response:
    return Response(note_id)


@router.get("/notes/{note_id}")
async def _get(note_id: str, me: MaybeMe) -> Noted:
    if note_id == "broken":
        raise RuntimeError("a secret: sesame")
    return Noted(text=me.member_id if me else "nobody")


@router.get("/members/me/erasure")
async def _leaving(me: Me) -> str:
    return me.member_id


@router.get("/scoped")
async def _scoped(me: Annotated[Caller, Depends(needs("notes:write"))]) -> str:
    return me.member_id


class House:
    """An API, its issuer and its desk."""

    def __init__(self, **values: Any) -> None:
        self.issuer = Issuer()
        self.desk = Desk()
        self.health = Health()
        self.health.started = True
        self.seen: list[str] = []
        self.traces: set[str] = set()
        self.api = Api(
            title="Convene notes",
            version="1.2",
            settings=settings(**values),
            database=cast("Database", None),
            journal=cast("Journal", self.desk),
            auth=self.issuer.authenticator(),
            health=self.health,
            routers=[router],
            lean_routes=[
                LeanRoute("/v1/notes/{note_id}", _lean, method="PUT", body=Note, answer=Noted, summary="Put a note")
            ],
            refusals={"note-full": (409, "The note is full")},
            consumed_topics=["groups.group.v1"],
            seen=self._see,
        )
        self.http = httpx2.AsyncClient(transport=httpx2.ASGITransport(self.api), base_url="http://notes")
        self.me = {"authorization": f"Bearer {self.issuer.token('ada')}"}

    async def _see(self, calls: Sequence[FirstCall]) -> None:
        self.seen += [call.caller.member_id for call in calls]
        self.traces |= {telemetry.trace_id(call.trace) for call in calls if call.trace is not None}


def problem(response: httpx2.Response, status: int, reason: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["type"] == f"https://convene.dev/problems/{reason}"
    assert body["status"] == status
    assert body["title"]
    assert len(response.headers["x-trace-id"]) == 32
    return body
