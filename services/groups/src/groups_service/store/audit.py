"""The audit log in the database: `audit`, by `<group id>:<number>`. The group's document holds the head of its chain,
so that a tail that is cut off is missed.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from chassis.journal.documents import Documents
from chassis.mongo import Database, Document, Session
from chassis.reconcile import Documents as Found
from chassis.reconcile import Wrong
from groups_service.domain.audit import Act, Broken, Head, Link, first_broken, links
from groups_service.store.group import GROUPS

AUDIT = "audit"
HEAD: Final = "audit"
"""The field of a group's document."""


def recorded(documents: Documents, group: Document, facts: Iterable[object], now: datetime) -> Document:
    """The group's document after its log has taken in what of the facts belongs there."""
    added = links(group["_id"], _head(group), facts, now)
    for link in added:
        documents.put(AUDIT, document_of(link))
    return {**group, HEAD: {"number": added[-1].number, "digest": added[-1].digest}} if added else group


def document_of(link: Link) -> Document:
    values = asdict(link)
    return {"_id": f"{link.group_id}:{link.number}", "v": 1, **values.pop("act"), **values}


def link_of(document: Document) -> Link:
    """The link that a document holds. Fields that are gone are read as empty: its digest tells."""
    held = {name: document.get(name) for name in Act.__dataclass_fields__}
    rest = {name: document.get(name, "") for name in ("group_id", "number", "previous", "at", "digest")}
    return Link(act=Act(**held), **rest)  # type: ignore[arg-type] # damaged documents hold anything


def _head(group: Document) -> Head:
    return Head(**group[HEAD]) if group.get(HEAD) else Head()


@dataclass(frozen=True, slots=True)
class Verified:
    """What was read of all chains, and what is broken."""

    groups: int
    links: int
    broken: tuple[Broken, ...]

    @property
    def sound(self) -> bool:
        return not self.broken

    def document(self) -> Document:
        """As JSON values; of each broken chain its first broken link."""
        return asdict(self)


async def verified(database: Database) -> Verified:
    """Read every chain of every group, each in a snapshot of its own."""
    groups, count = 0, 0
    broken: list[Broken] = []
    async for chain in _chains(database):
        groups += 1
        count += chain.links
        broken += chain.broken
    strays = await database[AUDIT].aggregate(_OF_NO_GROUP)
    broken += [Broken(stray["group_id"], stray["number"], "unknown") for stray in strays]
    return Verified(groups, count, tuple(broken))


async def _chains(database: Database) -> AsyncIterator[Verified]:
    after = ""
    while True:
        found = await database[GROUPS].find({"_id": {"$gt": after}}, sort=[("_id", 1)], limit=100, fields={"_id": 1})
        for group in found:
            async with database.snapshot() as session:
                yield await _chain(database, session, group["_id"])
        if not found:
            return
        after = found[-1]["_id"]


async def _chain(database: Database, session: Session, group_id: str) -> Verified:
    group = await database[GROUPS].find_one({"_id": group_id}, fields={HEAD: 1}, session=session)
    found = await database[AUDIT].find({"group_id": group_id}, sort=[("number", 1), ("_id", 1)], session=session)
    broken = first_broken(group_id, _head(group or {}), [link_of(one) for one in found])
    return Verified(1, len(found), () if broken is None else (broken,))


async def broken_chains(database: Database, session: Session, found: Found) -> Wrong:
    """Groups whose audit log is not as it was written."""
    broken = [one for group in found for one in (await _chain(database, session, group["_id"])).broken]
    return {"audit_chains_broken": [f"{one.group_id}:{one.number} {one.why}" for one in broken]}


_OF_NO_GROUP: Final[list[Document]] = [
    {"$group": {"_id": "$group_id", "number": {"$min": "$number"}}},
    {"$lookup": {"from": GROUPS, "localField": "_id", "foreignField": "_id", "as": "group"}},
    {"$match": {"group": []}},
    {"$project": {"_id": 0, "group_id": "$_id", "number": 1}},
]
