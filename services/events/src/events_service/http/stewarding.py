"""What leaders and hosts do about other people's RSVPs."""

from typing import Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from chassis.http import Body, Me, reply
from chassis.http.ports import TheDatabase, TheJournal, asked_by
from events_service.domain.permission import Action
from events_service.domain.place import Side
from events_service.handlers import stewarding
from events_service.http.looking import TheEvent, somebody
from events_service.http.rsvp import RsvpAnswer
from events_service.http.text import MemberId

router = APIRouter(prefix="/v1", tags=["rsvps"])


class Add(Body):
    """Somebody else's answer: `yes` adds them or changes their guests, `no` takes them out.

    override: a place at once, over the capacity and before whoever waits; it is shown as such. place: the side of a
    hybrid event, as in their own answer.
    """

    member_id: MemberId
    response: Literal["yes", "no"] = "yes"
    guests: int = Field(default=0, ge=0, le=100)
    place: Side | None = None
    override: bool = False


class Promote(Body):
    """override: also when they do not fit; it is shown as such."""

    override: bool = False


@router.post("/events/{event_id}/rsvps", response_model=RsvpAnswer, responses={201: {"model": RsvpAnswer}})
async def add(
    *, looking: TheEvent, body: Add, request: Request, caller: Me, database: TheDatabase, journal: TheJournal
) -> Response:
    """Answer for somebody else, also when RSVPs are closed; leaders and hosts only."""
    event_id, ask = looking.event["_id"], asked_by(request, caller)
    if body.response == "no":
        return reply(await stewarding.drop(journal, ask, event_id, body.member_id))
    if looking.may(Action.MANAGE_RSVPS):
        await somebody(database, event_id, body.member_id, ask)
    result = await stewarding.add(
        journal, ask, event_id, body.member_id, guests=body.guests, override=body.override, place=body.place
    )
    return reply(result, location=f"/v1/events/{event_id}/rsvps" if result.created else None)


@router.post("/events/{event_id}/waitlist/{member_id}/promote", response_model=RsvpAnswer)
async def promote(
    *, event_id: str, member_id: str, request: Request, caller: Me, journal: TheJournal, body: Promote | None = None
) -> Response:
    """A place for somebody who waits, whoever stands before them; leaders and hosts only."""
    ask, override = asked_by(request, caller), body is not None and body.override
    return reply(await stewarding.promote(journal, ask, event_id, member_id, override=override))
