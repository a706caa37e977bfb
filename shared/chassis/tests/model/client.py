"""`chassis.mongo` as a process of the model has it: every call travels, and may be lost on either way.

The states of a session follow pymongo's: an abort's failure is not told, a commit may be asked again, a session that
saw a network error does not go back to the pool.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from chassis.mongo import Collection, Database, Document, Find, InsertOne, Keys, Session, Write, errors
from model.mongod import Locked, Transaction

if TYPE_CHECKING:
    from model.world import World

SOCKET_TIMEOUT = 10.0
LIFETIME = 60.0
"""Seconds until the server ends an open transaction: a lane must not have to wait for that."""
CONSUMER_LIFETIME = 1.5
"""A dead consumer's transaction is ended by nothing else."""
BLOCKED_PAUSE = 0.01


class ModelSession(Session):
    """A logical session with at most one transaction."""

    def __init__(self, client: "ModelDatabase", lsid: str) -> None:
        self.client = client
        self.name = lsid
        self.number = client.numbers.get(lsid, 0)
        self.state = "none"
        self.dirty = False
        self.lifetime = LIFETIME

    @property
    def lsid(self) -> Document:
        return {"id": self.name}

    @property
    def in_transaction(self) -> bool:
        return self.state in ("starting", "open")

    def begin(self) -> None:
        if self.in_transaction:
            raise errors.InvalidOperation("Transaction already in progress")
        self.state, self.lifetime = "starting", LIFETIME
        self.number += 1
        self.client.numbers[self.name] = self.number

    def enter(self) -> Callable[[], Transaction]:
        start, self.state = self.state == "starting", "open" if self.in_transaction else self.state
        if self.state != "open":
            raise errors.InvalidOperation("no transaction")
        name, number, lifetime, server = self.name, self.number, self.lifetime, self.client.world.mongod
        return lambda: server.enter(name, number, lifetime if start else None)

    async def commit(self) -> None:
        if self.state in ("starting", "empty"):
            self.state = "empty"
            return
        if self.state not in ("open", "committed"):
            raise errors.InvalidOperation(f"commit after {self.state}")
        name, number, server = self.name, self.number, self.client.world.mongod
        try:
            await self.client.call("commit", lambda: server.commit(name, number), session=self)
        except errors.ConnectionFailure as error:
            error._remove_error_label("TransientTransactionError")
            error._add_error_label("UnknownTransactionCommitResult")
            if self.client.world.faults.forgets():
                server.forget(name)
            raise
        finally:
            self.state = "committed"

    async def abort(self) -> None:
        if not self.in_transaction:
            return
        started, self.state = self.state == "open", "aborted"
        if started:
            name, number, server = self.name, self.number, self.client.world.mongod
            try:
                await self.client.call("abort", lambda: server.abort(name, number), session=self)
            except (errors.OperationFailure, errors.ConnectionFailure):
                return

    async def end(self) -> None:
        await self.abort()
        if not self.dirty:
            self.client.pool.append(self.name)


