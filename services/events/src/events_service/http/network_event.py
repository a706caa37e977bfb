"""Network events: one template, of which each chapter of the network has a copy in its own zone."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import AwareDatetime, BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from chassis import clock
from chassis.auth import Caller
from chassis.http import Me, Page, PageAsked, Paging, Problem, if_match, known, reply
from chassis.http.ports import MAYBE_STALE, TheDatabase, TheJournal, asked_as_seen, asked_by, shown
from chassis.mongo import Database, Document
from events_service.domain.details import AttendeeList
from events_service.domain.network_event import LAST_ZONE
from events_service.handlers import network_event as network_events
from events_service.handlers.answer import network_event_answer
from events_service.http.details import Described, DescribedChange
from events_service.http.promotion import PromotionBody
from events_service.http.text import Shared
from events_service.store.network_event import network_event_of
from events_service.views import network as networks
from events_service.views import network_event as views

router = APIRouter(prefix="/v1", tags=["network events"])


class NewNetworkEvent(Described):
    """Start and end are wall times in each chapter's own zone. RSVPs open and close at durations before the start."""

    description: Shared = ""
    publish: bool = Field(default=False, description="Open to people at once; else each copy is a draft")


class NetworkEventChange(DescribedChange):
    """What is absent stays as it is, and so does what a chapter changed in its copy."""

    description: Shared | None = None


class Progress(BaseModel):
    """Chapters by what became of them. made: with a copy; waiting: their copies are being made; under_way: not every
    chapter has been looked at since the last change of the network event."""

    total: int
    made: int
    waiting: int
    skipped: int
    opted_out: int
    left: int
    under_way: bool


class NetworkEventAnswer(BaseModel):
    """What all copies have in common. Without an `attendee_list` it is for everyone in public groups, else for
    members."""

    network_event_id: str
    network_id: str
    title: str
    description: str
    starts_at: str
    ends_at: str
    place: dict[str, Any] | None
    capacity: int | None
    guest_limit: int
    rsvp_opens_at: str | None
    rsvp_closes_at: str | None
    attendee_list: AttendeeList | None
    promotion: PromotionBody
    topics: list[str]
    questions: list[str]
    photos: list[str]
    host_notes: str
    status: Literal["draft", "published", "cancelled"]
    progress: Progress | None = None
    created_by: str | None
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime


class ChapterAnswer(BaseModel):
    """A chapter's copy, for as long as it is one. reason: why it was skipped; changed: the fields that the chapter
    changed; left_out: those that the copy could not take over; version: of the network event, as the copy follows
    it."""

    group_id: str
    state: Literal["planned", "made", "skipped", "opted-out", "left"]
    timezone: str
    reason: str | None = None
    event_id: str | None = None
    status: Literal["draft", "published", "cancelled", "past"] | None = None
    title: str | None = None
    starts_at: str | None = None
    starts_at_utc: AwareDatetime | None = None
    changed: list[str] | None = None
    left_out: list[str] | None = None
    version: int | None = None


class OptedOut(BaseModel):
    """What the chapter is to the network event by now."""

    network_event_id: str
    group_id: str
    state: Literal["opted-out", "left"]


NetworkId = Annotated[str, Path(max_length=64)]


async def _network_event(
    network_event_id: Annotated[str, Path(max_length=64)], caller: Me, database: TheDatabase
) -> Document:
    """The one that the path names, for its network's admins. Raises Problem 404 and 403."""
    found = await views.one(database, network_event_id)
    if found is None:
        raise Problem(404, "unknown-network-event", "There is no such network event")
    await _must_run(database, caller, found["network_id"])
    return found


TheNetworkEvent = Annotated[Document, Depends(_network_event)]


async def _must_run(database: Database, caller: Caller, network_id: str) -> None:
    """Raises Problem 404 and 403."""
    network = await known(lambda: networks.one(database, network_id), what="network")
    if caller.member_id not in network["admins"]:
        raise Problem(403, "not-an-admin", "Only admins may do this", "Only the network's admins see this.")


def _after(paging: PageAsked) -> str | None:
    match paging.after:
        case None:
            return None
        case (str() as last,):
            return last
    raise Problem(400, "invalid-cursor", "The cursor is not one of ours", "It belongs to another list.")


