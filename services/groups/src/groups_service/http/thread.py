"""The post that a path names, and how the caller sees what is written in its group."""

from typing import Annotated

from fastapi import Depends, Path

from chassis.auth import Caller
from chassis.http import MaybeMe, there
from chassis.http.ports import TheDatabase
from chassis.mongo import Database, Document
from groups_service.domain.permission import Action, allows
from groups_service.http.looking import members_only, standing
from groups_service.views import group as groups
from groups_service.views import post as views
from groups_service.views.block import hidden_from
from groups_service.views.post import Viewer


async def post_named(post_id: Annotated[str, Path(max_length=255)], database: TheDatabase) -> Document:
    """The post that the path names. Raises Problem 404."""
    return there(await views.one(database, post_id), what="post")


ThePost = Annotated[Document, Depends(post_named)]


async def looking(database: Database, group: Document, caller: Caller | None) -> Viewer:
    """How the caller sees what is written in the group. Raises Problem 403 for outsiders of a private one."""
    mine = await standing(database, group, caller)
    if group["visibility"] == "private" and mine is None:
        raise members_only()
    if caller is None:
        return Viewer()
    leads = mine is not None and allows(mine["role"], Action.MODERATE)
    return Viewer(caller.member_id, leads, () if leads else await hidden_from(database, caller.member_id))


async def viewing(post: ThePost, caller: MaybeMe, database: TheDatabase) -> Viewer:
    """How the caller sees the post that the path names."""
    group = there(await groups.find_document(database, post["group_id"]), what="group")
    return await looking(database, group, caller)


TheViewer = Annotated[Viewer, Depends(viewing)]
