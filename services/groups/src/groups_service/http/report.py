"""Reports, what becomes of them, and the log of what was decided."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from chassis.auth import Caller
from chassis.http import Body, Me, Page, Paging, Problem, decided, known, needs, repeats, reply, there
from chassis.http.ports import TheDatabase, TheJournal, asked_by, shown
from chassis.http.text import LINES
from chassis.mongo import Database, Document
from groups_service.domain.permission import Action, allows
from groups_service.domain.report import Answer, Judge, Target, What
from groups_service.handlers import report as reports
from groups_service.http.looking import TheGroup, after_key, standing
from groups_service.http.text import Line
from groups_service.views import audit as log
from groups_service.views import group as groups
from groups_service.views import member as members
from groups_service.views import post as posts
from groups_service.views import report as views

router = APIRouter(prefix="/v1", tags=["moderation"])

ADMIN: Final = "admin"
"""The scope of the platform's admins."""

Id = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000), LINES]


class NewReport(Body):
    """`id`: of what is reported. `group_id`: of a member, where it happened; else a group that both are in."""

    what: What
    id: Id
    reason: Line
    text: Text = ""
    group_id: Id | None = None


class ReportAnswer(BaseModel):
    """A report as who filed it sees it."""

    report_id: str
    group_id: str
    what: What
    id: str
    reason: str
    text: str
    state: Literal["open", "resolved"]
    version: int
    created_at: str
    updated_at: str


class ReportToJudge(ReportAnswer):
    """`member_id`: who is reported, or whose post is. `judge`: whose report it is to resolve. `reporter_id`: null when
    they are forgotten, and what they wrote with them."""

    member_id: str | None
    thread_id: str | None
    reporter_id: str | None
    judge: Judge
    action: Answer | None
    note: str
    resolved_by: str | None
    resolved_at: str | None


class Resolving(Body):
    """`hide` and `delete` act on the post, `remove` and `ban` on the person. `note` is for the other judges."""

    action: Answer
    note: Text = ""


class ResolvedAnswer(BaseModel):
    report_id: str
    group_id: str
    what: What
    id: str
    state: Literal["open", "resolved"]
    action: Answer | None
    note: str
    resolved_by: str | None
    resolved_at: str | None
    version: int
    created_at: str
    updated_at: str


class AuditLink(BaseModel):
    """One act of moderation. `digest` covers all else in it, `previous` is the one of the link before."""

    group_id: str
    number: int
    what: Literal["remove", "ban", "unban", "role", "hide", "show", "delete", "resolve"]
    who: str
    whom: str | None
    post_id: str | None
    report_id: str | None
    detail: str | None
    previous: str
    digest: str
    at: str


MADE: dict[int | str, dict[str, Any]] = {
    200: {"model": ReportAnswer, "description": "The caller's report of it waits already"},
    201: {"model": ReportAnswer, "description": "Created"},
}


async def report_named(report_id: Annotated[str, Path(max_length=255)], database: TheDatabase) -> Document:
    """The report that the path names. Raises Problem 404."""
    return there(await views.one(database, report_id), what="report")


TheReport = Annotated[Document, Depends(report_named)]
Admin = Annotated[Caller, Depends(needs(ADMIN))]


@router.post("/reports", response_model=ReportAnswer, responses=MADE, status_code=201)
async def file(body: NewReport, request: Request, caller: Me, database: TheDatabase, journal: TheJournal) -> Response:
    """Report a post, a reply, a member or a group to those who can do something about it."""
    ask = asked_by(request, caller)
    if await repeats(database, ask):
        group_id, target = "", Target(body.what, body.id, None)
    else:
        group_id, target = await _reported(database, caller, body)
    result = await reports.file(journal, ask, group_id, target, reason=body.reason, text=body.text)
    return reply(result, location=f"/v1/reports/{result.answer.get('report_id')}")


@router.get("/reports", response_model=Page[ReportToJudge])
async def for_platform(request: Request, caller: Admin, database: TheDatabase, paging: Paging) -> Response:
    """What waits for the platform's admins (scope `admin`), the oldest first."""
    key = after_key(paging, datetime, str)
    after = None if key is None else (key[0], key[1])
    found = await views.for_platform(database, await views.now(database), after=after, limit=paging.fetch)
    return paging.answer(request, found, lambda one: [one["filed_at"], one["_id"]], views.full)


