"""What the messages of one batch change: gathered, then sent in one burst with their marks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chassis.journal.command import Command
from chassis.journal.handoff import handoff_write
from chassis.journal.shape import HANDOFFS
from chassis.mongo import Database, Document, Find, InsertOne, ReplaceOne, Session, UpdateOne, Write


class Effects:
    """One transaction's changes. Collections and indexes must be there already.

    None may count on a duplicate key being caught, because that ends the whole transaction: `write` takes upserts by
    deterministic `_id` (or updates of documents that are there), `insert_once` and `set` look first what is there.

    build: the number of the rebuild whose reading this is; of that nothing stays but rows of projections.
    """

    build: int | None = None

    def __init__(self, database: Database, session: Session) -> None:
        self._database = database
        self._session = session
        self._writes: dict[str, list[Write]] = {}
        self._documents: dict[str, dict[str, _Wanted]] = {}

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
        [found] = await self.read(Find(collection, where, sort, limit, fields))
        return found

    async def read(self, *finds: Find) -> list[list[Document]]:
        """What each of these finds, in order, as `find` does: at the price of one turn."""
        if not finds:
            return []
        await self._send(only={find.collection for find in finds})
        return await self._database.read(finds, session=self._session)

    def put(self, collection: str, row: Document) -> None:
        """A row of a projection, whole, in place of the one before; its `_id` names it."""
        seen = row if self.build is None else {**row, "build": self.build}
        self._writes.setdefault(collection, []).append(ReplaceOne({"_id": row["_id"]}, seen, upsert=True))

    def write(self, collection: str, *writes: Write) -> None:
        if self.build is None:
            self._writes.setdefault(collection, []).extend(writes)

    def insert_once(self, collection: str, document: Document) -> None:
        """Make the document, unless there is one with its `_id`."""
        if self.build is None:
            self._documents.setdefault(collection, {}).setdefault(document["_id"], _Wanted(new=document))

    def set(self, collection: str, id_: str, fields: Document) -> None:
        """Change these fields of a document, which is made with them if it is not there."""
        if self.build is not None:
            return
        wanted = self._documents.setdefault(collection, {}).setdefault(id_, _Wanted(new={"_id": id_}))
        wanted.new.update(fields)
        wanted.fields.update(fields)

    def handoff(self, command: Command) -> None:
        """Hand a command to this service's journal; a redelivery of the message hands over the same one."""
        self.write(HANDOFFS, handoff_write(command))

    async def send(self, *last: tuple[str, Sequence[Write]]) -> list[int]:
        """Send everything gathered, then `last`; how many documents each of `last` matched. The chassis does so before
        the commit."""
        return await self._send(*last)

    async def _send(self, *last: tuple[str, Sequence[Write]], only: Collection[str] | None = None) -> list[int]:
        """only: what was gathered for these collections, None for all."""
        names = sorted({*self._documents, *self._writes} if only is None else only)
        looking = [name for name in names if name in self._documents]
        finds = [Find(name, {"_id": {"$in": list(self._documents[name])}}, fields={"_id": 1}) for name in looking]
        found = await self._database.read(finds, session=self._session) if finds else []
        writes: list[tuple[str, Sequence[Write]]] = []
        for name, there in zip(looking, found, strict=True):
            writes.append((name, _documents(self._documents.pop(name), {document["_id"] for document in there})))
        writes += [(name, self._writes.pop(name)) for name in names if name in self._writes]
        writes += last
        going = [(name, some) for name, some in writes if some]
        done = iter(await self._database.write(going, session=self._session) if going else ())
        matched = [next(done) if some else 0 for _, some in writes]
        return matched[len(matched) - len(last) :]


@dataclass(slots=True)
class _Wanted:
    """A document as it is made, and which of its fields are set where it is there."""

    new: Document
    fields: Document = field(default_factory=dict)


def _documents(wanted: Mapping[str, _Wanted], there: Collection[str]) -> list[Write]:
    """Upserts would say the same, at four times the server's work for each new document."""
    made: list[Write] = [InsertOne(one.new) for id_, one in wanted.items() if id_ not in there]
    changed = [(id_, one.fields) for id_, one in wanted.items() if id_ in there and one.fields]
    return made + [UpdateOne({"_id": id_}, {"$set": fields}) for id_, fields in changed]
