"""What people who were at an event make of it."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from chassis.http import Body, Me, Page, PageAsked, Paging, reply
from chassis.http.ports import MAYBE_STALE, TheDatabase, TheJournal, asked_as_seen
from chassis.mongo import Document
from events_service.domain.feedback import MOST_STARS, NEXT, Next, Totals
from events_service.domain.permission import Action
from events_service.handlers import feedback as feedbacks
from events_service.http.comment import insider
from events_service.http.looking import TheEvent
from events_service.http.rsvp import foreign_cursor
from events_service.http.text import Few
from events_service.store.feedback import totals_of
from events_service.views import feedback as views

router = APIRouter(prefix="/v1", tags=["feedback"])


class Give(Body):
    """`next`: what next, as people choose; `next_text`: in their own words. All of it takes the place of what they gave
    before."""

    stars: int = Field(ge=1, le=MOST_STARS)
    text: Few = ""
    next: list[Next] = Field(default_factory=list, max_length=len(NEXT))
    next_text: Few = ""


class FeedbackAnswer(BaseModel):
    """`name`: of who gave it, where leaders and hosts read it."""

    event_id: str
    member_id: str
    name: str | None = None
    stars: int
    text: str
    next: list[Next]
    next_text: str
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime


class Summary(Page[FeedbackAnswer]):
    """`stars`: how many gave 1 to 5; `mean`: absent without any; `next`: how many chose what; `mine`: the caller's own.

    `items`, the latest first, are for leaders and hosts; others see none.
    """

    event_id: str
    count: int
    mean: float | None = None
    stars: dict[str, int]
    next: dict[Next, int]
    opens_at: AwareDatetime
    closes_at: AwareDatetime
    mine: FeedbackAnswer | None = None


GIVEN: dict[int | str, dict[str, Any]] = {201: {"model": FeedbackAnswer, "description": "Created"}, **MAYBE_STALE}


@router.put("/events/{event_id}/feedback", response_model=FeedbackAnswer, responses=GIVEN)
async def give(event_id: str, body: Give, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Rate an event, from its end until 30 days after; for people who were there, once each, and editable."""
    result = await feedbacks.give(
        journal,
        asked_as_seen(request, caller),
        event_id,
        stars=body.stars,
        next_=body.next,
        text=body.text,
        next_text=body.next_text,
    )
    location = f"/v1/events/{event_id}/feedback" if result.created else None
    return reply(result, location=location, etag=result.answer.get("version"))


@router.get("/events/{event_id}/feedback", response_model=Summary)
async def read(looking: TheEvent, request: Request, database: TheDatabase, paging: Paging) -> Response:
    """What an event's feedback comes to, for everybody who may see the event; what people say for those who lead it."""
    event, before = insider(looking).event, _before(paging)
    totals = await views.totals(database, event["_id"])
    beside = views.summary(event, Totals(event["_id"]) if totals is None else totals_of(totals))
    if looking.member_id is not None:
        mine = await views.one(database, event["_id"], looking.member_id)
        beside |= {} if mine is None else {"mine": views.shown(mine)}
    found: list[Document] = []
    if looking.may(Action.READ_FEEDBACK):
        found = await views.given(database, event["_id"], before=before, limit=paging.fetch)
    return paging.answer(request, found, lambda one: [one["created_at"], one["_id"]], views.shown, beside=beside)


def _before(paging: PageAsked) -> tuple[datetime, str] | None:
    match paging.after:
        case None:
            return None
        case (datetime() as at, str() as id_):
            return at, id_
    raise foreign_cursor()
