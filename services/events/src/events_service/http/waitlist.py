"""Who waits, why somebody else got in before, and how fair it all was."""

import asyncio
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from chassis import clock
from chassis.http import Me, Page, Paging, Problem
from chassis.http.ports import TheDatabase, shown
from events_service.domain.fairness import Tally
from events_service.domain.place import ROOMS
from events_service.domain.reason import Why, reason
from events_service.http.looking import TheEvent, members_only
from events_service.http.rsvp import RsvpAnswer, listed, visible
from events_service.store.event import event_of
from events_service.store.fairness import tally_in
from events_service.store.move import move_from
from events_service.store.rsvp import rsvp_of
from events_service.views import event as events
from events_service.views import rsvp as rsvps
from events_service.views import waitlist as views
from events_service.views.event import sided

router = APIRouter(prefix="/v1", tags=["waitlist"])

_COUNTED: Final = (
    *("inversions", "skips", "by_hand", "overrides", "promoted"),
    *("offers", "claimed", "declined", "expired"),
)


class ReasonAnswer(BaseModel):
    """`seq`: the decision that gave them their place, or their offer; `skips`: how often the caller was passed."""

    event_id: str
    member_id: str
    reason: Why
    detail: str
    seq: int
    skips: int


class Fair(BaseModel):
    """What each decision about the waitlist added. `inversions` must be 0: somebody came up before others who stood in
    front and fitted. `skips`: parties passed because they were too many for the seats that were free, each counted.
    Times in seconds, the median to within 5 %; absent when there was nothing to measure. Who still waits has waited
    until now, or until the event was over or called off.
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
    places = await rsvps.places(database, event, found)
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
    ledger, first = await asyncio.gather(events.ledger(database, event_id), views.first_asked(database, event_id))
    until = views.waited_until(event_of(looking.event), clock.utc_now())
    answer = {"event_id": event_id, **_figures(tally_in(ledger), first, until)}
    if sided(looking.event):
        firsts = await asyncio.gather(*(views.first_asked(database, event_id, room) for room in ROOMS))
        answer["sides"] = {
            side: _figures(tally_in(ledger, room), first, until)
            for room, side, first in zip(ROOMS, looking.event["rooms"], firsts, strict=True)
        }
    return shown(answer)


def _figures(tally: Tally, first: datetime | None, until: datetime) -> dict[str, Any]:
    """first: when the first who waits got their place in line; until: when who waits has waited until."""
    times = {
        "longest_wait_seconds": tally.longest_wait_by(until, first),
        "median_claim_seconds": tally.median_claim,
        "longest_claim_seconds": tally.longest_claim,
    }
    found = {name: round(time, 3) for name, time in times.items() if time is not None}
    return {**{name: getattr(tally, name) for name in _COUNTED}, **found}
