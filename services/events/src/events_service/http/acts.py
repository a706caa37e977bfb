"""What leaders do with an event: publish, announce, cancel, open and close its RSVPs."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chassis.http import Me, reply
from chassis.http.ports import MAYBE_STALE, TheJournal, asked_as_seen
from events_service.handlers import event as events
from events_service.http.details import EventAnswer

router = APIRouter(prefix="/v1", tags=["events"])

_ACTS: Final = {
    "publish": (events.PUBLISH, "Open a draft to people"),
    "announce": (events.ANNOUNCE, "Tell the group, once"),
    "cancel": (events.CANCEL, "Call a published event off"),
    "open-rsvps": (events.OPEN_RSVPS, "Take RSVPs from now on, whatever the window says"),
    "close-rsvps": (events.CLOSE_RSVPS, "Take no RSVPs from now on, whatever the window says"),
}


def _route(path: str, name: str, said: str) -> None:
    """path: the last word of it; name: the command's."""

    async def act(event_id: str, request: Request, caller: Me, journal: TheJournal) -> Response:
        result = await events.act(journal, asked_as_seen(request, caller), event_id, name)
        return reply(result, etag=result.answer.get("version"))

    router.add_api_route(
        f"/events/{{event_id}}/{path}",
        act,
        methods=["POST"],
        response_model=EventAnswer,
        responses=MAYBE_STALE,
        name=path.replace("-", "_"),
        description=f"{said}; leaders and hosts only.",
    )


for _path, (_name, _said) in _ACTS.items():
    _route(_path, _name, _said)