class ModelCollection(Collection):
    """The methods of a collection which the journal, the relay and the model's consumers use."""

    def __init__(self, client: "ModelDatabase", name: str) -> None:
        self.client = client
        self.server = client.world.mongod
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    async def find(
        self,
        where: Mapping[str, Any],
        *,
        sort: Sequence[tuple[str, int]] | None = None,
        limit: int = 0,
        fields: Mapping[str, Any] | None = None,
        session: Session | None = None,
    ) -> list[Document]:
        def effect(transaction: Transaction | None) -> list[Document]:
            return self.server.find(transaction, self._name, where, sort=sort or (), limit=limit, fields=fields)

        found: list[Document] = await self._read(effect, session)
        return found

    async def find_one(
        self,
        where: Mapping[str, Any],
        *,
        sort: Sequence[tuple[str, int]] | None = None,
        fields: Mapping[str, Any] | None = None,
        session: Session | None = None,
    ) -> Document | None:
        found = await self.find(where, sort=sort, limit=1, fields=fields, session=session)
        return found[0] if found else None

    async def insert_one(self, document: Document, *, session: Session | None = None) -> None:
        try:
            await self.write([InsertOne(document)], session=session)
        except errors.BulkWriteError as error:
            raise errors.DuplicateKeyError(error.details["writeErrors"][0]["errmsg"], 11000) from None

    async def update_one(
        self, where: Mapping[str, Any], change: Any, *, upsert: bool = False, session: Session | None = None
    ) -> int:
        def effect(transaction: Transaction) -> int:
            return self.server.update(transaction, self._name, where, change, upsert=upsert)

        return int(await self._change("update", effect, session))

    async def find_one_and_update(
        self, where: Mapping[str, Any], change: Any, *, upsert: bool = False, session: Session | None = None
    ) -> Document | None:
        def effect(transaction: Transaction) -> Document | None:
            if not self.server.update(transaction, self._name, where, change, upsert=upsert):
                return None
            return self.server.find(transaction, self._name, {"_id": where["_id"]})[0]

        found: Document | None = await self._change("find and update", effect, session)
        return found

    async def write(self, writes: Sequence[Write], *, ordered: bool = True, session: Session | None = None) -> int:
        if not writes:
            return 0
        writes = list(writes)

        def effect(transaction: Transaction) -> int:
            return sum(self.server.write(transaction, self._name, write) for write in writes)

        return int(await self._change("write", effect, session))

    async def create_index(
        self, keys: Keys, *, unique: bool = False, where: Mapping[str, Any] | None = None, expire: int | None = None
    ) -> None:
        """Unique ones are the server's from the start; the others change no answer."""

    @asynccontextmanager
    async def watch(self, pipeline: Sequence[Mapping[str, Any]]) -> AsyncIterator[Any]:
        """A change stream: it rings late, and may break."""
        await self.client.call("watch", lambda: None)
        bell: asyncio.Queue[None] = asyncio.Queue()
        bells = self.client.world.bells.setdefault(self._name, [])
        bells.append(bell)
        try:
            yield self._rings(bell)
        finally:
            bells.remove(bell)

    async def _rings(self, bell: "asyncio.Queue[None]") -> AsyncIterator[None]:
        while True:
            await bell.get()
            await self.client.call("watch", lambda: None)
            yield None

    async def _read(self, effect: Callable[[Transaction | None], Any], session: Session | None) -> Any:
        enter = session.enter() if isinstance(session, ModelSession) else lambda: None
        return await self.client.call(f"find {self._name}", lambda: effect(enter()), session=session)

    async def _change(self, what: str, effect: Callable[[Transaction], Any], session: Session | None) -> Any:
        what = f"{what} {self._name}"
        if not isinstance(session, ModelSession):
            return await self.client.call(what, lambda: self.server.alone(effect))
        enter, client, name, number = session.enter(), self.client, session.name, session.number

        def within() -> Any:
            transaction = enter()
            try:
                return effect(transaction)
            except errors.PyMongoError:
                client.world.mongod.abort(name, number)  # any error of a statement ends the transaction
                raise

        return await client.call(what, within, session=session)


class ModelDatabase(Database):
    """One process's client. Sessions are pooled, the last one returned is taken first."""

    def __init__(self, world: "World", name: str) -> None:
        self.world = world
        self.label = name
        self.pool: list[str] = []
        self.numbers: dict[str, int] = {}
        self._sessions = 0

    def __getitem__(self, name: str) -> Collection:
        return ModelCollection(self, name)

    async def read(self, finds: Sequence[Find], *, session: Session) -> list[list[Document]]:
        """Each travels by itself: what may happen between two of them happens here too."""
        return [
            await self[find.collection].find(
                find.where, sort=find.sort, limit=find.limit, fields=find.fields, session=session
            )
            for find in finds
        ]

    async def write(self, writes: Sequence[tuple[str, Sequence[Write]]], *, session: Session) -> list[int]:
        return [await self[name].write(some, session=session) for name, some in writes]

    async def command(self, command: Mapping[str, Any]) -> Document:
        if "killSessions" in command:
            lsids = [lsid["id"] for lsid in command["killSessions"]]
            await self.call("killSessions", lambda: self.world.mongod.kill_sessions(lsids))
            return {}
        if "hello" in command:
            return {"localTime": await self.call("hello", self.world.mongod.now)}
        raise ValueError(command)

    async def collections(self) -> set[str]:
        return set(self.world.collections)

    async def session(self) -> Session:
        if self.pool:
            return ModelSession(self, self.pool.pop())
        self._sessions += 1
        return ModelSession(self, f"{self.label}/{self._sessions}")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        async with super().transaction() as session:
            session.lifetime = CONSUMER_LIFETIME  # type: ignore[attr-defined]  # of a ModelSession
            yield session

    async def call(self, what: str, effect: Callable[[], Any], *, session: Session | None = None) -> Any:
        """Send, let the server act, hear the answer; each may fail to happen, or happen late."""
        try:
            return await self.world.travel(self.label, what, effect)
        except errors.ConnectionFailure as error:
            if isinstance(session, ModelSession):
                session.dirty = True
                error._add_error_label("TransientTransactionError")
            raise

    def close(self) -> None:
        return


__all__ = ["BLOCKED_PAUSE", "SOCKET_TIMEOUT", "Locked", "ModelDatabase"]
