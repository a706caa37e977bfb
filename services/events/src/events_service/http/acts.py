"""What leaders do with an event: publish, announce, cancel, open and close its RSVPs."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chassis.http import Me, reply
from chassis.http.ports import TheJournal, asked_by
from events_service.handlers import event as events
from events_service.http.details import EventAnswer

router = APIRouter(prefix="/v1", tags=["events"])


@router.post("/events/{event_id}/publish", response_model=EventAnswer)
async def publish(event_id: str, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Open a draft to people; leaders and hosts only."""
    result = await events.act(journal, asked_by(request, caller), event_id, events.PUBLISH)
    return reply(result, etag=result.answer.get("version"))


@router.post("/events/{event_id}/announce", response_model=EventAnswer)
async def announce(event_id: str, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Tell the group, once; leaders and hosts only."""
    result = await events.act(journal, asked_by(request, caller), event_id, events.ANNOUNCE)
    return reply(result, etag=result.answer.get("version"))


@router.post("/events/{event_id}/cancel", response_model=EventAnswer)
async def cancel(event_id: str, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Call a published event off; leaders and hosts only."""
    result = await events.act(journal, asked_by(request, caller), event_id, events.CANCEL)
    return reply(result, etag=result.answer.get("version"))


@router.post("/events/{event_id}/open-rsvps", response_model=EventAnswer)
async def open_rsvps(event_id: str, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Take RSVPs from now on, whatever the window says; leaders and hosts only."""
    result = await events.act(journal, asked_by(request, caller), event_id, events.OPEN_RSVPS)
    return reply(result, etag=result.answer.get("version"))


@router.post("/events/{event_id}/close-rsvps", response_model=EventAnswer)
async def close_rsvps(event_id: str, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Take no RSVPs from now on, whatever the window says; leaders and hosts only."""
    result = await events.act(journal, asked_by(request, caller), event_id, events.CLOSE_RSVPS)
    return reply(result, etag=result.answer.get("version"))
