"""RSVPs: answer an event, and see who comes. `PUT …/rsvp` is the hot path: a lean route."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from chassis import clock
from chassis.http import Body, Incoming, LeanRoute, Me, Page, PageAsked, Paging, Problem, parse, reply
from chassis.http.caller import signed_in
from chassis.http.ports import MAYBE_STALE, TheDatabase, asked_as_seen, shown
from chassis.times import when
from events_service.domain.attendance import Mark
from events_service.domain.button import State, has_room, rsvp_state
from events_service.domain.code import own_code
from events_service.domain.ledger import Ledger
from events_service.domain.permission import Action
from events_service.domain.place import Side
from events_service.domain.rsvp import Status, Terms
from events_service.handlers import rsvp as rsvps
from events_service.handlers.answer import offer_id
from events_service.http.looking import Looking, TheEvent, members_only
from events_service.http.text import Answers
from events_service.store.attendance import key_of
from events_service.store.ledger import ledger_of, terms_of
from events_service.store.projection import group_of
from events_service.store.rsvp import rsvp_of
from events_service.views import attendance
from events_service.views import event as events
from events_service.views import rsvp as views
from events_service.views.block import hidden_from

router = APIRouter(prefix="/v1", tags=["rsvps"])


class Respond(Body):
    """An answer; asking twice changes nothing."""

    response: Literal["yes", "no"]
    guests: int = Field(default=0, ge=0, le=100)
    place: Side | None = Field(
        default=None,
        description="The side of a hybrid event; absent: where the person has a place or a turn, else the physical one",
    )
    answers: Answers | None = Field(default=None, description="To the event's questions; absent: as they were")


class PersonShown(BaseModel):
    name: str
    photo: str | None = None


class RsvpAnswer(BaseModel):
    """`response`: what the person said; `status`: what came of it; `seq`: of the event's last decision about it.

    `version` is the same as `seq`. `override`: a leader gave the place over the capacity, or before others who wait.
    `answers`, `by`, the leader, and as the status whether they came, are shown to the person and to leaders, where
    RSVPs are read; `checkin_code`, for leaders and hosts to scan, to the person.
    """

    rsvp_id: str
    number: int
    event_id: str
    member_id: str
    response: Literal["yes", "no"]
    status: Status | Mark
    guests: int
    place: Side | None = Field(default=None, description="The side that it is for, where an event has two")
    position: int | None = Field(default=None, description="Place in line, counted from 1")
    offer_id: str | None = Field(default=None, description="Of the seats that are held for them")
    offer_expires_at: AwareDatetime | None = None
    override: bool | None = None
    by: str | None = None
    answers: list[str] | None = None
    checkin_code: str | None = None
    seq: int
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime
    member: PersonShown | None = None


class SideState(BaseModel):
    """What one side of a hybrid event has for who comes now. seats_left: absent without a limit."""

    state: Literal["open", "full"]
    seats_left: int | None = None
    waitlist_length: int
    guest_limit: int


class SideStates(BaseModel):
    physical: SideState
    online: SideState


class RsvpStateAnswer(BaseModel):
    """What the RSVP button says. seats_left: absent without a limit; position: in line; offer_id: while it holds.

    Of an event with two sides, `place` is the caller's, and seats_left and waitlist_length are counted there; for who
    has no place or turn they are counted at both, and `full` means both.
    """

    event_id: str
    state: State
    place: Side | None = None
    seats_left: int | None = None
    waitlist_length: int
    position: int | None = None
    offer_id: str | None = None
    offer_expires_at: AwareDatetime | None = None
    sides: SideStates | None = Field(default=None, description="Each side, where the event has two")


async def put_rsvp(request: Incoming) -> Response:
    """Answer an event: yes, with guests, or no. The server decides between a place and the waitlist."""
    caller = await signed_in(request)
    body = await parse(request, Respond)
    event_id: str = request.path_params["event_id"]
    guests = body.guests if body.response == "yes" else 0
    ask, answers = asked_as_seen(request, caller), body.answers if body.response == "yes" else None
    place = body.place if body.response == "yes" else None
    result = await rsvps.respond(
        request.app.journal, ask, event_id, body.response, guests=guests, answers=answers, place=place
    )
    location = f"/v1/events/{event_id}/rsvp" if result.created else None
    return reply(result, location=location, etag=result.answer.get("version"))


LEAN = (
    LeanRoute(
        "/v1/events/{event_id}/rsvp",
        put_rsvp,
        method="PUT",
        body=Respond,
        answer=RsvpAnswer,
        summary="Answer an event",
        tags=["rsvps"],
        responses=MAYBE_STALE,
    ),
)


@router.get("/events/{event_id}/rsvp", response_model=RsvpAnswer)
async def read(looking: TheEvent, caller: Me, database: TheDatabase) -> Response:
    """One's own RSVP."""
    if looking.rsvp is None:
        raise Problem(404, "no-rsvp", "You have not answered this event")
    place = await views.position(database, looking.event, looking.rsvp)
    answer = views.shown(looking.rsvp, place, event=looking.event, inside=True)
    if looking.event["status"] == "published" and looking.rsvp["status"] != "no":
        key = key_of(await attendance.door_key(database))
        answer["checkin_code"] = own_code(key, looking.event["_id"], caller.member_id)
    return shown(answer, etag=answer["version"])


