"""Groups that the caller may like."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from chassis.http import Me
from chassis.http.ports import TheDatabase, shown
from groups_service.domain.recommendation import Reason
from groups_service.http.group import GroupAnswer
from groups_service.views import recommendation as views

router = APIRouter(prefix="/v1/members/me/recommended-groups", tags=["groups"])


class RecommendedGroup(GroupAnswer):
    """A group, how far it is from the caller's home if they gave one, and why it is proposed."""

    because: list[Reason] = Field(
        description="`topic`: about one of the caller's; `near`: within 50 km of their home; `people`: people of their "
        "groups are in it or go there; `popular`: nothing but its size"
    )


class Recommended(BaseModel):
    """The best first. There is no next page."""

    items: list[RecommendedGroup]


@router.get("", response_model=Recommended, response_model_exclude_unset=True)
async def recommended(caller: Me, database: TheDatabase, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Response:
    """Public groups the caller never was in, by topics, place, and where the people of their groups go."""
    return shown({"items": await views.recommended(database, caller.member_id, limit=limit)})
