"""Invitations: leaders invite, whoever is invited accepts."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from chassis.http import Body, Me, Problem, reply
from chassis.http.ports import TheDatabase, TheJournal, asked_by
from groups_service.handlers import invitation as invitations
from groups_service.http.looking import TheGroup
from groups_service.http.membership import MembershipAnswer
from groups_service.views import invitation as views

router = APIRouter(prefix="/v1", tags=["invitations"])

Token = Annotated[str, Path(max_length=255)]


class NewInvitation(Body):
    """Whom it is for, and for how many days."""

    member_id: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    days: int = Field(default=14, ge=1, le=90)


class InvitationAnswer(BaseModel):
    """`token` names the invitation; nobody but the person it is for can accept it."""

    token: str
    group_id: str
    member_id: str
    invited_by: str
    created_at: str
    expires_at: str


MADE: dict[int | str, dict[str, Any]] = {201: {"model": InvitationAnswer, "description": "Created"}}


@router.post("/groups/{name}/invitations", response_model=InvitationAnswer, responses=MADE, status_code=201)
async def invite(group: TheGroup, body: NewInvitation, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Invite somebody, whatever the group's way of joining; leaders only."""
    ask = asked_by(request, caller)
    return reply(await invitations.invite(journal, ask, group["_id"], body.member_id, days=body.days))


@router.post(
    "/invitations/{token}/accept",
    response_model=MembershipAnswer,
    responses={410: {"description": "It was accepted before, or has expired"}},
)
async def accept(token: Token, request: Request, caller: Me, database: TheDatabase, journal: TheJournal) -> Response:
    """Come into the group by an invitation."""
    found = await views.one(database, token)
    if found is None:
        raise Problem(404, "invitation-not-found", "There is no such invitation", "There is none for you.")
    ask = asked_by(request, caller)
    return reply(await invitations.accept(journal, ask, found["group_id"], caller.member_id, token))
