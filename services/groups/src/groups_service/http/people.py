"""A group's people: who they are, and what its leaders do about them."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from chassis.http import Body, Me, Page, Paging, Problem, reply
from chassis.http.ports import TheDatabase, TheJournal, asked_by
from groups_service.domain.permission import Action, Role, allows
from groups_service.handlers import people
from groups_service.http.looking import TheGroup, after_text, members_only, standing
from groups_service.http.membership import MemberId, MembershipAnswer, State
from groups_service.views import membership as views
from groups_service.views.block import hidden_from

router = APIRouter(prefix="/v1/groups/{name}/members", tags=["people"])


class RoleGiven(Body):
    """`organizer` hands the group over: the giver becomes a co-organizer."""

    role: Role


class Person(BaseModel):
    """Somebody in a group. `answers` are for its leaders; `number` is null until the member has one."""

    group_id: str
    member_id: str
    state: State
    role: Role
    version: int
    created_at: str
    updated_at: str
    name: str
    photo: str | None
    number: int | None
    answers: list[str] | None = None


@router.get("", response_model=Page[Person])
async def members(
    *,
    group: TheGroup,
    request: Request,
    caller: Me,
    database: TheDatabase,
    paging: Paging,
    state: Annotated[State, Query()] = "active",
    role: Annotated[Role | None, Query()] = None,
) -> Response:
    """A group's people; those not active, and all answers, are for its leaders, who see also whom they block."""
    mine = await standing(database, group, caller)
    leads = mine is not None and allows(mine["role"], Action.SEE_REQUESTS)
    if group["visibility"] == "private" and (mine is None or not allows(mine["role"], Action.SEE_INSIDE)):
        raise members_only()
    if state != "active" and not leads:
        raise Problem(403, "not-allowed", "Your role does not allow this", "Only the group's leaders see this.")
    found = await views.members(
        database,
        group["_id"],
        state=state,
        role=role,
        answers=leads,
        hidden=() if leads else await hidden_from(database, caller.member_id),
        after=after_text(paging),
        limit=paging.fetch,
    )
    return paging.answer(request, found, lambda person: [person["member_id"]], lambda person: person)


@router.post("/{member_id}/approve", response_model=MembershipAnswer)
async def approve(group: TheGroup, member_id: MemberId, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Say yes to a request; leaders only."""
    return reply(await people.act(journal, asked_by(request, caller), group["_id"], member_id, people.APPROVE))


@router.post("/{member_id}/reject", response_model=MembershipAnswer)
async def reject(group: TheGroup, member_id: MemberId, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Say no to a request; leaders only."""
    return reply(await people.act(journal, asked_by(request, caller), group["_id"], member_id, people.REJECT))


@router.post("/{member_id}/remove", response_model=MembershipAnswer)
async def remove(group: TheGroup, member_id: MemberId, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Put a member out, who may ask again; leaders only."""
    return reply(await people.act(journal, asked_by(request, caller), group["_id"], member_id, people.REMOVE))


@router.post("/{member_id}/ban", response_model=MembershipAnswer)
async def ban(group: TheGroup, member_id: MemberId, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Keep somebody out; leaders only."""
    return reply(await people.act(journal, asked_by(request, caller), group["_id"], member_id, people.BAN))


@router.post("/{member_id}/unban", response_model=MembershipAnswer)
async def unban(group: TheGroup, member_id: MemberId, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Let somebody ask again; leaders only."""
    return reply(await people.act(journal, asked_by(request, caller), group["_id"], member_id, people.UNBAN))


@router.put("/{member_id}/role", response_model=MembershipAnswer)
async def change_role(
    *, group: TheGroup, member_id: MemberId, body: RoleGiven, request: Request, caller: Me, journal: TheJournal
) -> Response:
    """Give a member a role."""
    ask = asked_by(request, caller)
    return reply(await people.change_role(journal, ask, group["_id"], member_id, body.role))
