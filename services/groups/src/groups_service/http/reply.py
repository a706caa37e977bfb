"""What others say to a post: replies, and reactions in one word."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chassis.http import Body, Me, Page, Paging, reply
from chassis.http.ports import TheDatabase, TheJournal, asked_by
from groups_service.domain.post import Reaction
from groups_service.handlers import post as posts
from groups_service.http.looking import after_key
from groups_service.http.post import MADE, PostAnswer, Standing
from groups_service.http.text import Prose
from groups_service.http.thread import ThePost, TheViewer
from groups_service.views import post as views

router = APIRouter(prefix="/v1/posts/{post_id}", tags=["posts"])


class NewReply(Body):
    body: Prose


@router.post("/replies", response_model=PostAnswer, responses=MADE, status_code=201)
async def answer(post: ThePost, body: NewReply, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Answer a post; members only, and no reply is answered."""
    result = await posts.reply(journal, asked_by(request, caller), post, body=body.body)
    return reply(result, location=f"/v1/posts/{result.answer.get('post_id')}", etag=result.answer.get("version"))


@router.get("/replies", response_model=Page[PostAnswer])
async def read_replies(
    post: ThePost, viewer: TheViewer, request: Request, database: TheDatabase, paging: Paging
) -> Response:
    """A post's replies, the oldest first."""
    key = after_key(paging, int)
    after = None if key is None else key[0]
    found = await views.replies(database, post["_id"], viewer, after=after, limit=paging.fetch)
    replies = await views.shown(database, found, viewer)
    return paging.answer(request, replies, lambda one: [one["number"]], lambda one: one)


@router.put("/reactions/{name}", response_model=Standing)
async def react(post: ThePost, name: Reaction, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Say something to a post in one word; members only."""
    return reply(await posts.act(journal, asked_by(request, caller), post, posts.REACT, name=name))


@router.delete("/reactions/{name}", response_model=Standing)
async def unreact(post: ThePost, name: Reaction, request: Request, caller: Me, journal: TheJournal) -> Response:
    """Take it back, also from outside. Who is no member and has none there is refused."""
    return reply(await posts.act(journal, asked_by(request, caller), post, posts.UNREACT, name=name))
