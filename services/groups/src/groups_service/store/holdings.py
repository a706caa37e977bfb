"""What this service holds of a member, how it is shown to them, and how it is let go."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final

from chassis.journal import hand_over
from chassis.journal.command import Command
from chassis.mongo import Database, Document
from chassis.privacy import plain
from groups_service.handlers import block, erasure
from groups_service.handlers.post import thread_of
from groups_service.store.block import BLOCKS
from groups_service.store.growth import ACTIVITY_PEOPLE, forget_activity
from groups_service.store.invitation import INVITATIONS
from groups_service.store.member import MEMBERS
from groups_service.store.membership import MEMBERSHIPS
from groups_service.store.network import NETWORKS
from groups_service.store.post import POSTS, REACTIONS, REVISIONS
from groups_service.store.privacy import forget_archives
from groups_service.store.report import REPORTS
from groups_service.views.privacy import REQUESTS
from groups_service.views.report import noted, own

_PORTION: Final = 200

Shown = Callable[[list[Document]], list[Document]]


class GroupsHoldings:
    """Profile, memberships, invitations, blocks, what they said and who they run networks with, and what they asked of
    it here."""

    async def gather(self, database: Database, member_id: str) -> AsyncIterator[tuple[str, list[Document]]]:
        profile = await database[MEMBERS].find({"_id": member_id})
        yield "profile", plain(profile)
        for name, collection, where, shown in _kept(member_id):
            after = ""
            while found := await database[collection].find(
                {**where, "_id": {"$gt": after}}, sort=[("_id", 1)], limit=_PORTION
            ):
                yield name, shown(found)
                after = found[-1]["_id"]

    async def erase(self, database: Database, member_id: str) -> bool:
        """What they said and were first; the member themselves last, so that their tombstone ends it."""
        commands = [
            *await _said(database, member_id),
            *await _reported(database, member_id),
            *await _belonged(database, member_id),
        ]
        gone = await forget_activity(database, member_id, _PORTION)
        gone += await forget_archives(database, member_id)
        if not commands and not gone:
            fields = {"version": 1, "created_at": 1}
            there = await database[MEMBERS].find({"_id": member_id, "erased": {"$ne": True}}, fields=fields)
            commands = [erasure.member(one) for one in there]
        await hand_over(database, commands)
        return not commands and not gone


def _kept(member_id: str) -> Sequence[tuple[str, str, dict[str, Any], Shown]]:
    """What it is called in the archive, where it is, which of it, and how its owner reads it."""
    theirs = {"member_id": member_id}
    invited = {"$or": [theirs, {"used_by": member_id}]}
    return (
        ("memberships", MEMBERSHIPS, theirs, plain),
        ("invitations", INVITATIONS, invited, _each(lambda one: _invited(one, member_id))),
        ("invitations-given", INVITATIONS, {"by": member_id}, _each(_gave)),
        ("blocks", BLOCKS, {"members.0": member_id}, plain),
        ("posts", POSTS, {"author_id": member_id}, plain),
        ("revisions", REVISIONS, {"author_id": member_id}, plain),
        ("reactions", REACTIONS, theirs, plain),
        ("reports", REPORTS, {"reporter_id": member_id}, _each(own)),
        ("reports-resolved", REPORTS, {"resolved_by": member_id}, _each(noted)),
        ("networks", NETWORKS, {"admins": member_id}, _each(_named)),
        ("activity", ACTIVITY_PEOPLE, theirs, plain),
        ("privacy", REQUESTS, theirs, plain),
    )


def _each(shown: Callable[[Document], Document]) -> Shown:
    return lambda found: [shown(one) for one in found]


def _invited(invitation: Document, member_id: str) -> Document:
    """Whose word it was, and who else came by it, is not theirs to take along."""
    names = ("group_id", "created_at", "expires_at", "revoked")
    shown = {name: invitation[name] for name in names}
    return {**shown, "by_name": invitation["member_id"] == member_id, "used": member_id in invitation["used_by"]}


def _gave(invitation: Document) -> Document:
    """The token of an open one is nowhere; who came by it is told by their own memberships."""
    names = ("group_id", "member_id", "uses", "created_at", "expires_at", "revoked")
    shown = {name: invitation[name] for name in names}
    return {"invitation_id": invitation["_id"], **shown, "used": len(invitation["used_by"])}


def _named(network: Document) -> Document:
    return {"network_id": network["_id"], "name": network["name"]}


async def _said(database: Database, member_id: str) -> list[Command]:
    """To take back the next of what they wrote, and of what they made of what others wrote."""
    written = await database[POSTS].find(
        {"author_id": member_id, "state": {"$ne": "deleted"}},
        limit=_PORTION,
        fields={"group_id": 1, "thread_id": 1, "author_id": 1, "version": 1},
    )
    reacted = await database[REACTIONS].find({"member_id": member_id}, limit=_PORTION)
    ids = sorted({one["post_id"] for one in reacted})
    to = await database[POSTS].find({"_id": {"$in": ids}}, fields={"thread_id": 1}) if ids else []
    threads = {one["_id"]: thread_of(one) for one in to}
    taken_back = [erasure.reaction(one, threads[one["post_id"]]) for one in reacted]
    return [*map(erasure.post, written), *taken_back]


async def _reported(database: Database, member_id: str) -> list[Command]:
    words = {"$or": [{"reporter_id": member_id}, {"resolved_by": member_id, "note": {"$ne": ""}}]}
    found = await database[REPORTS].find(words, limit=_PORTION, fields={"group_id": 1, "resolved_at": 1})
    return [erasure.report(one, member_id) for one in found]


async def _belonged(database: Database, member_id: str) -> list[Command]:
    """To end the next of their memberships, blocks and offices."""
    named = {"member_id": member_id, "$or": [{"erased": {"$ne": True}}, {"named": True}]}
    held = await database[MEMBERSHIPS].find(named, limit=_PORTION, fields={"group_id": 1, "version": 1})
    blocked = await database[BLOCKS].find({"members.0": member_id}, limit=_PORTION)
    runs = await database[NETWORKS].find({"admins": member_id}, limit=_PORTION, fields={"version": 1})
    return [
        *(erasure.membership(one["group_id"], member_id, one["version"]) for one in held),
        *(block.unblock_command(member_id, one["members"][1], one["created_at"]) for one in blocked),
        *(erasure.admin(one["_id"], member_id, one["version"]) for one in runs),
    ]
