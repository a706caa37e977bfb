"""The inbox: read it, mark it read."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from chassis import clock
from chassis.http import Caller, Me, Page, Paging, Problem, command_from, reply
from chassis.http.limits import Admission
from chassis.http.ports import asked_by, shown
from chassis.journal import Command
from notifications_service.domain.inbox import AT_ONCE
from notifications_service.domain.notice import Kind
from notifications_service.handlers import inbox
from notifications_service.http.follow import EventStream, follow
from notifications_service.texts import Texts
from notifications_service.views.inbox import Line, lines, unread_ids

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {}}, "description": "Each event's data is a line, its id the line's"}
}

LIFETIME_SECONDS = 900.0
PER_MEMBER = 5
"""Streams of one member at a time, in this process: each asks the database once a second."""


class EventSaid(BaseModel):
    """What a network event's copy is, as it was told: a draft nobody else hears of."""

    title: str
    starts_at: datetime
    timezone: str


class LineAnswer(BaseModel):
    """One line of the inbox. text: in the member's language, with what is known now. line_id, created_at: the same as
    id and at. version: 1, and 2 once it is read, which is at updated_at.

    member_id: whom it is about, where that is somebody else. post_id (of a comment or a message too), thread_id (the
    post that began the thread), role (the new one), reason, token and expires_at (of an invitation), freezes_at and
    closes_at (of a group without organizer), guests, position, place (the side of a hybrid event), changed, until, fell
    (dates of a series that were called off), back (those that take place after all), status and event (of a copy of a
    network event), export_id: where the kind has them.
    """

    id: str
    line_id: str
    kind: Kind
    text: str
    at: datetime
    read: bool
    version: int
    created_at: datetime
    updated_at: datetime
    group_id: str | None
    event_id: str | None
    member_id: str | None
    post_id: str | None
    thread_id: str | None = None
    role: str | None = None
    reason: str | None = None
    token: str | None = None
    expires_at: datetime | None = None
    freezes_at: datetime | None = None
    closes_at: datetime | None = None
    guests: int | None = None
    position: int | None = None
    place: Literal["physical", "online"] | None = None
    changed: list[str] | None = None
    until: datetime | None = None
    fell: int | None = None
    back: int | None = None
    status: Literal["draft", "published"] | None = None
    event: EventSaid | None = None
    export_id: str | None = None


class ReadAnswer(BaseModel):
    """id: the line, where one was marked."""

    read: bool
    id: str | None = None


class InboxRoutes:
    """texts: a line is worded when it is read."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._streams = Admission(PER_MEMBER)

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/v1/inbox", tags=["inbox"])
        router.get("", response_model=Page[LineAnswer])(self.get_inbox)
        streaming = [Depends(self._place, scope="request")]
        router.get("/stream", response_class=StreamingResponse, responses=_STREAM, dependencies=streaming)(
            self.follow_inbox
        )
        router.post("/read-all", response_model=ReadAnswer)(self.read_all)
        router.post("/{line}/read", response_model=ReadAnswer)(self.read_line)
        return router

    async def get_inbox(self, request: Request, me: Me, page: Paging, unread: bool = False) -> Response:
        """The caller's lines, newest first; with `unread` only those not read yet, of the newest 1,000."""
        before: str | None
        match page.after:
            case None:
                before = None
            case (str() as before,):
                pass
            case _:
                raise Problem(
                    400, "invalid-cursor", "The cursor is not one of ours", "Use next_cursor as it was given."
                )
        found = await lines(
            request.app.database, self._texts, me.member_id, unread=unread, before=before, limit=page.fetch
        )
        return page.answer(request, found, key=lambda line: (line.id,), shown=Line.shown)

    async def follow_inbox(
        self, request: Request, me: Me, seen: Annotated[str | None, Header(alias="Last-Event-ID")] = None
    ) -> Response:
        """New lines as server-sent events, within about a second; `Last-Event-ID` resumes behind that line.

        It ends with the token, or after 15 minutes; 429 beyond five at a time of one member.
        """
        seconds = min(LIFETIME_SECONDS, me.expires_at - clock.epoch_seconds())
        told = follow(request.app.database, self._texts, request.app.health, me.member_id, seen, seconds=seconds)
        return EventStream(told)

    async def _place(self, me: Me) -> AsyncIterator[None]:
        with self._streams.place(me.member_id):
            yield

    async def read_all(self, request: Request, me: Me) -> Response:
        """Mark as read what is unread now of the newest 1,000 lines; a repeat marks no more than the first time did."""
        turn = 0
        while True:
            unread = await unread_ids(request.app.database, me.member_id, limit=AT_ONCE)
            result = await inbox.read(request.app.journal, partial(_turn, request, me, turn), me.member_id, unread)
            turn += 1
            # of a turn that was decided before, that many were asked for then
            if result.answer.get("asked", 0) < AT_ONCE:
                return shown({"read": True})

    async def read_line(self, request: Request, me: Me, line: str) -> Response:
        """Mark one line as read; again changes nothing."""
        result = await inbox.read(request.app.journal, asked_by(request, me), me.member_id, [line])
        if result.refused is None:
            result = replace(result, answer={"id": line, "read": True})
        return reply(result)


def _turn(request: Request, me: Caller, turn: int, *, name: str, aggregate: str, body: dict[str, Any]) -> Command:
    """The command of one turn: each marks what is unread by then."""
    asked = command_from(request, me, name=name, aggregate=aggregate, body=body)
    if asked.fingerprint is None:
        return asked
    return replace(asked.child(name, aggregate, body, tag=f"turn {turn}"), fingerprint=asked.fingerprint)
