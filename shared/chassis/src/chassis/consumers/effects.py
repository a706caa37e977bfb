"""What the messages of one batch change: gathered, then sent in one burst with their marks."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.journal.command import Command
from chassis.journal.handoff import handoff_write
from chassis.journal.shape import HANDOFFS
from chassis.mongo import Database, Document, ReplaceOne, Session, Write


class Effects:
    """One transaction's changes. Collections and indexes must be there already.

    Writes are upserts by deterministic `_id` (or updates of documents that are there); none may count on a duplicate
    key being caught, because that ends the whole transaction.

    build: the number of the rebuild whose reading this is; of that nothing stays but rows of projections.
    """

    build: int | None = None

    def __init__(self, database: Database, session: Session, *, lanes: int = 1, generation: int = 0) -> None:
        self._database = database
        self._session = session
        self._lanes = lanes
        self._generation = generation
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

    def put(self, collection: str, row: Document) -> None:
        """A row of a projection, whole, in place of the one before; its `_id` names it."""
        seen = row if self.build is None else {**row, "build": self.build}
        self._writes.setdefault(collection, []).append(ReplaceOne({"_id": row["_id"]}, seen, upsert=True))

    def write(self, collection: str, *writes: Write) -> None:
        if self.build is None:
            self._writes.setdefault(collection, []).extend(writes)

    def handoff(self, command: Command) -> None:
        """Hand a command to this service's journal; a redelivery of the message hands over the same one."""
        self.write(HANDOFFS, handoff_write(command, lanes=self._lanes, generation=self._generation))

    async def send(self) -> None:
        """Send everything gathered; the chassis does so before the commit."""
        for collection in sorted(self._writes):
            await self._send(collection)

    async def _send(self, collection: str) -> None:
        writes = self._writes.pop(collection, [])
        await self._database[collection].write(writes, session=self._session)