@router.post("/networks/{network_id}/events", status_code=201, response_model=NetworkEventAnswer)
async def create(
    *,
    network_id: NetworkId,
    body: NewNetworkEvent,
    request: Request,
    caller: Me,
    database: TheDatabase,
    journal: TheJournal,
) -> Response:
    """Make a network event; the network's admins only. Those that are its chapters now get their copies one by one."""
    await known(lambda: networks.one(database, network_id), what="network")
    result = await network_events.create(
        journal,
        asked_by(request, caller),
        network_id,
        details=body.details(timezone=LAST_ZONE, attendee_list="everyone"),
        listed=body.attendee_list,
        publish=body.publish,
    )
    answer = result.answer
    location = f"/v1/network-events/{answer.get('network_event_id')}"
    return reply(result, location=location, etag=answer.get("version"))


@router.get("/networks/{network_id}/events", response_model=Page[NetworkEventAnswer])
async def all_of(
    network_id: NetworkId, request: Request, caller: Me, database: TheDatabase, paging: Paging
) -> Response:
    """A network's network events; its admins only."""
    await _must_run(database, caller, network_id)
    found = await views.of_network(database, network_id, after=_after(paging), limit=paging.fetch)
    return paging.answer(
        request, found, lambda one: [one["_id"]], lambda one: network_event_answer(network_event_of(one))
    )


@router.get("/network-events/{network_event_id}", response_model=NetworkEventAnswer)
async def read(found: TheNetworkEvent, database: TheDatabase) -> Response:
    """A network event and how far it has come; the network's admins only."""
    answer = {**network_event_answer(network_event_of(found)), "progress": await views.progress(database, found)}
    return shown(answer, etag=found["version"])


@router.get("/network-events/{network_event_id}/chapters", response_model=Page[ChapterAnswer])
async def chapters(found: TheNetworkEvent, request: Request, database: TheDatabase, paging: Paging) -> Response:
    """Its chapters, each with its copy and what it changed in it; the network's admins only."""
    after, now = _after(paging), clock.utc_now()
    rows = await views.chapters(database, found["_id"], now, after=after, limit=paging.fetch)
    return paging.answer(request, rows, lambda one: [one["group_id"]], lambda one: one)


@router.post("/network-events/{network_event_id}/chapters", response_model=NetworkEventAnswer, responses=MAYBE_STALE)
async def extend(network_event_id: str, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Bring in the chapters that came to the network since, and those that were skipped; its admins only.

    They get their copies one by one, as when it was made. Who has opted out or left stays out.
    """
    result = await network_events.act(journal, asked_as_seen(request, caller), network_event_id, network_events.EXTEND)
    return reply(result, etag=result.answer.get("version"))


@router.patch("/network-events/{network_event_id}", response_model=NetworkEventAnswer)
async def change(
    network_event_id: str, body: NetworkEventChange, request: Request, caller: Me, journal: TheJournal
) -> Response:
    """Edit a network event, as it was at the version in If-Match; the network's admins only.

    It reaches every copy that has not begun, but for the fields that its chapter changed.
    """
    version, ask = if_match(request), asked_by(request, caller)
    result = await network_events.change(journal, ask, network_event_id, version=version, changes=body.changes())
    return reply(result, etag=result.answer.get("version"))


@router.post("/network-events/{network_event_id}/publish", response_model=NetworkEventAnswer, responses=MAYBE_STALE)
async def publish(network_event_id: str, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Open every copy to people; the network's admins only."""
    result = await network_events.act(journal, asked_as_seen(request, caller), network_event_id, network_events.PUBLISH)
    return reply(result, etag=result.answer.get("version"))


@router.post("/network-events/{network_event_id}/cancel", response_model=NetworkEventAnswer, responses=MAYBE_STALE)
async def cancel(network_event_id: str, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Call off every copy that has not begun, and delete drafts; the network's admins only."""
    result = await network_events.act(journal, asked_as_seen(request, caller), network_event_id, network_events.CANCEL)
    return reply(result, etag=result.answer.get("version"))


@router.delete("/network-events/{network_event_id}/chapters/{group_id}", response_model=OptedOut)
async def opt_out(network_event_id: str, group_id: str, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Have a chapter out of it, say its leaders or the network's admins. A draft goes; what is published is its own."""
    return reply(await network_events.opt_out(journal, asked_by(request, caller), network_event_id, group_id))
