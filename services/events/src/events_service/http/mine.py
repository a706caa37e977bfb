"""The caller's RSVPs to whatever events."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel
from starlette.requests import Request
from starlette.responses import Response

from chassis import clock
from chassis.http import Me, Page, Paging
from chassis.http.ports import TheDatabase
from chassis.times import when
from events_service.domain.rsvp import Status
from events_service.handlers.answer import status_at
from events_service.http.rsvp import RsvpAnswer, foreign_cursor
from events_service.views import rsvp as views

router = APIRouter(prefix="/v1", tags=["rsvps"])


class EventShort(BaseModel):
    event_id: str
    group_id: str
    title: str
    starts_at: str
    timezone: str
    starts_at_utc: AwareDatetime
    status: Literal["draft", "published", "cancelled", "past"]


class OwnRsvp(RsvpAnswer):
    event: EventShort


@router.get("/members/me/rsvps", response_model=Page[OwnRsvp])
async def own(
    *,
    request: Request,
    caller: Me,
    database: TheDatabase,
    paging: Paging,
    time: Annotated[
        views.When | None, Query(alias="when", description="Only of events that are not over, or that are")
    ] = None,
    status: Annotated[Status | None, Query()] = None,
) -> Response:
    """The caller's RSVPs, those to the latest events first; `when=upcoming`: the next first."""
    now = clock.utc_now()

    def answer(rsvp: dict[str, Any]) -> dict[str, Any]:
        event = rsvp["event"]
        short = {
            "event_id": event["_id"],
            **{name: event[name] for name in ("group_id", "title", "starts_at", "timezone")},
            "starts_at_utc": when(event["starts"]),
            "status": status_at(event["status"], event["ends"], now),
        }
        return {**views.shown(rsvp, None, event=event, inside=True), "event": short}

    match paging.after:
        case None:
            after = None
        case (datetime() as starts, str() as id_):
            after = starts, id_
        case _:
            raise foreign_cursor()
    found = await views.of_member(
        database, caller.member_id, now, when=time, status=status, after=after, limit=paging.fetch
    )
    return paging.answer(request, found, views.key_of_own, answer)
