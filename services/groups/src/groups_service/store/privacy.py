"""Requests about a member's own data: `privacy_requests`; what services sent for exports: `export_chunks`."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Final

from chassis.consumers.parking import empty
from chassis.journal import hand_over
from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, Read, Ref
from chassis.mongo import Database, Document
from contracts.privacy import ExportChunk
from groups_service.handlers.privacy import Known, lapse
from groups_service.store.due import due_in
from groups_service.views.privacy import CHUNKS, OFFERED, REQUESTS, request_of

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


async def forget_archives(database: Database, member_id: str) -> int:
    """Let go of what was gathered for the member's exports, also where it waits aside; how much there was."""
    asked = await database[REQUESTS].find({"member_id": member_id, "kind": "export"}, fields={"_id": 1})
    ids = [one["_id"] for one in asked]
    if not ids:
        return 0
    gone = await empty(database, {"topic": ExportChunk.topic, "subject": {"$in": ids}})
    for id_ in ids:
        gone += await database[CHUNKS].delete_many(_chunks_of(id_))
    return gone


async def _let_go(database: Database, before: datetime) -> None:
    """Of archives that were whole before then, and of what belongs to no request. What came early for one that is not
    whole yet waits for the rest."""
    offered = {"$elemMatch": {"$or": [{"status": {"$ne": "done"}}, {"updated_at": {"$gte": before}}]}}
    steps: list[Document] = [
        {"$match": {"at": {"$lt": before}}},
        {"$group": {"_id": {"$first": {"$split": ["$_id", ":"]}}}},
        {"$lookup": {"from": REQUESTS, "localField": "_id", "foreignField": "_id", "as": "request"}},
        {"$match": {"request": {"$not": offered}}},
        {"$limit": _AT_ONCE},
    ]
    for one in await database[CHUNKS].aggregate(steps):
        await database[CHUNKS].delete_many(_chunks_of(one["_id"]))


def _chunks_of(request_id: str) -> Document:
    return {"_id": {"$gt": f"{request_id}:", "$lt": f"{request_id};"}}


class DueErasures:
    """Erasures whose grace has ended, and archives that are not offered any more."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def hand_over(self) -> float:
        """As every `Due`."""
        now, found, late = await due_in(self._database, REQUESTS, _AT_ONCE)
        await _let_go(self._database, now - OFFERED)
        if found:
            await hand_over(self._database, [lapse(one["_id"], now) for one in found])
        return late
