"""Walking a collection by `_id`, in steps that are each a snapshot of their own."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chassis.mongo import Collection, Database, Document, Session
from chassis.reconcile.findings import Findings
from chassis.reconcile.pace import Pace

Documents = Sequence[Document]
Wrong = Mapping[str, Sequence[str]]
"""By kind of damage the names of what is wrong; a kind without any is there too."""


class Check(Protocol):
    """Something that a service's documents must satisfy."""

    async def run(self, database: Database, pace: Pace) -> Findings: ...


@dataclass(frozen=True, slots=True)
class Walk:
    """Looks at a whole collection, step by step.

    kinds: what `look` may find. fields: what it needs of the documents. look: gets the next documents and the
    session of the snapshot that they were read in, so that what they are compared with is of the same moment.
    """

    collection: str
    kinds: Sequence[str]
    look: Callable[[Database, Session, Documents], Awaitable[Wrong]]
    fields: Document | None = None
    step: int = 100

    async def run(self, database: Database, pace: Pace) -> Findings:
        found = Findings()
        found.looked_for(*self.kinds)
        after: object = None
        while True:
            async with pace.step(), database.snapshot() as session:
                documents = await next_documents(
                    database[self.collection],
                    session,
                    after=after,
                    limit=self.step,
                    fields=self.fields,
                )
                if not documents:
                    return found
                found.add_all(await self.look(database, session, documents))
            after = documents[-1]["_id"]


@dataclass(frozen=True, slots=True)
class Once:
    """A field whose value never changes and is given once in the collection.

    Steps of different moments may be compared, because neither documents nor values go away. The values are held in
    memory for as long as the walk takes, about 60 bytes each.
    """

    collection: str
    name: str
    kind: str
    step: int = 500

    async def run(self, database: Database, pace: Pace) -> Findings:
        found = Findings()
        found.looked_for(self.kind)
        seen: set[object] = set()
        after: object = None
        while True:
            async with pace.step(), database.snapshot() as session:
                documents = await next_documents(
                    database[self.collection], session, after=after, limit=self.step, fields={self.name: 1}
                )
            if not documents:
                return found
            for document in documents:
                value = document.get(self.name)
                if value in seen:
                    found.add(self.kind, f"{self.collection}/{document['_id']}: {value}")
                elif value is not None:
                    seen.add(value)
            after = documents[-1]["_id"]


async def next_documents(
    collection: Collection,
    session: Session,
    *,
    after: object,
    limit: int,
    where: Document | None = None,
    fields: Document | None = None,
) -> list[Document]:
    """The next by `_id`, from the first where `after` is None."""
    beyond: Document = (where or {}) if after is None else {**(where or {}), "_id": {"$gt": after}}
    return await collection.find(beyond, sort=[("_id", 1)], limit=limit, fields=fields, session=session)
