"""Closing a group, and who follows an organizer who left."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chassis.http import Me, reply
from chassis.http.ports import TheJournal, asked_by
from chassis.journal.decision import Result
from groups_service.handlers import group as groups
from groups_service.handlers import succession
from groups_service.http.group import GroupAnswer
from groups_service.http.looking import TheGroup
from groups_service.http.membership import MemberId

router = APIRouter(prefix="/v1/groups/{name}", tags=["succession"])


@router.post("/close", response_model=GroupAnswer)
async def close(group: TheGroup, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Close the group for good; the organizer only."""
    return _with_version(await groups.close(journal, asked_by(request, caller), group["_id"]))


@router.post("/step-up", response_model=GroupAnswer)
async def step_up(group: TheGroup, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Take over a group without organizer as its co-organizer, or offer to as a member; the group decides in 3 days."""
    return _with_version(await succession.step_up(journal, asked_by(request, caller), group["_id"]))


@router.put("/step-up/{member_id}/vote", response_model=GroupAnswer)
async def vote(group: TheGroup, member_id: MemberId, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Choose who shall organize the group; members only, and another choice replaces it."""
    return _with_version(await succession.vote(journal, asked_by(request, caller), group["_id"], member_id))


def _with_version(result: Result) -> Response:
    return reply(result, etag=result.answer.get("version"))
