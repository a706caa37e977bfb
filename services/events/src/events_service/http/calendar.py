"""Calendars to subscribe to: one event, a group's, one's own under a secret address."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel
from starlette.requests import Request
from starlette.responses import Response

from chassis import clock
from chassis.http import MaybeMe, Me, Problem, known, reply
from chassis.http.ports import TheDatabase, TheJournal, asked_by
from events_service.domain.permission import Action
from events_service.handlers import calendar
from events_service.http.looking import Looking, TheEvent, looking_at, members_only, membership_in
from events_service.views import calendar as views
from events_service.views import group as groups
from events_service.views.calendar import Entry

router = APIRouter(prefix="/v1", tags=["calendars"])

_ICALENDAR: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/calendar": {}}, "description": "iCalendar (RFC 5545)"},
    304: {"description": "As the ETag says"},
}


class CalendarAnswer(BaseModel):
    """url: the address to subscribe to, a secret: who has it sees where the member goes. A repeat of the request hears
    it, and the token in it, for 24 hours, then null. It never changes: another one takes its place."""

    calendar_id: str
    url: str | None
    token: str | None
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime


@router.get("/events/{event_id}.ics", response_class=Response, responses=_ICALENDAR)
async def one(looking: TheEvent, request: Request) -> Response:
    """One event; the link is for people with a place."""
    return await _calendar(request, looking.event["title"], [_entry(looking)])


@router.get("/groups/{group_id}/events.ics", response_class=Response, responses=_ICALENDAR)
async def of_group(group_id: str, request: Request, caller: MaybeMe, database: TheDatabase) -> Response:
    """A group's events, those of the last 90 days with them; of a private group for its members."""
    group = await known(lambda: groups.one(database, group_id), what="group")
    if group["visibility"] != "public":
        membership = None if caller is None else await membership_in(database, group, caller.member_id)
        if membership is None or not membership.may(Action.SEE_INSIDE):
            raise members_only()
    found = await views.of_group(database, group_id, clock.utc_now() - views.KEPT)
    return await _calendar(request, group["name"], [Entry(event) for event in found])


@router.get("/calendars/{token}.ics", response_class=Response, responses=_ICALENDAR)
async def own(token: str, request: Request, database: TheDatabase) -> Response:
    """The events in which somebody has a place or a turn, each as they see it now: outsiders of a private group see
    title and time; links are for people with a place."""
    member_id = await views.member_of(database, calendar.digest_of(token))
    if member_id is None:
        raise Problem(404, "unknown-calendar", "There is no such calendar")
    answered = await views.of_member(database, member_id, clock.utc_now() - views.KEPT)
    entries = [_entry(one, own=True) for one in await looking_at(database, member_id, answered)]
    return await _calendar(request, "Convene", entries)


@router.post("/members/me/calendar", status_code=201, response_model=CalendarAnswer)
async def give(request: Request, caller: Me, journal: TheJournal) -> Response:
    """A secret address of one's own calendar; the one before leads nowhere any more."""
    result = await calendar.give(journal, asked_by(request, caller), caller.member_id)
    token = result.answer.get("token")
    path = None if token is None else f"/v1/calendars/{token}.ics"
    url = None if path is None else f"{request.app.settings.site()}{path}"
    return reply(replace(result, answer={"url": url, **result.answer}), location=path)


@router.delete("/members/me/calendar", status_code=204)
async def revoke(request: Request, caller: Me, journal: TheJournal) -> Response:
    """Take the address back; it leads nowhere from now on."""
    reply(await calendar.revoke(journal, asked_by(request, caller), caller.member_id))
    return Response(status_code=204)


def _entry(looking: Looking, *, own: bool = False) -> Entry:
    """own: in the calendar of whoever looks, which says whether they have a place or a turn."""
    rsvp = looking.rsvp["status"] if own and looking.rsvp is not None else "yes"
    link = looking.inside and looking.meets_online
    return Entry(looking.event, full=looking.inside, link=link, rsvp=rsvp, side=looking.side)


async def _calendar(request: Request, name: str, entries: Sequence[Entry]) -> Response:
    """304 where the caller has what would be written; written beside the loop, which answers RSVPs meanwhile."""
    tag = f'"{views.etag(name, entries)}"'
    headers = {"etag": tag, "cache-control": "private, no-cache", "vary": "authorization"}
    seen = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if tag in seen or "*" in seen:
        return Response(status_code=304, headers=headers)
    body = await asyncio.to_thread(views.written, name, entries, site=request.app.settings.site())
    return Response(body, headers=headers, media_type="text/calendar; charset=utf-8")
