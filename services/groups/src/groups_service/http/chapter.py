"""A network's chapters: who they are, who is asked, and how a group comes in and goes."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from chassis.auth import Caller
from chassis.http import Me, Page, Paging, Problem, repeats, reply
from chassis.http.ports import TheDatabase, TheJournal, asked_by
from chassis.journal.port import Ask
from chassis.mongo import Database, Document
from groups_service.domain.permission import Action, allows
from groups_service.handlers import chapter as chapters
from groups_service.handlers import network as networks
from groups_service.http.looking import after_text, group_named, standing
from groups_service.http.network import Chapter, TheNetwork
from groups_service.views import network as views

router = APIRouter(prefix="/v1/networks/{network_id}/chapters", tags=["networks"])


async def _group(group_id: Annotated[str, Path(max_length=255)], request: Request, database: TheDatabase) -> Document:
    return await group_named(group_id, request, database)


TheChapter = Annotated[Document, Depends(_group)]


class ChapterAnswer(BaseModel):
    """What the group is to the network by now."""

    network_id: str
    group_id: str
    state: Literal["none", "invited", "asked", "chapter"]


@router.get("", response_model=Page[Chapter], response_model_exclude_unset=True)
async def all_of(
    *,
    network: TheNetwork,
    request: Request,
    caller: Me,
    database: TheDatabase,
    paging: Paging,
    state: Annotated[Literal["chapter", "invited", "asked"], Query()] = "chapter",
) -> Response:
    """A network's chapters. Who is invited or asks is for its admins, private groups for those and their members."""
    inside, after = caller.member_id in network["admins"], after_text(paging)
    if state != "chapter" and not inside:
        raise Problem(403, "not-an-admin", "Only admins may do this", "Only the network's admins see this.")
    if state == "invited":
        found = await views.invited(database, network["_id"], after=after, limit=paging.fetch)
    elif state == "asked":
        found = await views.asking(database, network["_id"], after=after, limit=paging.fetch)
    else:
        found = await views.chapters(
            database, network, inside=inside, member_id=caller.member_id, after=after, limit=paging.fetch
        )
    return paging.answer(request, found, lambda one: [one["group_id"]], lambda one: one)


@router.put("/{group_id}", response_model=ChapterAnswer)
async def bring(
    *, network: TheNetwork, group: TheChapter, request: Request, caller: Me, database: TheDatabase, journal: TheJournal
) -> Response:
    """An admin of the network invites the group; a leader of the group asks for it. Who answers the other's wish by it
    makes the group a chapter, and so does somebody who is both."""
    ask = asked_by(request, caller)
    if await _as_admin(database, network, group, caller, ask):
        return reply(await networks.welcome(journal, ask, network["_id"], group["_id"]))
    return reply(await chapters.ask_network(journal, ask, group["_id"], network["_id"]))


@router.post("/{group_id}/accept", response_model=ChapterAnswer)
async def accept(
    *, network: TheNetwork, group: TheChapter, request: Request, caller: Me, database: TheDatabase, journal: TheJournal
) -> Response:
    """A leader of the group accepts the invitation; an admin of the network what the group asks; some are both."""
    ask = asked_by(request, caller)
    if await _as_admin(database, network, group, caller, ask):
        return reply(await networks.accept(journal, ask, network["_id"], group["_id"]))
    return reply(await chapters.accept(journal, ask, group["_id"], network["_id"]))


@router.delete("/{group_id}", response_model=ChapterAnswer)
async def end(
    *, network: TheNetwork, group: TheChapter, request: Request, caller: Me, database: TheDatabase, journal: TheJournal
) -> Response:
    """A leader leaves, declines or takes back what was asked; an admin puts the group out, takes the invitation back or
    turns down what was asked."""
    ask = asked_by(request, caller)
    if await _as_admin(database, network, group, caller, ask):
        return reply(await networks.put_out(journal, ask, network["_id"], group["_id"]))
    return reply(await chapters.leave(journal, ask, group["_id"], network["_id"]))


async def _as_admin(database: Database, network: Document, group: Document, caller: Caller, ask: Ask) -> bool:
    """Whether the caller acts for the network, else it is for the group. A repeat hears of either what was decided,
    whoever they are by now. Raises Problem 403; the decision looks again."""
    if caller.member_id in network["admins"] or await repeats(database, ask):
        return True
    mine = await standing(database, group, caller)
    if mine is None or not allows(mine["role"], Action.CHOOSE_NETWORK):
        raise Problem(
            403,
            "not-allowed",
            "Your role does not allow this",
            "Only admins of the network and leaders of the group may.",
        )
    return False