@router.get("/reports/{report_id}", response_model=ReportToJudge | ReportAnswer)
async def read(report: TheReport, caller: Me, database: TheDatabase) -> Response:
    """A report: for who filed it, and for who judges it."""
    if await _judges(database, report, caller):
        found = views.full(report)
    elif report["reporter_id"] == caller.member_id:
        found = views.own(report)
    else:
        raise Problem(404, "not-found", "Not Found", "There is no such report.")
    return shown(found, etag=found["version"])


@router.get("/groups/{name}/reports", response_model=Page[ReportToJudge])
async def queue(group: TheGroup, request: Request, caller: Me, database: TheDatabase, paging: Paging) -> Response:
    """A group's reports, those that wait first. Leaders see theirs, but none about themselves; admins see all."""
    admin = await _moderating(database, group, caller)
    key = after_key(paging, bool, datetime, str)
    after = None if key is None else (key[0], key[1], key[2])
    judge, but = (None, None) if admin else ("leaders", caller.member_id)
    found = await views.queue(database, group["_id"], judge=judge, but=but, after=after, limit=paging.fetch)
    return paging.answer(request, found, lambda one: [one["open"], one["filed_at"], one["_id"]], views.full)


@router.post("/reports/{report_id}/resolve", response_model=ResolvedAnswer)
async def resolve(
    *,
    report: TheReport,
    body: Resolving,
    request: Request,
    caller: Me,
    database: TheDatabase,
    journal: TheJournal,
) -> Response:
    """Decide about a report, and do it."""
    ask, followed, platform = asked_by(request, caller), partial(decided, database), ADMIN in caller.scopes
    return reply(
        await reports.resolve(journal, ask, followed, report, action=body.action, note=body.note, platform=platform)
    )


@router.get("/groups/{name}/audit", response_model=Page[AuditLink])
async def audit(group: TheGroup, request: Request, caller: Me, database: TheDatabase, paging: Paging) -> Response:
    """What was decided about posts and people, the latest first; for leaders and the platform's admins."""
    await _moderating(database, group, caller)
    key = after_key(paging, int)
    found = await log.links(database, group["_id"], before=None if key is None else key[0], limit=paging.fetch)
    return paging.answer(request, found, lambda one: [one["number"]], log.full)


async def _reported(database: Database, caller: Caller, body: NewReport) -> tuple[str, Target]:
    """In which group something is reported, and what. Raises Problem 404."""
    if body.what in ("post", "reply"):
        post = there(await posts.one(database, body.id), what="post")
        what: What = "post" if post["thread_id"] is None else "reply"
        return post["group_id"], Target(what, post["_id"], post["author_id"], post["thread_id"] or post["_id"])
    if body.what == "group":
        group = there(await groups.find_document(database, body.id), what="group")
        return group["_id"], Target("group", group["_id"], group["organizer_id"])
    await known(lambda: members.one(database, body.id), what="member")
    if body.group_id is not None:
        group = there(await groups.find_document(database, body.group_id), what="group")
        return group["_id"], Target("member", body.id, body.id)
    common = await views.common_group(database, caller.member_id, body.id)
    if common is None:
        raise Problem(409, "no-common-group", "You are in no group together", "Say in which group it happened.")
    return common, Target("member", body.id, body.id)


async def _leads(database: Database, group: Document, caller: Caller) -> bool:
    mine = await standing(database, group, caller)
    return mine is not None and allows(mine["role"], Action.MODERATE)


async def _moderating(database: Database, group: Document, caller: Caller) -> bool:
    """Whether one of the platform's admins asks; else it is a leader. Raises Problem 403."""
    if ADMIN in caller.scopes:
        return True
    if not await _leads(database, group, caller):
        raise Problem(403, "not-allowed", "Your role does not allow this", "Only the group's leaders see this.")
    return False


async def _judges(database: Database, report: Document, caller: Caller) -> bool:
    if ADMIN in caller.scopes:
        return True
    if report["judge"] == "platform" or report["target"]["member_id"] == caller.member_id:
        return False
    group = await groups.find_document(database, report["group_id"])
    return group is not None and await _leads(database, group, caller)
