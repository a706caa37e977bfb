"""Events: create, find, read, change, publish, announce, cancel."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field, model_validator
from starlette.requests import Request
from starlette.responses import Response

from chassis import clock
from chassis.http import Body, MaybeMe, Me, Page, Paging, Problem, if_match, known, reply
from chassis.http.ports import TheDatabase, TheJournal, asked_by, shown
from events_service.domain.event import AttendeeList, Details
from events_service.domain.permission import Action
from events_service.domain.place import Place
from events_service.domain.promotion import AT_ONCE
from events_service.handlers import event as events
from events_service.http.looking import TheEvent, membership_in
from events_service.http.promotion import PromotionBody
from events_service.http.text import (
    Hosts,
    Latitude,
    Line,
    Link,
    Longitude,
    Questions,
    Text,
    Topics,
    Wall,
    Window,
    Zone,
)
from events_service.views import event as views
from events_service.views import group as groups

router = APIRouter(prefix="/v1", tags=["events"])

SOON = timedelta(hours=24)


class Online(Body):
    """The online side of a hybrid event."""

    url: Link | None = None


class PlaceBody(Body):
    """Links are shown to people with a place only."""

    kind: Literal["physical", "online", "hybrid"]
    name: Line | None = None
    address: Annotated[str, Field(max_length=300)] | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    url: Link | None = Field(default=None, description="Where an online event meets")
    online: Online | None = Field(default=None, description="The online side of a hybrid event")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "PlaceBody":
        if (self.lat is None) != (self.lon is None):
            raise ValueError("lat and lon come together")
        if self.kind == "online" and (self.name or self.address or self.lat is not None):
            raise ValueError("an online event has no place to go to")
        if self.url is not None and self.kind != "online":
            raise ValueError("url is for online events; a hybrid one has online.url")
        if self.online is not None and self.kind != "hybrid":
            raise ValueError("online is for hybrid events")
        return self

    def place(self) -> Place:
        link = self.online.url if self.online is not None else self.url
        return Place(self.kind, self.name, self.address, self.lat, self.lon, None if link is None else str(link))


Capacity = Annotated[int, Field(ge=1, le=1_000_000)]
Guests = Annotated[int, Field(ge=0, le=100)]


class NewEvent(Body):
    """Without `capacity` there is no limit. The attendee list is for everyone in public groups, else for members."""

    title: Line
    description: Text = ""
    starts_at: Wall
    ends_at: Wall
    timezone: Zone | None = Field(default=None, description="The group's, when absent")
    place: PlaceBody | None = None
    capacity: Capacity | None = None
    guest_limit: Guests = 2
    rsvp_opens_at: Window | None = None
    rsvp_closes_at: Window | None = None
    attendee_list: AttendeeList | None = None
    promotion: PromotionBody = PromotionBody()
    hosts: Hosts = Field(default_factory=list)
    topics: Topics = Field(default_factory=list)
    questions: Questions = Field(default_factory=list, description="For who RSVPs")

    def details(self, *, timezone: str, attendee_list: AttendeeList) -> Details:
        return Details(
            title=self.title,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            timezone=self.timezone or timezone,
            attendee_list=self.attendee_list or attendee_list,
            description=self.description,
            place=None if self.place is None else self.place.place(),
            capacity=self.capacity,
            guest_limit=self.guest_limit,
            rsvp_opens_at=self.rsvp_opens_at,
            rsvp_closes_at=self.rsvp_closes_at,
            promotion=replace(AT_ONCE, **self.promotion.given()),
            hosts=tuple(self.hosts),
            topics=tuple(self.topics),
            questions=tuple(self.questions),
        )


_MAY_BE_NULL = {"place", "capacity", "rsvp_opens_at", "rsvp_closes_at"}


class EventChange(Body):
    """What is absent stays as it is, also within promotion; place, capacity and the RSVP window may be set to null."""

    title: Line | None = None
    description: Text | None = None
    starts_at: Wall | None = None
    ends_at: Wall | None = None
    timezone: Zone | None = None
    place: PlaceBody | None = None
    capacity: Capacity | None = None
    guest_limit: Guests | None = None
    rsvp_opens_at: Window | None = None
    rsvp_closes_at: Window | None = None
    attendee_list: AttendeeList | None = None
    promotion: PromotionBody | None = None
    hosts: Hosts | None = None
    topics: Topics | None = None
    questions: Questions | None = None

    def changes(self) -> dict[str, Any]:
        """Fields of `Details`, as plain values."""
        given = self.model_fields_set
        values = {name: getattr(self, name) for name in given}
        kept = {name: value for name, value in values.items() if value is not None or name in _MAY_BE_NULL}
        if self.place is not None:
            place = self.place.place()
            kept["place"] = {name: getattr(place, name) for name in Place.__slots__}
        if self.promotion is not None:
            kept["promotion"] = self.promotion.given()
        return kept


class EventAnswer(BaseModel):
    """An event. Outsiders of a private group are shown title and time."""

    event_id: str
    group_id: str
    title: str
    starts_at: str
    ends_at: str
    timezone: str
    starts_at_utc: AwareDatetime
    ends_at_utc: AwareDatetime
    status: Literal["draft", "published", "cancelled", "past"]
    description: str | None = None
    place: dict[str, Any] | None = None
    capacity: int | None = None
    guest_limit: int | None = None
    rsvp_opens_at: str | None = None
    rsvp_closes_at: str | None = None
    attendee_list: AttendeeList | None = None
    rsvps_by_hand: Literal["opened", "closed"] | None = None
    promotion: PromotionBody | None = None
    hosts: list[str] | None = None
    topics: list[str] | None = None
    questions: list[str] | None = None
    seats_used: int | None = None
    waitlist_length: int | None = None
    announced_at: AwareDatetime | None = None
    created_by: str | None = None
    version: int | None = None
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None


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


@router.get("/events", response_model=Page[EventAnswer])
async def find(
    *,
    request: Request,
    caller: MaybeMe,
    database: TheDatabase,
    paging: Paging,
    near: Annotated[str | None, Query(pattern=r"^-?\d+(\.\d+)?,-?\d+(\.\d+)?$", description="lat,lon")] = None,
    radius_km: Annotated[float, Query(gt=0, le=500)] = 25,
    topic: Annotated[str | None, Query(max_length=50)] = None,
    group_id: Annotated[str | None, Query(max_length=64)] = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    starting_soon: bool = False,
) -> Response:
    """Published events by start, those not over yet or not over at `from`; of a group its leaders also see drafts."""
    if "network_id" in request.query_params:
        raise _unfit("query/network_id", "There are no networks of groups yet.")
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
    looked_for = views.Wanted(
        since=since or now,
        until=now + SOON if starting_soon else until,
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


def _near(text: str, radius_km: float) -> views.Near:
    lat, lon = (float(part) for part in text.split(","))
    if abs(lat) > 90 or abs(lon) > 180:
        raise _unfit("query/near", "near is lat,lon in degrees.")
    return views.Near(lat, lon, radius_km)


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
    answer = views.full(looking.event, counted, now, link=looking.has_place)
    return shown(answer, etag=looking.event["version"])


@router.patch("/events/{event_id}", response_model=EventAnswer)
async def change(event_id: str, body: EventChange, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Edit the event as it was at the version in If-Match; leaders and hosts only."""
    version = if_match(request)
    ask = asked_by(request, caller)
    result = await events.change(journal, ask, event_id, version=version, changes=body.changes())
    return reply(result, etag=result.answer.get("version"))
