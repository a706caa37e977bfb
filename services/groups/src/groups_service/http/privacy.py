"""A member's own data: to take along, or to have forgotten."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from chassis import clock
from chassis.http import Me, Problem, reply, there
from chassis.http.ports import TheDatabase, TheJournal, asked_by, shown
from groups_service.handlers import privacy
from groups_service.views import privacy as views

router = APIRouter(prefix="/v1/members/me", tags=["data rights"])


class _Progress(BaseModel):
    """`missing`: the services that have not done their part yet."""

    member_id: str
    due_at: str | None
    missing: list[Literal["groups", "events", "notifications"]]
    version: int
    created_at: str
    updated_at: str


class ExportAnswer(_Progress):
    export_id: str
    status: Literal["asked", "done"]


class ErasureAnswer(_Progress):
    """`grace`: it begins at `due_at`, unless the member comes back; `asked`: under way; `done`: all is forgotten."""

    erasure_id: str
    status: Literal["grace", "undone", "asked", "done"]


ASKED: dict[int | str, dict[str, Any]] = {
    200: {"model": ExportAnswer, "description": "The caller's export is under way, or younger than a day"},
    201: {"model": ExportAnswer, "description": "Created"},
}


@router.post("/export", status_code=201, response_model=ExportAnswer, responses=ASKED)
async def ask_for_export(request: Request, caller: Me, database: TheDatabase, journal: TheJournal) -> Response:
    """Have everything gathered that the three services hold of the caller; once a day."""
    if not request.app.settings.export_keys():
        raise Problem(503, "no-exports", "This platform cannot export", "Its operator has to set EXPORT_KEY.")
    latest = await views.last_export(database, caller.member_id)
    erasure = await views.last_erasure(database, caller.member_id)
    anew = latest is not None and not views.answers(latest, erasure, clock.utc_now())
    result = await privacy.export(journal, asked_by(request, caller), caller.member_id, latest, anew=anew)
    return reply(result, location=f"/v1/members/me/export/{result.answer.get('export_id')}")


@router.get(
    "/export/{export_id}",
    response_model=ExportAnswer,
    status_code=202,
    responses={
        200: {"content": {"application/zip": {}}, "description": "The archive: one JSON file per service and thing"},
        202: {"description": "Not all services have sent their part yet"},
        410: {"description": "The archive is not offered any more"},
    },
)
async def fetch_export(
    export_id: Annotated[str, Path(max_length=64)], request: Request, caller: Me, database: TheDatabase
) -> Response:
    """The archive once it is whole, for 7 days; how far it is before."""
    found = there(await views.export(database, caller.member_id, export_id), what="export")
    packed = None
    if found.status == "done":
        packed = await views.archive(database, found, request.app.settings.export_keys())
        erasure = await views.last_erasure(database, caller.member_id) if packed is None else None
        if packed is None and views.is_over(found, erasure, clock.utc_now()):
            raise Problem(410, "export-over", "The archive is not offered any more", "Ask for another one.")
    if packed is None:
        answer = shown(privacy.request_answer(found))
        answer.status_code = 202
        answer.headers["retry-after"] = "2"
        return answer
    headers = {"content-disposition": f'attachment; filename="convene-{export_id}.zip"', "cache-control": "no-store"}
    return Response(packed, headers=headers, media_type="application/zip")


@router.delete("", response_model=ErasureAnswer)
async def ask_for_erasure(
    request: Request,
    caller: Me,
    database: TheDatabase,
    journal: TheJournal,
    now: Annotated[bool, Query(description="Without the 7 days in which signing in again undoes it")] = False,
) -> Response:
    """Have the caller forgotten, everywhere. A call with a token issued later undoes it within the 7 days."""
    latest = await views.last_erasure(database, caller.member_id)
    ask = asked_by(request, caller)
    return reply(await privacy.erase(journal, ask, caller.member_id, latest, at_once=now, issued_at=caller.issued_at))


@router.get(
    "/erasure", response_model=ErasureAnswer, responses={404: {"description": "The caller has not asked for one"}}
)
async def look_at_erasure(caller: Me, database: TheDatabase) -> Response:
    """How far the caller's last erasure is. Looking does not undo it; signing in again does while it can be."""
    found = there(await views.last_erasure(database, caller.member_id), what="erasure")
    return shown(privacy.request_answer(found))