@router.get("/events/{event_id}/rsvp-state", response_model=RsvpStateAnswer)
async def state(looking: TheEvent, database: TheDatabase) -> Response:
    """What the RSVP button says, for the caller or for anybody."""
    if not looking.inside:
        raise members_only()
    document = await events.ledger(database, looking.event["_id"])
    ledger, terms = ledger_of(document), terms_of(document)
    rsvp = None if looking.rsvp is None else rsvp_of(looking.rsvp)
    now, place = clock.utc_now(), looking.side
    said = rsvp_state(terms, ledger, group_of(looking.group), looking.membership, rsvp=rsvp, now=now)
    rooms = ledger.each() if rsvp is None or place is None else (ledger.facing(rsvp.room),)
    answer: dict[str, Any] = {"event_id": looking.event["_id"], "state": said, **_counted(rooms)}
    if place is not None:
        answer["place"] = place
    if ledger.beside is not None:
        answer["sides"] = {terms.side(one.room): _side_state(terms, one) for one in ledger.each()}
    if looking.rsvp is not None and looking.rsvp["status"] == "waitlist":
        answer["position"] = await views.position(database, looking.event, looking.rsvp)
    if rsvp is not None and rsvp.offer is not None and said == "offered":
        offered = offer_id(looking.event["_id"], rsvp.offer.seq)
        answer |= {"offer_id": offered, "offer_expires_at": when(rsvp.offer.until)}
    return shown(answer)


def _counted(rooms: Sequence[Ledger]) -> dict[str, Any]:
    counted: dict[str, Any] = {"waitlist_length": sum(one.waiting for one in rooms)}
    left = [max(0, one.capacity - one.seats - one.held) for one in rooms if one.capacity is not None]
    return counted | ({"seats_left": sum(left)} if len(left) == len(rooms) else {})


def _side_state(terms: Terms, ledger: Ledger) -> dict[str, Any]:
    """Of the room that the ledger shows."""
    limit = terms.limit(ledger.room)
    return {"state": "open" if has_room(ledger) else "full", "guest_limit": limit, **_counted((ledger,))}


@router.get("/events/{event_id}/rsvps", response_model=Page[RsvpAnswer])
async def attendees(
    *,
    looking: TheEvent,
    request: Request,
    database: TheDatabase,
    paging: Paging,
    status: Annotated[Status, Query()] = "yes",
) -> Response:
    """Who comes, in order of acceptance, as far as the event and its members show it; leaders see everybody."""
    attendance = visible(looking)
    if status not in views.LISTED and attendance is not None:
        raise Problem(403, "not-allowed", "This is not allowed to you", "Only leaders and hosts see these.")
    found = await listed(looking, database, paging, status, attendance)
    return paging.answer(
        request,
        found,
        lambda rsvp: [rsvp["order"]],
        lambda rsvp: views.shown(rsvp, None, event=looking.event, inside=attendance is None),
    )


def visible(looking: Looking) -> tuple[str, ...] | None:
    """Whose RSVPs the caller sees, by what members chose; None = everybody's. Raises Problem 403."""
    if looking.may(Action.SEE_EVERYBODY):
        return None
    if not looking.inside:
        raise members_only()
    policy, member = looking.event["attendee_list"], looking.membership.active
    if policy == "hidden" or (policy == "members" and not member):
        raise Problem(403, "attendees-hidden", "This event does not show who comes")
    return ("everyone", "members") if member else ("everyone",)


async def listed(
    looking: Looking, database: TheDatabase, paging: PageAsked, status: str, attendance: tuple[str, ...] | None
) -> list[dict[str, Any]]:
    match paging.after:
        case None:
            after = None
        case (int() as order,):
            after = order
        case _:
            raise foreign_cursor()
    hidden: list[str] = []
    if attendance is not None and looking.member_id is not None:
        hidden = await hidden_from(database, looking.member_id)
    return await views.of_event(
        database,
        looking.event["_id"],
        status,
        attendance=attendance,
        viewer=looking.member_id,
        hidden=hidden,
        after=after,
        limit=paging.fetch,
    )


def foreign_cursor() -> Problem:
    return Problem(400, "invalid-cursor", "The cursor is not one of ours", "It belongs to another list.")
