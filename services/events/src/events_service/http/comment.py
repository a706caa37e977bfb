"""What people say about an event: comments, and replies to them."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import AwareDatetime, BaseModel
from starlette.requests import Request
from starlette.responses import Response

from chassis.http import Body, MaybeMe, Me, Page, PageAsked, Paging, Problem, if_match, reply, there
from chassis.http.ports import MAYBE_STALE, TheDatabase, TheJournal, asked_as_seen, asked_by, shown
from chassis.mongo import Database, Document
from events_service.domain.permission import Action
from events_service.handlers import comment as comments
from events_service.http.looking import Looking, TheEvent, looking, members_only
from events_service.http.rsvp import foreign_cursor
from events_service.http.text import Prose
from events_service.views import comment as views
from events_service.views.block import hidden_from

router = APIRouter(prefix="/v1", tags=["comments"])

_LARGEST = 2**53


class NewComment(Body):
    """`body` is Markdown; `@[<member id>]` in it mentions somebody."""

    body: Prose


class CommentAnswer(BaseModel):
    """A comment, or a reply, which says `to` what. What was taken away has neither text nor author.

    `html` is what `body` says, safe to show. `edits`: how many texts came before. `number`: its place in what is said
    about the event.
    """

    comment_id: str
    event_id: str
    group_id: str
    to: str | None
    number: int
    author_id: str | None
    body: str | None
    html: str | None
    mentions: list[str]
    state: Literal["shown", "deleted"]
    replies: int
    edits: int
    edited_at: AwareDatetime | None
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime


class Revision(BaseModel):
    """What a comment said from `since` on, until the next."""

    comment_id: str
    number: int
    body: str
    html: str
    since: AwareDatetime


MADE: dict[int | str, dict[str, Any]] = {201: {"model": CommentAnswer, "description": "Created"}}


async def comment_named(comment_id: Annotated[str, Path(max_length=255)], database: TheDatabase) -> Document:
    """The comment that the path names. Raises Problem 404."""
    return there(await views.one(database, comment_id), what="comment")


TheComment = Annotated[Document, Depends(comment_named)]


async def viewing(found: TheComment, caller: MaybeMe, database: TheDatabase) -> Looking:
    """Who looks at the comment that the path names. Raises Problem 403 for outsiders of a private group, 404."""
    return insider(await looking(found["event_id"], caller, database))


Viewing = Annotated[Looking, Depends(viewing)]


def insider(looking: Looking) -> Looking:
    """Raises Problem 403 for those who may not see more of the event than title and time."""
    if not looking.inside:
        raise members_only()
    return looking


async def hidden(database: Database, looking: Looking) -> list[str]:
    """Whose comments the caller does not see: leaders and hosts see everybody's."""
    if looking.member_id is None or looking.may(Action.MODERATE):
        return []
    return await hidden_from(database, looking.member_id)


def after_number(paging: PageAsked) -> int | None:
    """The number that the cursors of these lists hold. Raises Problem 400 for another list's cursor."""
    match paging.after:
        case None:
            return None
        case (int() as number,) if abs(number) <= _LARGEST:
            return number
    raise foreign_cursor()


@router.post("/events/{event_id}/comments", response_model=CommentAnswer, responses=MADE, status_code=201)
async def comment(looking: TheEvent, body: NewComment, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Say something about a published event: members of its group, and who has a stake in it."""
    result = await comments.comment(journal, asked_by(request, caller), looking.event["_id"], body=body.body)
    return reply(result, location=f"/v1/comments/{result.answer.get('comment_id')}", etag=result.answer.get("version"))


@router.get("/events/{event_id}/comments", response_model=Page[CommentAnswer])
async def read_comments(looking: TheEvent, request: Request, database: TheDatabase, paging: Paging) -> Response:
    """An event's comments, the latest first, for everybody who may see the event."""
    event_id, unseen = looking.event["_id"], await hidden(database, insider(looking))
    found = await views.of_event(database, event_id, hidden=unseen, before=after_number(paging), limit=paging.fetch)
    return paging.answer(request, found, lambda one: [one["number"]], views.shown)


@router.get("/comments/{comment_id}", response_model=CommentAnswer)
async def read(found: TheComment, viewing: Viewing) -> Response:
    """A comment or a reply."""
    return shown(views.shown(found), etag=found["version"])


@router.patch("/comments/{comment_id}", response_model=CommentAnswer)
async def edit(found: TheComment, body: NewComment, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Write it anew, as seen at If-Match; its author alone."""
    version = if_match(request)
    result = await comments.edit(journal, asked_by(request, caller), found, version=version, body=body.body)
    return reply(result, etag=result.answer.get("version"))


@router.delete("/comments/{comment_id}", response_model=CommentAnswer, responses=MAYBE_STALE)
async def delete(found: TheComment, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Delete one's own comment; leaders and hosts anybody's. What it said is gone, a gap stays."""
    return reply(await comments.delete(journal, asked_as_seen(request, caller), found))


@router.post("/comments/{comment_id}/replies", response_model=CommentAnswer, responses=MADE, status_code=201)
async def answer(found: TheComment, body: NewComment, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Answer a comment; no reply is answered."""
    result = await comments.reply(journal, asked_by(request, caller), found, body=body.body)
    return reply(result, location=f"/v1/comments/{result.answer.get('comment_id')}", etag=result.answer.get("version"))


@router.get("/comments/{comment_id}/replies", response_model=Page[CommentAnswer])
async def read_replies(
    found: TheComment, viewing: Viewing, request: Request, database: TheDatabase, paging: Paging
) -> Response:
    """A comment's replies, the oldest first."""
    unseen = await hidden(database, viewing)
    replies = await views.replies(database, found, hidden=unseen, after=after_number(paging), limit=paging.fetch)
    return paging.answer(request, replies, lambda one: [one["number"]], views.shown)


@router.get("/comments/{comment_id}/history", response_model=Page[Revision])
async def read_history(
    *, found: TheComment, viewing: Viewing, request: Request, caller: Me, database: TheDatabase, paging: Paging
) -> Response:
    """What the comment said before it was edited, the oldest first; for its author, leaders and hosts."""
    if not (viewing.may(Action.MODERATE) or found["author_id"] == caller.member_id):
        raise Problem(403, "not-allowed", "This is not allowed to you", "Its author, leaders and hosts see this.")
    revisions = await views.history(database, found["_id"], after=after_number(paging), limit=paging.fetch)
    return paging.answer(request, revisions, lambda one: [one["number"]], views.revision)
