"""What people write in groups, and what leaders do about it."""

from datetime import datetime
from functools import partial
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from chassis.http import Body, MaybeMe, Me, Page, Paging, Problem, decided, if_match, reply
from chassis.http.ports import TheDatabase, TheJournal, asked_by, shown
from groups_service.domain.post import Reaction, State
from groups_service.handlers import moderation
from groups_service.handlers import post as posts
from groups_service.http.looking import TheGroup, after_key
from groups_service.http.text import Line, Prose
from groups_service.http.thread import ThePost, TheViewer, looking
from groups_service.views import post as views

router = APIRouter(prefix="/v1", tags=["posts"])


class NewPost(Body):
    """`body` is Markdown; `@[<member id>]` in it mentions somebody. Announcements are for leaders."""

    title: Line | None = None
    body: Prose
    announcement: bool = False


class PostChange(Body):
    """What is absent stays as it is; `title` may be set to null. Replies have none."""

    title: Line | None = None
    body: Prose | None = None


class Pinning(Body):
    pinned: bool = True


class Hiding(Body):
    hidden: bool = True


class Standing(BaseModel):
    """How a post stands, without what it says."""

    post_id: str
    group_id: str
    thread_id: str | None
    state: State
    pinned_at: str | None
    reactions: dict[str, int]
    replies: int
    version: int
    created_at: str
    updated_at: str


class PostAnswer(Standing):
    """A post, or a reply, which has `thread_id` and `number`. What was taken away has neither text nor author.

    `html` is what `body` says, safe to show. `mine`: the caller's reactions. `edits`: how many texts came before.
    """

    number: int | None
    author_id: str | None
    title: str | None
    body: str | None
    html: str | None
    mentions: list[str]
    announcement: bool
    edits: int
    edited_at: str | None
    mine: list[Reaction] | None = None


class Posts(Page[PostAnswer]):
    """`pinned`, on the first page alone: those pinned last, which are among the items too."""

    pinned: list[PostAnswer] | None = None


class Judged(BaseModel):
    post_id: str
    state: State


class Revision(BaseModel):
    """What a post said from `since` on, until the next."""

    post_id: str
    number: int
    title: str | None
    body: str
    html: str
    since: str


MADE: dict[int | str, dict[str, Any]] = {201: {"model": PostAnswer, "description": "Created"}}


@router.post("/groups/{name}/posts", response_model=PostAnswer, responses=MADE, status_code=201)
async def post(group: TheGroup, body: NewPost, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Post in a group; members only."""
    result = await posts.post(
        journal,
        asked_by(request, caller),
        group["_id"],
        title=body.title,
        body=body.body,
        announcement=body.announcement,
    )
    return reply(result, location=f"/v1/posts/{result.answer.get('post_id')}", etag=result.answer.get("version"))


@router.get("/groups/{name}/posts", response_model=Posts, response_model_exclude_unset=True)
async def read_posts(
    group: TheGroup, request: Request, caller: MaybeMe, database: TheDatabase, paging: Paging
) -> Response:
    """A group's posts, the newest first; of a private group for its members."""
    viewer = await looking(database, group, caller)
    key = after_key(paging, datetime, str)
    after = None if key is None else (key[0], key[1])
    found = await views.threads(database, group["_id"], viewer, after=after, limit=paging.fetch)
    beside = {}
    if after is None:
        pinned = await views.pinned(database, group["_id"], viewer)
        beside = {"pinned": await views.shown(database, pinned, viewer)}
    both = list(zip(found, await views.shown(database, found, viewer), strict=True))
    return paging.answer(
        request, both, lambda one: [one[0]["created_at"], one[0]["_id"]], lambda one: one[1], beside=beside
    )


@router.get("/posts/{post_id}", response_model=PostAnswer)
async def read(post: ThePost, viewer: TheViewer, database: TheDatabase) -> Response:
    """A post or a reply."""
    [found] = await views.shown(database, [post], viewer)
    return shown(found, etag=post["version"])


@router.patch("/posts/{post_id}", response_model=PostAnswer)
async def edit(post: ThePost, body: PostChange, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Write it anew, as seen at If-Match; its author alone."""
    version, given = if_match(request), body.model_fields_set
    if post["thread_id"] is not None and body.title is not None:
        raise Problem(422, "invalid-request", "The request does not fit its description", "Replies have no title.")
    title = body.title if "title" in given else post["title"]
    text = post["body"] if body.body is None else body.body
    result = await posts.edit(journal, asked_by(request, caller), post, version=version, title=title, body=text)
    return reply(result, etag=result.answer.get("version"))


@router.delete("/posts/{post_id}", response_model=Judged)
async def delete(post: ThePost, request: Request, caller: Me, database: TheDatabase, journal: TheJournal) -> Response:
    """Delete one's own post; leaders anybody's. What it said is gone, a gap stays."""
    ask = asked_by(request, caller)
    if post["author_id"] == caller.member_id:
        return reply(await posts.act(journal, ask, post, posts.DELETE))
    return reply(await moderation.judge(journal, ask, partial(decided, database), post, "delete"))


@router.put("/posts/{post_id}/hide", response_model=Judged)
async def hide(
    *,
    post: ThePost,
    request: Request,
    caller: Me,
    database: TheDatabase,
    journal: TheJournal,
    body: Hiding | None = None,
) -> Response:
    """Hide a post from all but its author and the leaders, or show it again; leaders only."""
    hidden = body is None or body.hidden
    ask, followed = asked_by(request, caller), partial(decided, database)
    return reply(await moderation.judge(journal, ask, followed, post, "hide" if hidden else "show"))


@router.put("/posts/{post_id}/pin", response_model=Standing)
async def pin(
    post: ThePost, request: Request, caller: Me, journal: TheJournal, body: Pinning | None = None
) -> Response:
    """Keep a post above the others, or no longer; leaders only."""
    pinned = body is None or body.pinned
    return reply(await posts.act(journal, asked_by(request, caller), post, posts.PIN, pinned=pinned))


@router.get("/posts/{post_id}/history", response_model=Page[Revision])
async def read_history(
    *, post: ThePost, viewer: TheViewer, request: Request, caller: Me, database: TheDatabase, paging: Paging
) -> Response:
    """What the post said before it was edited, the oldest first; for its author and leaders."""
    if not (viewer.leads or viewer.owns(post)):
        raise Problem(403, "not-allowed", "Your role does not allow this", "Its author and the leaders see this.")
    key = after_key(paging, int)
    found = await views.history(database, post["_id"], after=None if key is None else key[0], limit=paging.fetch)
    return paging.answer(request, found, lambda one: [one["number"]], views.revision)
