"""Requests about a member's own data: `privacy_requests`; what services sent for exports: `export_chunks`."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Final

from chassis.journal import hand_over
from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, Read, Ref
from chassis.mongo import Database, Document
from chassis.privacy import plain
from groups_service.handlers import block, erasure
from groups_service.handlers.privacy import Known, lapse
from groups_service.store.block import BLOCKS
from groups_service.store.member import MEMBERS
from groups_service.store.membership import MEMBERSHIPS
from groups_service.views.privacy import CHUNKS, OFFERED, REQUESTS, request_of

_PORTION: Final = 200
_AT_ONCE: Final = 100


class RequestStore:
    """Reads, loads and saves one request."""

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        return (Ref(REQUESTS, command.aggregate),)

    def load(self, command: Command, documents: Documents) -> Known:
        document = documents.get(REQUESTS, command.aggregate)
        return None if document is None else request_of(document)

    def save(self, command: Command, documents: Documents, outcome: Outcome[Known], now: datetime) -> None:
        if outcome.state is None:
            raise ValueError("facts about a request leave a request")
        before = documents.get(REQUESTS, command.aggregate) or {}
        values = asdict(outcome.state)
        documents.put(REQUESTS, {**before, "v": 1, "_id": values.pop("id"), **values})


class DueErasures:
    """Erasures whose grace has ended, and archives that are not offered any more."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def hand_over(self) -> float:
        """Ask for what is due by the database's clock; for how many seconds that had been due.

        Raises the driver's errors.
        """
        now: datetime = (await self._database.command({"hello": 1}))["localTime"]
        await self._database[CHUNKS].delete_many({"at": {"$lt": now - OFFERED}})
        found = await self._database[REQUESTS].find(
            {"due_at": {"$type": "date", "$lte": now}}, sort=[("due_at", 1)], limit=_AT_ONCE, fields={"due_at": 1}
        )
        if not found:
            return 0.0
        await hand_over(self._database, [lapse(one["_id"], now) for one in found])
        due_for: float = (now - found[0]["due_at"]).total_seconds()
        return due_for


class GroupsHoldings:
    """What this service holds of a member: profile, memberships, blocks, and what they asked of it here."""

    async def gather(self, database: Database, member_id: str) -> AsyncIterator[tuple[str, list[Document]]]:
        profile = await database[MEMBERS].find({"_id": member_id})
        yield "profile", plain(profile)
        for name, collection, where in (
            ("memberships", MEMBERSHIPS, {"member_id": member_id}),
            ("blocks", BLOCKS, {"members.0": member_id}),
            ("privacy", REQUESTS, {"member_id": member_id}),
        ):
            after = ""
            while found := await database[collection].find(
                {**where, "_id": {"$gt": after}}, sort=[("_id", 1)], limit=_PORTION
            ):
                yield name, plain(found)
                after = found[-1]["_id"]

    async def erase(self, database: Database, member_id: str) -> bool:
        """Memberships and blocks first; the member themselves last, so that their tombstone ends it."""
        held = await database[MEMBERSHIPS].find(
            {"member_id": member_id, "erased": {"$ne": True}}, limit=_PORTION, fields={"group_id": 1, "version": 1}
        )
        commands = [erasure.membership(one["group_id"], member_id, one["version"]) for one in held]
        blocked = await database[BLOCKS].find({"members.0": member_id}, limit=_PORTION)
        commands += [block.unblock_command(member_id, one["members"][1], one["created_at"]) for one in blocked]
        if not commands:
            there = await database[MEMBERS].find({"_id": member_id, "erased": {"$ne": True}}, fields={"version": 1})
            commands = [erasure.member(member_id, one["version"]) for one in there]
        await hand_over(database, commands)
        return not commands
