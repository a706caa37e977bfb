"""Who is told, and who is not, by what one transaction finds of them in its snapshot.

- Who is forgotten is told nothing, and nothing of them is taken in, however late it comes.
- What is for members, and what is about an event, is kept from some by how they stand to the group (`domain/standing`).
- All others have a line in their inbox and, where they have proved an address, a mail.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from chassis.consumers import Effects
from chassis.mongo import Document, Find
from chassis.privacy import erased, erasures_of
from notifications_service.domain.notice import Notice
from notifications_service.domain.standing import asks_for_standing, may_hear
from notifications_service.store.projection import MEMBERS, MEMBERSHIPS, membership_id

ACCOUNTS: Final = "accounts"


class People:
    """Those whom the messages and notices of one transaction are about or for. Each is asked about once, all at a time.

    forgotten: whom groups has deleted, or whose erasure has begun here and of whom groups has told nothing since; who
    comes back is known again from what groups tells of them then. by_mail: who has proved an address.
    """

    def __init__(self, effects: Effects) -> None:
        self.effects = effects
        self.forgotten: set[str] = set()
        self.by_mail: set[str] = set()
        self._met: set[str] = set()
        self._standing: dict[str, str] = {}

    async def meet(self, members: Iterable[str], memberships: Iterable[str] = ()) -> None:
        """Ask about these people, in one turn. memberships: the ids of those that matter."""
        new, theirs = sorted(set(members) - self._met), sorted(set(memberships))
        finds = _about(new) if new else []
        if theirs:
            ended: Document = {"_id": {"$in": theirs}, "state": {"$ne": "active"}}
            finds.append(Find(MEMBERSHIPS, ended, fields={"state": 1}))
        found = await self.effects.read(*finds)
        if theirs:
            self._standing |= {row["_id"]: row.get("state", "none") for row in found.pop()}
        if new:
            erasures, deleted, verified = found
            gone = await self._gone(erased(erasures))
            self.forgotten |= _ids(deleted) | gone
            self.by_mail |= _ids(verified)
            self._met.update(new)

    async def hearing(self, notices: Sequence[Notice]) -> list[Notice]:
        """Those of these notices that are told at all."""
        theirs = (_membership_of(notice) for notice in notices if asks_for_standing(notice.kind))
        await self.meet((notice.recipient for notice in notices), theirs)
        return [notice for notice in notices if self._hears(notice)]

    def _hears(self, notice: Notice) -> bool:
        standing = self._standing.get(_membership_of(notice))
        return notice.recipient not in self.forgotten and may_hear(notice.kind, standing)

    async def _gone(self, since: dict[str, datetime]) -> set[str]:
        """Those of whom groups has told nothing later than their erasure began. A row from before rows said of when
        they are waits for its deletion."""
        if not since:
            return set()
        rows = await self.effects.find(MEMBERS, {"_id": {"$in": sorted(since)}}, fields={"at": 1})
        back = {row["_id"] for row in rows if row.get("at") is None or row["at"] > since[row["_id"]]}
        return since.keys() - back


def _about(members: Sequence[str]) -> list[Find]:
    theirs = {"_id": {"$in": members}}
    return [
        erasures_of(members),
        Find(MEMBERS, {**theirs, "deleted": True}, fields={"_id": 1}),
        Find(ACCOUNTS, {**theirs, "address.verified_at": {"$type": "date"}}, fields={"_id": 1}),
    ]


def _ids(found: Iterable[Document]) -> set[str]:
    return {document["_id"] for document in found}


def _membership_of(notice: Notice) -> str:
    return membership_id(notice.group_id or "", notice.recipient)
