"""Invitations: leaders invite, list and take back; whoever is invited accepts."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field, StringConstraints, model_validator
from starlette.requests import Request
from starlette.responses import Response

from chassis.auth import Caller
from chassis.http import Body, Me, Page, Paging, Problem, reply, there
from chassis.http.ports import TheDatabase, TheJournal, asked_by, shown
from chassis.mongo import Database, Document
from groups_service.domain.invitation import State
from groups_service.domain.permission import Action, allows
from groups_service.handlers import invitation as invitations
from groups_service.http.looking import TheGroup, after_key, standing
from groups_service.http.membership import MembershipAnswer
from groups_service.views import invitation as views

router = APIRouter(prefix="/v1", tags=["invitations"])

Token = Annotated[str, Path(max_length=255)]
USES = 10


class NewInvitation(Body):
    """For how many days, and for whom: without `member_id` for whoever gets the token, `uses` people at most (10)."""

    member_id: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = None
    days: int = Field(default=14, ge=1, le=90)
    uses: int | None = Field(default=None, ge=1, le=100)

    @model_validator(mode="after")
    def _one_person_comes_once(self) -> "NewInvitation":
        if self.member_id is not None and self.uses not in (None, 1):
            raise ValueError("an invitation that names somebody is used once")
        return self


class InvitationAnswer(BaseModel):
    """`member_id` is null of an open one. `used`: how many of the `uses` people came by it."""

    invitation_id: str
    group_id: str
    member_id: str | None
    invited_by: str
    uses: int
    used: int
    state: State
    version: int
    created_at: str
    updated_at: str
    expires_at: str


class MadeAnswer(InvitationAnswer):
    """An open one's `token` is a secret that is shown this once: whoever has it can come in. A repeat of the request
    hears it for 24 hours, then null."""

    token: str | None


MADE: dict[int | str, dict[str, Any]] = {201: {"model": MadeAnswer, "description": "Created"}}


@router.post("/groups/{name}/invitations", response_model=MadeAnswer, responses=MADE)
async def invite(group: TheGroup, body: NewInvitation, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Invite somebody, or whoever gets the token, whatever the group's way of joining; leaders only. Of somebody whose
    invitation is open the answer is that one. 20 a day reach one person, of all groups together."""
    ask = asked_by(request, caller)
    if body.member_id is None:
        uses = USES if body.uses is None else body.uses
        result = await invitations.open_to_all(journal, ask, group["_id"], days=body.days, uses=uses)
    else:
        result = await invitations.invite(journal, ask, group["_id"], body.member_id, days=body.days)
    made = result.answer
    place = f"/v1/groups/{made.get('group_id')}/invitations/{made.get('invitation_id')}"
    return reply(result, location=place, etag=made.get("version"))


@router.get("/groups/{name}/invitations", response_model=Page[InvitationAnswer])
async def given(group: TheGroup, request: Request, caller: Me, database: TheDatabase, paging: Paging) -> Response:
    """All invitations that the group gave, the newest first; leaders only."""
    await _must_invite(database, group, caller)
    key = after_key(paging, datetime, str)
    after = None if key is None else (key[0], key[1])
    found = await views.of_group(database, group["_id"], after=after, limit=paging.fetch)
    return paging.answer(request, found, lambda one: [one["created_at"], one["_id"]], views.full)


@router.get("/groups/{name}/invitations/{invitation_id}", response_model=InvitationAnswer)
async def read(group: TheGroup, invitation_id: Token, caller: Me, database: TheDatabase) -> Response:
    """An invitation that the group gave; leaders only."""
    await _must_invite(database, group, caller)
    found = views.full(there(await views.one(database, group["_id"], invitation_id), what="invitation"))
    return shown(found, etag=found["version"])


@router.delete("/groups/{name}/invitations/{invitation_id}", response_model=InvitationAnswer)
async def revoke(group: TheGroup, invitation_id: Token, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Take an invitation back: it lets nobody in any more; leaders only."""
    return reply(await invitations.revoke(journal, asked_by(request, caller), group["_id"], invitation_id))


@router.post(
    "/invitations/{token}/accept",
    response_model=MembershipAnswer,
    responses={410: {"description": "It was accepted or taken back before, or has expired"}},
)
async def accept(token: Token, request: Request, caller: Me, database: TheDatabase, journal: TheJournal) -> Response:
    """Come into the group by an invitation."""
    found = await views.held(database, token)
    if found is None:
        raise Problem(404, "invitation-not-found", "There is no such invitation", "There is none for you.")
    ask = asked_by(request, caller)
    return reply(await invitations.accept(journal, ask, found["group_id"], caller.member_id, found["_id"]))


async def _must_invite(database: Database, group: Document, caller: Caller) -> None:
    """Raises Problem 403."""
    mine = await standing(database, group, caller)
    if mine is None or not allows(mine["role"], Action.INVITE):
        raise Problem(403, "not-allowed", "Your role does not allow this", "Only the group's leaders see this.")
