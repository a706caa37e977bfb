"""How a group grows."""

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from chassis.http import Me
from chassis.http.ports import TheDatabase, shown
from groups_service.http.looking import TheGroup, members_only, standing
from groups_service.views import pulse as views

router = APIRouter(prefix="/v1/groups/{name}/pulse", tags=["groups"])


class Day(BaseModel):
    """A day of UTC on which somebody came, went, or said yes to an event, or on which one began that people came to.
    `members`: at its end; attended: to events that began on it, as far as it was noted."""

    day: str
    members: int | None
    joined: int
    left: int
    first_timers: int
    returners: int
    attended: int


class Place(BaseModel):
    city: str
    country: str
    active_members: int


class Ratings(BaseModel):
    """Of all the group's events, by people who were there. `stars`: how many gave 1 to 5."""

    count: int
    mean: float | None
    stars: dict[str, int]


class GroupPulse(BaseModel):
    """active_members: who said yes to an event within 90 days; first_timers and returners: yeses in that time, once for
    a person and day; attendance: how often somebody came to an event that began in that time; leaders: everybody with a
    role."""

    group_id: str
    members: int
    leaders: int
    active_members: int
    first_timers: int
    returners: int
    attendance: int
    leader_shortage: bool = Field(description="Fewer than one leader per 150 active members")
    sister_group: list[Place] = Field(description="Where one is proposed: two places or more, or none")
    ratings: Ratings
    days: list[Day] = Field(description="Of the last year, oldest first")


@router.get("", response_model=GroupPulse)
async def pulse(group: TheGroup, caller: Me, database: TheDatabase) -> Response:
    """A group's figures; a private group's are for its members."""
    if group["visibility"] == "private" and await standing(database, group, caller) is None:
        raise members_only()
    return shown(await views.pulse(database, group))
