"""Members: one's own profile, and others as they show themselves."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field, StringConstraints, model_validator
from starlette.requests import Request
from starlette.responses import Response

from chassis.http import Body, Me, if_match_given, known, reply
from chassis.http.ports import MAYBE_STALE, TheDatabase, TheJournal, asked_by, shown
from chassis.http.text import ONE_LINE
from chassis.telemetry import current_traceparent
from groups_service.domain.member import Profile
from groups_service.handlers import member as members
from groups_service.http.text import Country, Latitude, Line, Longitude, Text, Topics, Zone
from groups_service.views import member as views

router = APIRouter(prefix="/v1/members", tags=["members"])

Photo = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+\S*$", max_length=500), ONE_LINE]
Locale = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")]


class ProfileGiven(Body):
    """The whole profile: what is absent is cleared. `attendance`: who sees where the member goes."""

    name: Line
    bio: Text = ""
    photo: Photo | None = None
    city: Line | None = None
    country: Country | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    timezone: Zone = "UTC"
    locale: Locale = "en"
    topics: Topics = Field(default_factory=list)
    attendance: Literal["everyone", "members", "nobody"] = "everyone"

    @model_validator(mode="after")
    def _whole_point(self) -> "ProfileGiven":
        if (self.lat is None) != (self.lon is None):
            raise ValueError("a point has both lat and lon")
        return self

    def profile(self) -> Profile:
        values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in self}
        return Profile(**values)


class MemberAnswer(BaseModel):
    """A member as others see them. `name` is empty until they gave one."""

    member_id: str
    number: int
    name: str
    bio: str
    photo: str | None
    city: str | None
    country: str | None
    topics: list[str]
    version: int
    created_at: str
    updated_at: str


class OwnAnswer(MemberAnswer):
    lat: float | None
    lon: float | None
    timezone: str
    locale: str
    attendance: Literal["everyone", "members", "nobody"]


@router.get("/me", response_model=OwnAnswer)
async def read_own(caller: Me, database: TheDatabase, journal: TheJournal) -> Response:
    """The caller's own profile; whoever asks is a member from then on."""
    found = await views.one(database, caller.member_id)
    if found is None:
        before = await views.before(database, caller.member_id)
        await members.register(journal, caller.member_id, before, trace=current_traceparent())
        found = await known(lambda: views.one(database, caller.member_id), what="member")
    return shown(views.own(found), etag=found["version"])


@router.put("/me", response_model=OwnAnswer, responses=MAYBE_STALE)
async def describe(body: ProfileGiven, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Replace the caller's profile; with `If-Match` the one that was read, and no later one."""
    ask, seen = asked_by(request, caller), if_match_given(request)
    result = await members.describe(journal, ask, caller.member_id, body.profile(), seen)
    return reply(result, etag=result.answer.get("version"))


@router.get("/{member_id}", response_model=MemberAnswer)
async def read(member_id: Annotated[str, Path(max_length=255)], caller: Me, database: TheDatabase) -> Response:
    """Another member, as they show themselves."""
    found = await known(lambda: views.one(database, member_id), what="member")
    return shown(views.public(found), etag=found["version"])
