"""The only door to MongoDB: small types over the driver, so that changing the driver changes this file.

Everything written through here is majority and journaled; reads outside a transaction are majority reads.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from bson import decode, encode
from bson.errors import InvalidDocument
from motor.frameworks.asyncio import run_on_executor
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import DeleteMany, DeleteOne, InsertOne, ReplaceOne, UpdateMany, UpdateOne, errors
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from chassis.frozen import frozen

__all__ = [
    "MAJORITY",
    "Collection",
    "Database",
    "DeleteMany",
    "DeleteOne",
    "Document",
    "Find",
    "InsertOne",
    "InvalidDocument",
    "ReplaceOne",
    "Session",
    "UpdateMany",
    "UpdateOne",
    "Write",
    "connect",
    "decode",
    "encode",
    "errors",
]

Document = dict[str, Any]
T = TypeVar("T")
Keys = Sequence[tuple[str, int | str]]
Write = InsertOne[Document] | ReplaceOne[Document] | UpdateOne | UpdateMany | DeleteOne | DeleteMany

MAJORITY = WriteConcern(w="majority", j=True)


@frozen
class Find:
    """One of several reads that are sent in one go; the same words as `Collection.find`."""

    collection: str
    where: Mapping[str, Any]
    sort: Sequence[tuple[str, int]] | None = None
    limit: int = 0
    fields: Mapping[str, Any] | None = None


class Session:
    """One logical session; never shared by two coroutines.

    A transaction begun on it is snapshot isolated and commits majority + journaled.
    """

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    @property
    def lsid(self) -> Document:
        """What `killSessions` takes to end this session."""
        return dict(self.inner.session_id)

    def begin(self) -> None:
        self.inner.start_transaction(read_concern=ReadConcern("snapshot"), write_concern=MAJORITY)

    async def commit(self) -> None:
        """Commit; may be called again after an unknown outcome."""
        await self.inner.commit_transaction()

    async def abort(self) -> None:
        if self.inner.in_transaction:
            await self.inner.abort_transaction()

    @property
    def in_transaction(self) -> bool:
        return bool(self.inner.in_transaction)

    async def end(self) -> None:
        await self.inner.end_session()


def _inner(session: Session | None) -> Any:
    return None if session is None else session.inner


class Collection:
    """A collection; every method takes the session whose transaction it belongs to."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    @property
    def name(self) -> str:
        return str(self.inner.name)

    async def find(
        self,
        where: Mapping[str, Any],
        *,
        sort: Sequence[tuple[str, int]] | None = None,
        limit: int = 0,
        fields: Mapping[str, Any] | None = None,
        session: Session | None = None,
    ) -> list[Document]:
        cursor = self.inner.find(where, fields, sort=sort, limit=limit, session=_inner(session))
        found: list[Document] = await cursor.to_list(None)
        return found

    async def find_one(
        self,
        where: Mapping[str, Any],
        *,
        sort: Sequence[tuple[str, int]] | None = None,
        fields: Mapping[str, Any] | None = None,
        session: Session | None = None,
    ) -> Document | None:
        found: Document | None = await self.inner.find_one(where, fields, sort=sort, session=_inner(session))
        return found

    async def aggregate(
        self, pipeline: Sequence[Mapping[str, Any]], *, session: Session | None = None
    ) -> list[Document]:
        found: list[Document] = await self.inner.aggregate(pipeline, session=_inner(session)).to_list(None)
        return found

    async def count(self, where: Mapping[str, Any], *, session: Session | None = None) -> int:
        return int(await self.inner.count_documents(where, session=_inner(session)))

    async def insert_one(self, document: Document, *, session: Session | None = None) -> None:
        await self.inner.insert_one(document, session=_inner(session))

    async def insert_many(self, documents: Sequence[Document], *, session: Session | None = None) -> None:
        await self.inner.insert_many(documents, session=_inner(session))

    async def update_one(
        self, where: Mapping[str, Any], change: Any, *, upsert: bool = False, session: Session | None = None
    ) -> int:
        """How many documents matched."""
        done = await self.inner.update_one(where, change, upsert=upsert, session=_inner(session))
        return int(done.matched_count)

    async def update_many(self, where: Mapping[str, Any], change: Any, *, session: Session | None = None) -> int:
        done = await self.inner.update_many(where, change, session=_inner(session))
        return int(done.matched_count)

    async def find_one_and_update(
        self, where: Mapping[str, Any], change: Any, *, upsert: bool = False, session: Session | None = None
    ) -> Document | None:
        """The document after the change, or None when nothing matched."""
        found: Document | None = await self.inner.find_one_and_update(
            where, change, upsert=upsert, return_document=True, session=_inner(session)
        )
        return found

    async def delete_many(self, where: Mapping[str, Any], *, session: Session | None = None) -> int:
        done = await self.inner.delete_many(where, session=_inner(session))
        return int(done.deleted_count)

    async def write(self, writes: Sequence[Write], *, ordered: bool = True, session: Session | None = None) -> int:
        """Send all writes in one command per kind; how many existing documents they matched."""
        if not writes:
            return 0
        done = await self.inner.bulk_write(list(writes), ordered=ordered, session=_inner(session))
        return int(done.matched_count)

    async def create_index(
        self, keys: Keys, *, unique: bool = False, where: Mapping[str, Any] | None = None, expire: int | None = None
    ) -> None:
        """expire: so many seconds after the time in the indexed field a document goes."""
        asked = {"partialFilterExpression": where, "expireAfterSeconds": expire}
        options = {name: value for name, value in asked.items() if value is not None}
        await self.inner.create_index(list(keys), unique=unique, **options)

    def watch(self, pipeline: Sequence[Mapping[str, Any]]) -> Any:
        """A change stream; an async context manager and iterator."""
        return self.inner.watch(pipeline)


