"""Groups: create, find, read, change."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from chassis.finding import Near
from chassis.http import Body, MaybeMe, Me, Page, PageAsked, Paging, Problem, if_match, reply
from chassis.http.ports import TheDatabase, TheJournal, asked_by, shown
from chassis.http.text import ONE_LINE
from chassis.mongo import Document
from groups_service.domain.group import Details, is_urlname
from groups_service.handlers import group as groups
from groups_service.http.looking import TheGroup, standing
from groups_service.http.text import Country, Latitude, Line, Longitude, Question, Text, Topics, Zone
from groups_service.views import group as views

router = APIRouter(prefix="/v1/groups", tags=["groups"])


def _urlname(text: str) -> str:
    if not is_urlname(text):
        raise ValueError("3 to 60 lower-case letters, digits and single dashes")
    return text


Urlname = Annotated[
    str,
    Field(min_length=3, max_length=60, pattern="^[a-z0-9]+(-[a-z0-9]+)*$", examples=["jersey-city-moms"]),
    AfterValidator(_urlname),
]
Called = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), ONE_LINE]
DigestAbove = Annotated[int, Field(ge=0, lt=2**31)]
Questions = Annotated[list[Question], Field(max_length=5)]


_NULLABLE: Final = ("state", "digest_above")


class NewGroup(Body):
    """Without `urlname` one is made from the name.

    `digest_above`: with more members than this, announcements reach them by mail in digests; null: as the platform has
    it.
    """

    urlname: Urlname | None = None
    name: Line
    description: Text = ""
    topics: Topics = Field(default_factory=list)
    city: Line
    country: Country
    state: Line | None = None
    lat: Latitude
    lon: Longitude
    timezone: Zone
    visibility: Literal["public", "private"] = "public"
    join_mode: Literal["open", "approval", "closed"] = "open"
    join_questions: Questions = Field(default_factory=list)
    photo_required: bool = False
    members_are_called: Called = "Members"
    digest_above: DigestAbove | None = None

    def details(self) -> Details:
        values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in self}
        return Details(**{**values, "urlname": self.urlname or ""})


class GroupChange(Body):
    """What is absent or null stays as it is; only `state` and `digest_above` may be set to null. A private group stays
    private."""

    urlname: Urlname | None = None
    name: Line | None = None
    description: Text | None = None
    topics: Topics | None = None
    city: Line | None = None
    country: Country | None = None
    state: Line | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    timezone: Zone | None = None
    visibility: Literal["public", "private"] | None = None
    join_mode: Literal["open", "approval", "closed"] | None = None
    join_questions: Questions | None = None
    photo_required: bool | None = None
    members_are_called: Called | None = None
    digest_above: DigestAbove | None = None

    def changes(self) -> dict[str, Any]:
        given = self.model_dump(exclude_unset=True)
        return {name: value for name, value in given.items() if value is not None or name in _NULLABLE}


class Candidate(BaseModel):
    """Somebody who offers to organize the group."""

    member_id: str
    since: str
    votes: int


class Succession(BaseModel):
    """What becomes of a group without organizer, and when. `decides_at`: the end of the vote, null while nobody offers.

    Closing waits for a vote.
    """

    freezes_at: str
    closes_at: str
    decides_at: str | None
    candidates: list[Candidate]


class GroupAnswer(BaseModel):
    """A group. Outsiders of a private one get `group_id`, `name` and `visibility` alone.

    `succession` is there while nobody organizes it: `status` is `grace` or `frozen` then.
    """

    group_id: str
    number: int | None = None
    urlname: str | None = None
    name: str
    description: str | None = None
    topics: list[str] | None = None
    city: str | None = None
    country: str | None = None
    state: str | None = None
    lat: float | None = None
    lon: float | None = None
    timezone: str | None = None
    visibility: str
    join_mode: str | None = None
    join_questions: list[str] | None = None
    photo_required: bool | None = None
    members_are_called: str | None = None
    digest_above: int | None = None
    status: str | None = None
    organizer_id: str | None = None
    succession: Succession | None = None
    member_count: int | None = None
    network_id: str | None = Field(default=None, description="The network whose chapter it is")
    version: int | None = None
    created_at: str | None = None
    updated_at: str | None = None
    distance_km: float | None = Field(default=None, description="From the point that was asked for")


MADE: dict[int | str, dict[str, Any]] = {201: {"model": GroupAnswer, "description": "Created"}}


@router.post("", response_model=GroupAnswer, responses=MADE, status_code=201)
async def create(body: NewGroup, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Create a group; the caller becomes its organizer."""
    result = await groups.create(journal, asked_by(request, caller), body.details())
    return reply(result, location=f"/v1/groups/{result.answer.get('group_id')}", etag=result.answer.get("version"))


@router.get("", response_model=Page[GroupAnswer], response_model_exclude_unset=True)
async def find(
    *,
    request: Request,
    database: TheDatabase,
    paging: Paging,
    near: Annotated[
        str | None, Query(pattern=r"^-?[0-9]{1,3}(\.[0-9]+)?,-?[0-9]{1,3}(\.[0-9]+)?$", max_length=60)
    ] = None,
    radius_km: Annotated[float, Query(gt=0, le=500)] = 50,
    topic: Annotated[str | None, Query(min_length=1, max_length=50)] = None,
    q: Annotated[str | None, Query(max_length=100)] = None,
    country: Annotated[Country | None, Query()] = None,
) -> Response:
    """Public groups: near a point (`lat,lon`; nearest first), about a topic, by words, by country."""
    wanted = views.Wanted(near=_near(near, radius_km), topic=topic, country=country, q=q)
    after = _after(paging, by_distance=wanted.near is not None)
    found = await views.find(database, wanted, after=after, limit=paging.fetch)
    return paging.answer(request, found, views.key_of, _found)


@router.get("/{name}", response_model=GroupAnswer, response_model_exclude_unset=True)
async def read(group: TheGroup, caller: MaybeMe, database: TheDatabase) -> Response:
    """A group by id or urlname."""
    if group["visibility"] == "private" and await standing(database, group, caller) is None:
        return shown(views.outside(group))
    return shown(views.full(group), etag=group["version"])


@router.patch("/{name}", response_model=GroupAnswer)
async def change(group: TheGroup, body: GroupChange, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Change what the group says of itself, as seen at If-Match; leaders only."""
    ask = asked_by(request, caller)
    result = await groups.change(journal, ask, group["_id"], version=if_match(request), changes=body.changes())
    return reply(result, etag=result.answer.get("version"))


def _near(text: str | None, radius_km: float) -> Near | None:
    if text is None:
        return None
    lat, lon = (float(part) for part in text.split(","))
    if abs(lat) > 90 or abs(lon) > 180:
        raise Problem(422, "invalid-request", "The request does not fit its description", "near is no point on Earth.")
    return Near(lat, lon, radius_km)


def _after(paging: PageAsked, *, by_distance: bool) -> tuple[Any, ...] | None:
    """The cursor's key, if it is one of this order's."""
    kinds: tuple[type, ...] = (float, str) if by_distance else (str,)
    after = paging.after
    if after is not None and (len(after) != len(kinds) or not all(map(isinstance, after, kinds))):
        raise Problem(400, "invalid-cursor", "The cursor is not one of ours", "It belongs to another list.")
    return after


def _found(document: Document) -> dict[str, Any]:
    answer = views.full(document)
    if "distance" in document:
        answer["distance_km"] = round(document["distance"] / 1000, 3)
    return answer
