"""Blocks: somebody whom one does not want to meet."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from chassis.http import Me, known, repeats, reply
from chassis.http.ports import TheDatabase, TheJournal, asked_by
from groups_service.handlers import block as blocks
from groups_service.views import member as members

router = APIRouter(prefix="/v1/members/{member_id}/block", tags=["members"])

Other = Annotated[str, Path(max_length=255)]


class BlockAnswer(BaseModel):
    """member_id: the other one, who is not told."""

    member_id: str
    blocked: bool


@router.put("", response_model=BlockAnswer)
async def block(member_id: Other, request: Request, caller: Me, database: TheDatabase, journal: TheJournal) -> Response:
    """From now on neither sees the other in lists."""
    ask = asked_by(request, caller)

    async def found() -> object | None:
        return await members.one(database, member_id) or await repeats(database, ask) or None

    await known(found, what="member")
    return reply(await blocks.block(journal, ask, caller.member_id, member_id))


@router.delete("", response_model=BlockAnswer)
async def unblock(member_id: Other, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Take the block back."""
    return reply(await blocks.unblock(journal, asked_by(request, caller), caller.member_id, member_id))
