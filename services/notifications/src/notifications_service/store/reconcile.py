"""What must be 0 in this service's documents, counted in one snapshot."""

from collections.abc import Mapping

from chassis.mongo import Database, Document, Session
from notifications_service.domain.notice import WITH_A_STAKE
from notifications_service.handlers.contact import VERIFY
from notifications_service.store.account import READS
from notifications_service.store.notice import INBOX, MAILS
from notifications_service.store.projection import RSVPS


async def notices(database: Database, session: Session) -> Mapping[str, int]:
    """People with a seat or a place in line whom no line told so; mails without their line; reads of no line."""
    told = {
        (line["member_id"], line["event_id"])
        for line in await database[INBOX].find(
            {"kind": {"$regex": "^rsvp\\."}}, fields={"member_id": 1, "event_id": 1}, session=session
        )
    }
    stakes = await database[RSVPS].find(
        {"state": {"$in": sorted(WITH_A_STAKE)}}, fields={"member_id": 1, "event_id": 1}, session=session
    )
    return {
        "rsvps_untold": sum((stake["member_id"], stake["event_id"]) not in told for stake in stakes),
        "mails_without_line": await _orphans(database, MAILS, {"kind": {"$ne": VERIFY}}, "line", session),
        "reads_of_no_line": await _orphans(database, READS, {}, "_id", session),
    }


async def _orphans(database: Database, collection: str, where: Document, field: str, session: Session) -> int:
    """Documents whose `field` names no line."""
    steps: list[Document] = [
        {"$match": where},
        {"$lookup": {"from": INBOX, "localField": field, "foreignField": "_id", "as": "line"}},
        {"$match": {"line": []}},
        {"$count": "orphans"},
    ]
    found = await database[collection].aggregate(steps, session=session)
    return int(found[0]["orphans"]) if found else 0
