"""Who hosts an event."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chassis.http import Me, reply
from chassis.http.ports import MAYBE_STALE, TheJournal, asked_as_seen
from events_service.handlers import event as events
from events_service.http.details import EventAnswer
from events_service.http.text import MemberId

router = APIRouter(prefix="/v1", tags=["events"])


@router.put("/events/{event_id}/hosts/{member_id}", response_model=EventAnswer, responses=MAYBE_STALE)
async def add_host(event_id: str, member_id: MemberId, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Make somebody a host: they may do with this event what leaders may, and take no seat. At most 5."""
    result = await events.host(journal, asked_as_seen(request, caller), event_id, member_id, hosting=True)
    return reply(result, etag=result.answer.get("version"))


@router.delete("/events/{event_id}/hosts/{member_id}", response_model=EventAnswer, responses=MAYBE_STALE)
async def remove_host(
    event_id: str, member_id: MemberId, request: Request, caller: Me, journal: TheJournal
) -> Response:
    """Make somebody a host no more; who has said yes needs a free seat then."""
    result = await events.host(journal, asked_as_seen(request, caller), event_id, member_id, hosting=False)
    return reply(result, etag=result.answer.get("version"))
