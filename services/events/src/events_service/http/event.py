"""Events: create, find, read, change, delete."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from chassis import clock
from chassis.finding import Near
from chassis.http import MaybeMe, Me, Page, Paging, Problem, if_match, known, reply
from chassis.http.ports import MAYBE_STALE, TheDatabase, TheJournal, asked_as_seen, asked_by, shown
from chassis.mongo import Database
from events_service.domain.details import AttendeeList
from events_service.domain.permission import Action
from events_service.handlers import event as events
from events_service.http.details import EventAnswer, EventChange, NewEvent
from events_service.http.looking import TheEvent, members_only, membership_in
from events_service.http.text import Instant
from events_service.views import event as views
from events_service.views import group as groups
from events_service.views import network as networks

router = APIRouter(prefix="/v1", tags=["events"])

SOON = timedelta(hours=24)


@router.post("/groups/{group_id}/events", status_code=201, response_model=EventAnswer)
async def create(
    *, group_id: str, body: NewEvent, request: Request, caller: Me, database: TheDatabase, journal: TheJournal
) -> Response:
    """Make a draft; the group's leaders only."""
    group = await known(lambda: groups.one(database, group_id), what="group")
    listed: AttendeeList = "everyone" if group["visibility"] == "public" else "members"
    details = body.details(timezone=group["timezone"], attendee_list=listed)
    result = await events.create(journal, asked_by(request, caller), group_id, details)
    answer = result.answer
    return reply(result, location=f"/v1/events/{answer.get('event_id')}", etag=answer.get("version"))


@router.get(
    "/events",
    response_model=Page[EventAnswer],
    responses={
        403: {"description": "Who is not in a private group may not look for its events by what they do not see"},
        404: {"description": "There is no group with `group_id`, or no network with `network_id`"},
    },
)
async def find(
    *,
    request: Request,
    caller: MaybeMe,
    database: TheDatabase,
    paging: Paging,
    near: Annotated[
        str | None, Query(pattern=r"^-?[0-9]+(\.[0-9]+)?,-?[0-9]+(\.[0-9]+)?$", description="lat,lon")
    ] = None,
    radius_km: Annotated[float, Query(gt=0, le=500)] = 25,
    topic: Annotated[str | None, Query(max_length=50)] = None,
    group_id: Annotated[str | None, Query(max_length=64)] = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    since: Annotated[Instant | None, Query(alias="from")] = None,
    until: Annotated[Instant | None, Query(alias="to")] = None,
    starting_soon: bool = False,
    network_id: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
) -> Response:
    """Published events by start, those not over yet or not over at `from`; of a group its leaders also see drafts.
    `starting_soon`: those that begin within 24 hours; `network_id`: those of all its chapters. `near`, `topic` and `q`,
    of a private group's events, are for its members."""
    now = clock.utc_now()
    inside, drafts = True, False
    if group_id is not None:
        wanted = group_id
        group = await known(lambda: groups.one(database, wanted), what="group")
        inside = group["visibility"] == "public"
        if caller is not None:
            membership = await membership_in(database, group, caller.member_id)
            inside = inside or membership.may(Action.SEE_INSIDE)
            drafts = membership.may(Action.EDIT_EVENTS)
    if not inside and (near, topic, q) != (None, None, None):
        # whether there is a hit would tell where it is and what it is about
        raise members_only()
    looked_for = views.Wanted(
        since=since or now,
        until=min(now + SOON, until or now + SOON) if starting_soon else until,
        begins=now if starting_soon else None,
        among=None if network_id is None else await _chapters(database, network_id),
        near=None if near is None else _near(near, radius_km),
        topic=topic,
        group_id=group_id,
        q=q,
        drafts=drafts,
    )
    found = await views.find(database, looked_for, after=_after(paging.after), limit=paging.fetch)

    def answer(event: dict[str, Any]) -> dict[str, Any]:
        return views.full(event, event["counted"], now, link=False) if inside else views.outside(event, now)

    return paging.answer(request, found, views.key_of, answer)


async def _chapters(database: Database, network_id: str) -> list[str]:
    """The network's groups. Raises Problem 404."""
    await known(lambda: networks.one(database, network_id), what="network")
    return await groups.of_network(database, network_id)


def _near(text: str, radius_km: float) -> Near:
    lat, lon = (float(part) for part in text.split(","))
    if abs(lat) > 90 or abs(lon) > 180:
        raise _unfit("query/near", "near is lat,lon in degrees.")
    return Near(lat, lon, radius_km)


def _unfit(pointer: str, detail: str) -> Problem:
    told = {"pointer": pointer, "detail": detail, "code": "value_error"}
    return Problem(422, "invalid-request", "The request does not fit its description", detail, errors=[told])


def _after(after: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    match after:
        case None | (datetime(), str()):
            return after
    raise Problem(400, "invalid-cursor", "The cursor is not one of ours", "It belongs to another list.")


@router.get("/events/{event_id}", response_model=EventAnswer)
async def read(looking: TheEvent, database: TheDatabase) -> Response:
    """One event."""
    now = clock.utc_now()
    if not looking.inside:
        return shown(views.outside(looking.event, now), etag=looking.event["version"])
    counted = await views.ledger(database, looking.event["_id"])
    answer = views.full(looking.event, counted, now, link=looking.meets_online, notes=looking.has_place)
    return shown(answer, etag=looking.event["version"])


@router.patch("/events/{event_id}", response_model=EventAnswer)
async def change(event_id: str, body: EventChange, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Edit the event as it was at the version in If-Match; leaders and hosts only."""
    version = if_match(request)
    ask = asked_by(request, caller)
    result = await events.change(journal, ask, event_id, version=version, changes=body.changes())
    return reply(result, etag=result.answer.get("version"))


@router.delete("/events/{event_id}", status_code=204, responses=MAYBE_STALE)
async def delete(event_id: str, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Throw a draft away; leaders and hosts only. What was published can be cancelled."""
    reply(await events.act(journal, asked_as_seen(request, caller), event_id, events.DELETE))
    return Response(status_code=204)
