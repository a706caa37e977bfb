"""What leaders and hosts write to those who come to an event."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel
from starlette.requests import Request
from starlette.responses import Response

from chassis.http import Body, Me, Page, Paging, Problem, reply, there
from chassis.http.ports import TheDatabase, TheJournal, asked_by, shown
from events_service.domain.letter import To
from events_service.domain.permission import Action
from events_service.handlers import letter as letters
from events_service.http.comment import after_number, insider
from events_service.http.looking import Looking, TheEvent
from events_service.http.text import Written
from events_service.views import comment as views

router = APIRouter(prefix="/v1", tags=["messages"])


class NewMessage(Body):
    """`body` is Markdown. `to`: who stands so when it is sent; `all`: whoever has a place, an offer or a turn."""

    to: To = "yes"
    body: Written


class MessageAnswer(BaseModel):
    """`html` is what `body` says, safe to show. `number`: its place in what is said about the event."""

    message_id: str
    event_id: str
    group_id: str
    author_id: str
    to: To
    number: int
    body: str
    html: str
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime


MADE: dict[int | str, dict[str, Any]] = {201: {"model": MessageAnswer, "description": "Created"}}


def meant_for(looking: Looking) -> tuple[str, ...] | None:
    """To whom those were written that somebody may read, None: all of them.

    Raises Problem 403 for outsiders of a private group, for who was put out of the group, and who has no turn.
    """
    if looking.may(Action.WRITE_TO_PEOPLE):
        return None
    rsvp = insider(looking).rsvp
    status = None if rsvp is None else rsvp["status"]
    if looking.membership.put_out or status not in ("yes", "waitlist", "offered"):
        raise Problem(403, "not-allowed", "This is not allowed to you", "This is for people with a place or a turn.")
    return (status, "all")


@router.post("/events/{event_id}/messages", response_model=MessageAnswer, responses=MADE, status_code=201)
async def write(event_id: str, body: NewMessage, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Write to those who come, or wait for a place; leaders and hosts only, at most 5 in 24 hours."""
    result = await letters.send(journal, asked_by(request, caller), event_id, to=body.to, body=body.body)
    return reply(result, location=f"/v1/events/{event_id}/messages/{result.answer.get('message_id')}")


@router.get("/events/{event_id}/messages", response_model=Page[MessageAnswer])
async def read(looking: TheEvent, request: Request, caller: Me, database: TheDatabase, paging: Paging) -> Response:
    """What was written to those who stand as the caller does, the latest first; leaders and hosts see all of it."""
    to = meant_for(looking)
    found = await views.letters(database, looking.event["_id"], to=to, before=after_number(paging), limit=paging.fetch)
    return paging.answer(request, found, lambda one: [one["number"]], views.letter)


@router.get("/events/{event_id}/messages/{message_id}", response_model=MessageAnswer)
async def read_one(
    looking: TheEvent, message_id: Annotated[str, Path(max_length=255)], caller: Me, database: TheDatabase
) -> Response:
    """One of those that the caller sees in the list."""
    found = await views.one_letter(database, looking.event["_id"], message_id, to=meant_for(looking))
    return shown(views.letter(there(found, what="message")))