class Database:
    """One service's database."""

    def __init__(self, client: Any, inner: Any) -> None:
        self.client = client
        self.inner = inner
        self._collections: dict[str, Collection] = {}

    @property
    def name(self) -> str:
        return str(self.inner.name)

    def __getitem__(self, name: str) -> Collection:
        found = self._collections.get(name)
        if found is None:
            inner = self.inner.get_collection(name, read_concern=ReadConcern("majority"), write_concern=MAJORITY)
            found = self._collections[name] = Collection(inner)
        return found

    async def read(self, finds: Sequence[Find], *, session: Session) -> list[list[Document]]:
        """Answers several reads of one transaction, in order, by one command in one turn of the driver's threads."""
        within = session.inner.delegate
        inner = self.inner.delegate

        def send() -> list[list[Document]]:
            found: list[list[Document]] = [[] for _ in finds]
            for one in inner.aggregate(_joined(finds), session=within, batchSize=10_000):
                found[one["of"]].append(one["is"])
            return found

        return await _in_one_turn(send)

    async def write(self, writes: Sequence[tuple[str, Sequence[Write]]], *, session: Session) -> list[int]:
        """Send one transaction's writes in one turn, up to the first that fails; how many documents each matched."""

        within = session.inner.delegate

        def send() -> list[int]:
            return [int(self._blocking(name).bulk_write(some, session=within).matched_count) for name, some in writes]

        return await _in_one_turn(send)

    def _blocking(self, name: str) -> Any:
        """The driver's own collection, for its threads."""
        return self[name].inner.delegate

    async def command(self, command: Mapping[str, Any]) -> Document:
        return dict(await self.inner.command(command, codec_options=self.inner.codec_options))

    async def collections(self) -> set[str]:
        return set(await self.inner.list_collection_names())

    async def ensure_collection(self, name: str) -> None:
        if name not in await self.collections():
            try:
                await self.inner.create_collection(name)
            except errors.CollectionInvalid:  # another process made it meanwhile
                return

    async def session(self) -> Session:
        return Session(await self.client.start_session())

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """One snapshot transaction for consumers and workers: commits at the end of the block, aborts on any error."""
        session = await self.session()
        try:
            session.begin()
            try:
                yield session
            except BaseException:
                await session.abort()
                raise
            await session.commit()
        finally:
            await session.end()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Session]:
        """Reads of one moment, for as long as the server keeps it (minutes), without a transaction."""
        session = Session(await self.client.start_session(snapshot=True))
        try:
            yield session
        finally:
            await session.end()

    def close(self) -> None:
        self.client.close()


def _joined(finds: Sequence[Find]) -> list[Document]:
    """One pipeline that answers all of them, with a document `{of, is}` for each that is found: only single documents
    are bound to 16 MB then, not what is found together."""
    names = [f"f{at}" for at in range(len(finds))]
    marked = [{"$map": {"input": f"${name}", "in": {"of": at, "is": "$$this"}}} for at, name in enumerate(names)]
    return [
        {"$documents": [{}]},
        *(_looked_up(find, name) for find, name in zip(finds, names, strict=True)),
        {"$project": {"found": {"$concatArrays": marked}}},
        {"$unwind": "$found"},
        {"$replaceRoot": {"newRoot": "$found"}},
    ]


def _looked_up(find: Find, name: str) -> Document:
    steps: list[Document] = [{"$match": find.where}]
    if find.sort:
        steps.append({"$sort": dict(find.sort)})
    if find.limit:
        steps.append({"$limit": find.limit})
    if find.fields:
        steps.append({"$project": find.fields})
    return {"$lookup": {"from": find.collection, "pipeline": steps, "as": name}}


async def _in_one_turn(send: Callable[[], T]) -> T:
    found: T = await run_on_executor(asyncio.get_running_loop(), send)  # type: ignore[no-untyped-call] # Motor has no types
    return found


def connect(url: str, *, listeners: Sequence[Any] = ()) -> Database:
    """The database that the URL names. Nothing is sent until the first use.

    Waits at most 5 s for a primary and 10 s for an answer, so that an outage is an error and not a hang.
    """
    client: Any = AsyncIOMotorClient(
        url,
        tz_aware=True,
        serverSelectionTimeoutMS=5_000,
        connectTimeoutMS=5_000,
        socketTimeoutMS=10_000,
        uuidRepresentation="standard",
        event_listeners=list(listeners),
    )
    return Database(client, client.get_default_database())
