"""What the messages of one batch change: gathered, then sent in one burst with their marks."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.journal.command import Command
from chassis.journal.handoff import handoff_write
from chassis.journal.shape import HANDOFFS
from chassis.mongo import Database, Document, Session, Write


class Effects:
    """One transaction's changes. Collections and indexes must be there already.

    Writes are upserts by deterministic `_id` (or updates of documents that are there); none may count on a duplicate
    key being caught, because that ends the whole transaction.
    """

    def __init__(self, database: Database, session: Session) -> None:
        self._database = database
        self._session = session
        self._writes: dict[str, list[Write]] = {}

    async def find(
        self,
        collection: str,
        where: Mapping[str, Any],
        *,
        sort: Sequence[tuple[str, int]] | None = None,
        limit: int = 0,
        fields: Mapping[str, Any] | None = None,
    ) -> list[Document]:
        """Documents of this transaction's snapshot, with what was written to the collection so far."""
        await self._send(collection)
        return await self._database[collection].find(
            where, sort=sort, limit=limit, fields=fields, session=self._session
        )

    def write(self, collection: str, *writes: Write) -> None:
        self._writes.setdefault(collection, []).extend(writes)

    def handoff(self, command: Command) -> None:
        """Hand a command to this service's journal; a redelivery of the message hands over the same one."""
        self.write(HANDOFFS, handoff_write(command))

    async def send(self) -> None:
        """Send everything gathered; the chassis does so before the commit."""
        for collection in sorted(self._writes):
            await self._send(collection)

    async def _send(self, collection: str) -> None:
        writes = self._writes.pop(collection, [])
        await self._database[collection].write(writes, session=self._session)
