"""One's own memberships: join, ask, look, leave."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from chassis.http import Body, Me, Page, Paging, Problem, reply
from chassis.http.ports import TheDatabase, TheJournal, asked_by, shown
from groups_service.domain.permission import Role
from groups_service.handlers import membership as memberships
from groups_service.http.group import GroupAnswer
from groups_service.http.looking import TheGroup, after_text
from groups_service.http.text import Answer
from groups_service.views import membership as views

router = APIRouter(prefix="/v1", tags=["memberships"])

State = Literal["pending", "active", "left", "removed", "banned"]
MemberId = Annotated[str, Path(max_length=255)]


class Joining(Body):
    """Answers to the group's questions, in their order; absent ones stay as they were."""

    answers: Annotated[list[Answer], Field(max_length=5)] | None = None


class MembershipAnswer(BaseModel):
    group_id: str
    member_id: str
    state: State
    role: Role
    answers: list[str]
    version: int
    created_at: str
    updated_at: str


class MyGroup(MembershipAnswer):
    group: GroupAnswer


@router.put(
    "/groups/{name}/membership",
    response_model=MembershipAnswer,
    responses={201: {"model": MembershipAnswer, "description": "They were never in the group before"}},
)
async def join(
    group: TheGroup, request: Request, caller: Me, journal: TheJournal, body: Joining | None = None
) -> Response:
    """Join, or ask to where leaders decide."""
    answers = None if body is None else body.answers
    result = await memberships.join(journal, asked_by(request, caller), group["_id"], caller.member_id, answers)
    place = f"/v1/groups/{result.answer.get('group_id')}/membership"
    return reply(result, location=place, etag=result.answer.get("version"))


@router.get("/groups/{name}/membership", response_model=MembershipAnswer)
async def read(group: TheGroup, caller: Me, database: TheDatabase) -> Response:
    """The caller's own standing in the group."""
    found = await views.one(database, group["_id"], caller.member_id)
    if found is None:
        raise Problem(404, "not-a-member", "They are no member of this group", "You never were one.")
    return shown(views.full(found), etag=found["version"])


@router.delete("/groups/{name}/membership", response_model=MembershipAnswer)
async def leave(group: TheGroup, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Leave, or take a request back."""
    ask = asked_by(request, caller)
    return reply(await memberships.leave(journal, ask, group["_id"], caller.member_id))


@router.get("/members/me/groups", response_model=Page[MyGroup])
async def my_groups(request: Request, caller: Me, database: TheDatabase, paging: Paging) -> Response:
    """The groups the caller is in or asks to join."""
    found = await views.groups_of(database, caller.member_id, after=after_text(paging), limit=paging.fetch)
    return paging.answer(request, found, lambda mine: [mine["group_id"]], lambda mine: mine)
