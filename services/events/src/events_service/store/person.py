"""`visitors`: what this service keeps of people itself, by member id."""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Final

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, Read, Ref
from chassis.mongo import Database
from events_service.domain.person import FORGOTTEN, Visitor
from events_service.handlers.person import Known
from events_service.store.projection import MEMBERS, person_of

VISITORS = "visitors"

_PORTION: Final = 200


async def arrived_unheard(database: Database) -> AsyncIterator[list[str]]:
    """Members whose number is known and whose events still wait for it, in portions."""
    after = ""
    while waiting := await database[VISITORS].find(
        {"waiting.0": {"$exists": True}, "_id": {"$gt": after}}, sort=[("_id", 1)], limit=_PORTION, fields={"_id": 1}
    ):
        ids = [visitor["_id"] for visitor in waiting]
        yield [member["_id"] for member in await database[MEMBERS].find({"_id": {"$in": ids}}, fields={"_id": 1})]
        after = ids[-1]


class VisitorStore:
    """Reads, loads and saves for commands whose aggregate is a member."""

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        return (Ref(VISITORS, command.aggregate), Ref(MEMBERS, command.aggregate))

    def load(self, command: Command, documents: Documents) -> Known:
        document = documents.get(VISITORS, command.aggregate)
        member = documents.get(MEMBERS, command.aggregate)
        known, forgotten = member is not None, person_of(member) == FORGOTTEN
        if document is None:
            return Known(Visitor(command.aggregate), known, forgotten)
        visitor = Visitor(command.aggregate, document["seen"], tuple(document["waiting"]))
        return Known(visitor, known, forgotten)

    def save(self, command: Command, documents: Documents, outcome: Outcome[Known], now: datetime) -> None:
        before, visitor = documents.get(VISITORS, command.aggregate), outcome.state.visitor
        after = {"_id": visitor.member_id, "v": 1, "seen": visitor.seen, "waiting": list(visitor.waiting)}
        documents.put(VISITORS, {**(before or {}), **after})
