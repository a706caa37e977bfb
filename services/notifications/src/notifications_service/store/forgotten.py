"""Who is forgotten here: there is no row of theirs any more and no line to them, however late a message comes."""

from collections.abc import Iterable
from datetime import datetime

from chassis.consumers import Effects
from chassis.mongo import Document
from chassis.privacy import erased
from notifications_service.store.projection import MEMBERS


async def forgotten(members: Iterable[str], effects: Effects) -> frozenset[str]:
    """Those of them whom groups has deleted, or whose erasure has begun here and of whom groups has told nothing since.

    Who comes back is known again from what groups tells of them then.
    """
    asked = sorted(set(members))
    if not asked:
        return frozenset()
    since = await erased(asked, effects)
    theirs = {"_id": {"$in": asked}, "$or": [{"deleted": True}, {"_id": {"$in": sorted(since)}}]}
    rows = {row["_id"]: row for row in await effects.find(MEMBERS, theirs, fields={"deleted": 1, "at": 1})}
    return frozenset(one for one in {*rows, *since} if _is_gone(rows.get(one), since.get(one)))


def _is_gone(row: Document | None, begun: datetime | None) -> bool:
    """A row from before rows said of when they are waits for its deletion."""
    if row is None or row.get("deleted"):
        return True
    at: datetime | None = row.get("at")
    return begun is not None and at is not None and at <= begun
