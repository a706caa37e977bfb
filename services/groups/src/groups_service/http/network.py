"""Networks: create, read, change, and what their chapters come to together."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import AfterValidator, BaseModel, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from chassis.http import Body, Me, if_match, reply, there
from chassis.http.pages import encode as cursor
from chassis.http.ports import TheDatabase, TheJournal, asked_by, shown
from chassis.mongo import Document
from groups_service.handlers import network as networks
from groups_service.http.text import Line
from groups_service.views import network as views

router = APIRouter(prefix="/v1/networks", tags=["networks"])

MemberId = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Days = Annotated[int, Field(ge=1, le=3650)]
Reason = Literal["owned", "sponsored"]
Admins = Annotated[
    list[MemberId], Field(min_length=1, max_length=50), AfterValidator(lambda ids: [*dict.fromkeys(ids)])
]


async def network_named(network_id: Annotated[str, Path(max_length=255)], database: TheDatabase) -> Document:
    """The network that the path names. Raises Problem 404."""
    return there(await views.one(database, network_id), what="network")


TheNetwork = Annotated[Document, Depends(network_named)]


class NewNetwork(Body):
    """`dormant_after`: days."""

    name: Line
    reason: Reason = "owned"
    dormant_after: Days = 90


class NetworkChange(Body):
    """What is absent or null stays as it is. `admins`: all of them, one at least."""

    name: Line | None = None
    reason: Reason | None = None
    admins: Admins | None = None
    dormant_after: Days | None = None


class NetworkAnswer(BaseModel):
    """A network. `dormant_after`: days without an announced event until a chapter is dormant."""

    network_id: str
    name: str
    reason: Reason
    admins: list[str]
    dormant_after: int
    version: int
    created_at: str
    updated_at: str


class Chapter(BaseModel):
    """A group in a network, or one that may come to be, of which no figures are shown.

    members: active ones; events: published and not cancelled, past ones too; rsvps: those that stand at yes;
    attendance: how often somebody came to an event, as far as it was noted; announced_at: the last announcement;
    scheduled_until: the end of the last event.
    """

    group_id: str
    name: str
    urlname: str | None = None
    city: str | None = None
    country: str | None = None
    visibility: str
    state: Literal["invited", "asked", "chapter"]
    since: str | None = None
    members: int | None = None
    events: int | None = None
    rsvps: int | None = None
    attendance: int | None = None
    announced_at: str | None = None
    scheduled_until: str | None = None
    dormant: bool | None = None


class Total(BaseModel):
    """dormant: how many of the chapters are."""

    chapters: int
    dormant: int
    members: int
    events: int
    rsvps: int
    attendance: int


class Pulse(BaseModel):
    """Figures of a network: of all the chapters that the caller may see together, and of each of the first 200 of them.
    `next_cursor`, absent where there are no more, is for the list of chapters."""

    network_id: str
    total: Total
    chapters: list[Chapter]
    next_cursor: str | None = None


MADE: dict[int | str, dict[str, Any]] = {201: {"model": NetworkAnswer, "description": "Created"}}


@router.post("", response_model=NetworkAnswer, responses=MADE, status_code=201)
async def create(body: NewNetwork, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Create a network; the caller becomes its first admin."""
    result = await networks.create(journal, asked_by(request, caller), **body.model_dump())
    return reply(result, location=f"/v1/networks/{result.answer['network_id']}", etag=result.answer["version"])


@router.get("/{network_id}", response_model=NetworkAnswer)
async def read(network: TheNetwork, caller: Me) -> Response:
    """A network."""
    return shown(views.full(network), etag=network["version"])


@router.patch("/{network_id}", response_model=NetworkAnswer)
async def change(
    network: TheNetwork, body: NetworkChange, request: Request, caller: Me, journal: TheJournal
) -> Response:
    """Change a network, as seen at If-Match; its admins only."""
    changes = body.model_dump(exclude_none=True)
    ask = asked_by(request, caller)
    result = await networks.change(journal, ask, network["_id"], version=if_match(request), changes=changes)
    return reply(result, etag=result.answer.get("version"))


@router.get("/{network_id}/pulse", response_model=Pulse)
async def pulse(network: TheNetwork, caller: Me, database: TheDatabase) -> Response:
    """What the chapters come to, each and together. Private ones are counted for the network's admins and their own
    members."""
    inside = caller.member_id in network["admins"]
    answer = await views.pulse(database, network, inside=inside, member_id=caller.member_id)
    after = answer.pop("after")
    return shown(answer if after is None else {**answer, "next_cursor": cursor([after])})
