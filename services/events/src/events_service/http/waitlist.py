"""Who waits, why somebody else got in before, and how fair it all was."""

import asyncio
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from chassis import clock
from chassis.http import Me, Page, Paging, Problem
from chassis.http.ports import TheDatabase, shown
from events_service.domain.fairness import Fairness, fairness, in_room
from events_service.domain.reason import Why, reason
from events_service.http.looking import TheEvent, members_only
from events_service.http.rsvp import RsvpAnswer, listed, visible
from events_service.store.move import move_from, turn_of
from events_service.store.rsvp import rsvp_of
from events_service.views import rsvp as rsvps
from events_service.views import waitlist as views
from events_service.views.event import sided

router = APIRouter(prefix="/v1", tags=["waitlist"])


class ReasonAnswer(BaseModel):
    """`seq`: the decision that gave them their place, or their offer; `skips`: how often the caller was passed."""

    event_id: str
    member_id: str
    reason: Why
    detail: str
    seq: int
    skips: int


class Fair(BaseModel):
    """Told from the log of the waitlist. `inversions` must be 0: somebody came up before others who stood in front and
    fitted. `skips`: parties passed because they were too many for the seats that were free, each counted. Times in
    seconds; absent when there was nothing to measure.
    """

    inversions: int
    skips: int
    by_hand: int
    overrides: int
    promoted: int
    longest_wait_seconds: float | None = None
    offers: int
    claimed: int
    declined: int
    expired: int
    median_claim_seconds: float | None = None
    longest_claim_seconds: float | None = None


class FairSides(BaseModel):
    physical: Fair
    online: Fair


class FairnessAnswer(Fair):
    """Of the whole event; `sides`: of each, where it has two. Who goes over leaves the line they stood in."""

    event_id: str
    sides: FairSides | None = None


@router.get("/events/{event_id}/waitlist", response_model=Page[RsvpAnswer])
async def waitlist(*, looking: TheEvent, request: Request, database: TheDatabase, paging: Paging) -> Response:
    """Who waits, in line, as far as the event and its members show it; leaders see everybody."""
    attendance = visible(looking)
    found = await listed(looking, database, paging, "waitlist", attendance)
    event = looking.event
    places = await asyncio.gather(*(rsvps.position(database, event, rsvp) for rsvp in found))
    place_of = {rsvp["_id"]: place for rsvp, place in zip(found, places, strict=True)}
    return paging.answer(
        request,
        found,
        lambda rsvp: [rsvp["order"]],
        lambda rsvp: rsvps.shown(rsvp, place_of[rsvp["_id"]], event=event, inside=attendance is None),
    )


@router.get("/events/{event_id}/waitlist/why", response_model=ReasonAnswer)
async def why(
    looking: TheEvent, caller: Me, database: TheDatabase, member_id: Annotated[str, Query(max_length=255)]
) -> Response:
    """Why somebody else got in before the caller, from what was decided. Of people on no list the caller may see,
    nothing is said."""
    if looking.rsvp is None:
        raise Problem(404, "no-rsvp", "You have not answered this event")
    event_id = looking.event["_id"]
    theirs = await rsvps.seen(database, event_id, member_id, attendance=visible(looking), viewer=caller.member_id)
    if theirs is None:
        raise Problem(404, "no-rsvp", "They are on no list that you may see")
    moves = [move_from(move) for move in await views.moves(database, event_id, member_id)]
    found = reason(rsvp_of(looking.rsvp), rsvp_of(theirs), moves, sided=sided(looking.event))
    return shown(
        {
            "event_id": event_id,
            "member_id": member_id,
            "reason": found.why,
            "detail": found.detail,
            "seq": found.seq,
            "skips": looking.rsvp["skips"],
        }
    )


@router.get("/events/{event_id}/fairness", response_model=FairnessAnswer)
async def fair(looking: TheEvent, database: TheDatabase) -> Response:
    """How fair the waitlist was, for everybody who may see the event."""
    if not looking.inside:
        raise members_only()
    event_id = looking.event["_id"]
    moves, waiting = await asyncio.gather(views.moves(database, event_id), views.waiting(database, event_id))
    log, turns, now = [move_from(move) for move in moves], [turn_of(rsvp) for rsvp in waiting], clock.utc_now()
    answer = {"event_id": event_id, **_answer(fairness(log, turns, now))}
    if sided(looking.event):
        answer["sides"] = {
            side: _answer(fairness(*in_room(room, log, turns), now))
            for room, side in enumerate(looking.event["rooms"], 1)
        }
    return shown(answer)


def _answer(found: Fairness) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    for name, value in asdict(found).items():
        if isinstance(value, timedelta):
            answer[f"{name}_seconds"] = round(value.total_seconds(), 3)
        elif value is not None:
            answer[name] = value
    return answer
