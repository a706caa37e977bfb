"""One mongod as far as transactions go: snapshots, write conflicts, unique keys, sessions, and its death.

Everything here happens at one instant; what takes time is the client's (`client.py`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from chassis.mongo import DeleteOne, Document, InsertOne, ReplaceOne, UpdateOne, Write, errors
from model.expressions import changed, frozen, matches, projected, sort_key

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
Key = tuple[str, ...]
TRANSIENT = {"errorLabels": ["TransientTransactionError"]}


class Locked(Exception):
    """A write outside any transaction waits for this transaction to end."""


def conflict() -> errors.OperationFailure:
    return errors.OperationFailure("WriteConflict", 112, TRANSIENT)


def no_transaction() -> errors.OperationFailure:
    return errors.OperationFailure("NoSuchTransaction", 251, TRANSIENT)


@dataclass(slots=True, eq=False)
class Transaction:
    """Reads as of `snapshot`; `own` is what it has written, `locks` what nobody else may write until it ends."""

    snapshot: int
    lasting: bool = True
    until: float = 0.0
    own: dict[Key, Any] = field(default_factory=dict)
    locks: list[Key] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class ServerSession:
    """What the server knows of a session: its latest transaction."""

    number: int = 0
    state: str = "none"
    transaction: Transaction | None = None


class Mongod:
    """Documents have versions; a key of a unique index is a slot like a document's."""

    def __init__(self, rng: Random, time: Callable[[], float]) -> None:
        self.rng = rng
        self.time = time
        self.skew = 0.0
        self.up = True
        self.starts = 0
        self.unique: dict[str, str] = {}
        self.committed: Callable[[list[str]], None] = lambda collections: None
        self._slots: dict[Key, list[tuple[int, Any]]] = {}
        self._ids: dict[str, dict[Any, Key]] = {}
        self._locks: dict[Key, Transaction] = {}
        self._sessions: dict[str, ServerSession] = {}
        self._ts = 0

    def now(self) -> datetime:
        """The server's clock, in milliseconds as BSON keeps it."""
        return EPOCH + timedelta(milliseconds=int((self.time() + self.skew) * 1000))

    # Sessions and transactions

    def enter(self, lsid: str, number: int, lifetime: float | None) -> Transaction:
        """The transaction a statement belongs to; its first statement begins it, and gives it a lifetime."""
        session = self._sessions.setdefault(lsid, ServerSession())
        if lifetime is not None and number > session.number:
            self._end(session, "aborted")
            self._sessions[lsid] = session = ServerSession(
                number, "open", Transaction(self._ts, until=self.time() + lifetime)
            )
        self._expire(session)
        if number != session.number or session.state != "open" or session.transaction is None:
            raise no_transaction()
        return session.transaction

    def commit(self, lsid: str, number: int) -> None:
        session = self._sessions.setdefault(lsid, ServerSession())
        self._expire(session)
        if number == session.number and session.state == "committed":
            return
        if number != session.number or session.transaction is None:
            raise no_transaction()
        transaction = session.transaction
        self._end(session, "committed", keep=True)
        self._apply(transaction)

    def forget(self, lsid: str) -> None:
        """Lose the memory of a session, so that its commit, asked again, is "no such transaction"."""
        if (session := self._sessions.get(lsid)) is not None and session.state == "committed":
            session.state = "forgotten"

    def abort(self, lsid: str, number: int) -> None:
        session = self._sessions.setdefault(lsid, ServerSession())
        if number == session.number:
            self._end(session, "aborted")

    def kill_sessions(self, lsids: Iterable[str]) -> None:
        for lsid in lsids:
            if lsid in self._sessions:
                self._end(self._sessions[lsid], "aborted")

    @staticmethod
    def lost() -> Exception:
        return errors.AutoReconnect("connection lost")

    def stop(self) -> None:
        """Die: what is committed stays, what is open is gone."""
        self.up = False
        self.starts += 1
        for session in self._sessions.values():
            self._end(session, "aborted")

    def _expire(self, session: ServerSession) -> None:
        transaction = session.transaction
        if transaction is not None and self.time() > transaction.until:
            self._end(session, "aborted")

    def _end(self, session: ServerSession, state: str, *, keep: bool = False) -> None:
        transaction, session.transaction = session.transaction, None
        if session.state == "open":
            session.state = state
        if transaction is not None and not keep:
            self._unlock(transaction)

    def _unlock(self, transaction: Transaction) -> None:
        for key in transaction.locks:
            self._locks.pop(key, None)

    def _apply(self, transaction: Transaction) -> None:
        self._ts += 1
        for key, value in transaction.own.items():
            self._slots.setdefault(key, []).append((self._ts, value))
        self._unlock(transaction)
        self.committed([key[0] for key, value in transaction.own.items() if value is not None])

    def alone(self, statement: Callable[[Transaction], Any]) -> Any:
        """A statement outside any transaction. Raises Locked when it must wait for one."""
        transaction = Transaction(self._ts, lasting=False)
        try:
            result = statement(transaction)
        except BaseException:
            self._unlock(transaction)
            raise
        self._apply(transaction)
        return result

    def reap(self) -> None:
        for session in self._sessions.values():
            self._expire(session)

    # Reading

    def see(self, transaction: Transaction | None, key: Key) -> Any:
        if transaction is not None and key in transaction.own:
            return transaction.own[key]
        versions = self._slots.get(key, ())
        if transaction is None or not transaction.lasting:
            return versions[-1][1] if versions else None
        return next((value for ts, value in reversed(versions) if ts <= transaction.snapshot), None)

    def find(
        self,
        transaction: Transaction | None,
        collection: str,
        where: Mapping[str, Any],
        *,
        sort: Iterable[tuple[str, int]] = (),
        limit: int = 0,
        fields: Mapping[str, Any] | None = None,
    ) -> list[Document]:
        now = self.now()
        candidates = (self.see(transaction, key) for key in self._candidates(collection, where.get("_id")))
        rest = where if not _names(where.get("_id")) else {name: where[name] for name in where if name != "_id"}
        found = [document for document in candidates if document is not None and matches(document, rest, now)]
        for name, direction in reversed(list(sort)):
            found.sort(key=lambda document: sort_key(document, name), reverse=direction < 0)
        return [projected(document, fields, now) for document in (found[:limit] if limit else found)]

    def _candidates(self, collection: str, id_: Any) -> Iterable[Key]:
        ids = self._ids.get(collection, {})
        if not _names(id_):
            return list(ids.values())
        wanted = id_["$in"] if isinstance(id_, dict) and "$in" in id_ else [id_]
        return [ids[key] for key in dict.fromkeys(map(frozen, wanted)) if key in ids]

    # Writing

    def write(self, transaction: Transaction, collection: str, write: Write) -> int:
        """How many existing documents matched. Raises DuplicateKey-like BulkWriteError, conflict or Locked."""
        match write:
            case InsertOne():
                self._put(transaction, collection, None, write._doc, {"_id": write._doc["_id"]})
                return 0
            case ReplaceOne():
                return self._change(
                    transaction, collection, write._filter, lambda old: {**write._doc, "_id": old["_id"]}
                )
            case UpdateOne():
                return self.update(transaction, collection, write._filter, write._doc, upsert=bool(write._upsert))
            case DeleteOne():
                return self._change(transaction, collection, write._filter, lambda old: None)
        raise ValueError(write)

    def update(
        self, transaction: Transaction, collection: str, where: Mapping[str, Any], change: Any, *, upsert: bool = False
    ) -> int:
        matched = self._change(transaction, collection, where, lambda old: changed(old, change, self.now()))
        if not matched and upsert:
            new = changed({"_id": where["_id"]}, change, self.now(), inserting=True)
            self._put(transaction, collection, None, new, {"q": dict(where)})
        return matched

    def _change(
        self,
        transaction: Transaction,
        collection: str,
        where: Mapping[str, Any],
        change: Callable[[Document], Document | None],
    ) -> int:
        found = self.find(transaction, collection, where, limit=1)
        if not found:
            return 0
        new = change(found[0])
        if new != found[0]:  # an update that changes nothing writes nothing
            self._put(transaction, collection, found[0], new, {"q": dict(where)})
        return 1

    def _put(
        self, transaction: Transaction, collection: str, old: Document | None, new: Document | None, op: Document
    ) -> None:
        id_ = (old or new or {})["_id"]
        key = (collection, frozen(id_))
        if old is None and self.see(transaction, key) is not None:
            raise duplicate(collection, "_id", op)
        self._claim(transaction, key)
        self._ids.setdefault(collection, {})[key[1]] = key
        name = self.unique.get(collection)
        if name is not None:
            before, after = (old or {}).get(name), (new or {}).get(name)
            if before != after:
                self._move(transaction, collection, name, (before, after, id_, op))
        transaction.own[key] = new

    def _move(self, transaction: Transaction, collection: str, name: str, what: tuple[Any, Any, Any, Document]) -> None:
        before, after, id_, op = what
        if before is not None:
            self._claim(transaction, (collection, name, before))
            transaction.own[(collection, name, before)] = None
        if after is not None:
            if self.see(transaction, (collection, name, after)) is not None:
                raise duplicate(collection, name, op)
            self._claim(transaction, (collection, name, after))
            transaction.own[(collection, name, after)] = id_

    def _claim(self, transaction: Transaction, key: Key) -> None:
        """First writer wins; the others are told at once, or wait when they are not in a transaction."""
        holder = self._locks.get(key)
        if holder is not None and self.time() > holder.until and holder.lasting:
            self.reap()
            holder = None
        if holder is transaction:
            return
        if holder is not None:
            if transaction.lasting:
                raise conflict()
            raise Locked
        versions = self._slots.get(key)
        if transaction.lasting and versions and versions[-1][0] > transaction.snapshot:
            raise conflict()
        self._locks[key] = transaction
        transaction.locks.append(key)


def _names(id_: Any) -> bool:
    """Whether a filter's `_id` names documents, rather than a range or none."""
    return isinstance(id_, str) or (isinstance(id_, dict) and ("$in" in id_ or not any(k[0] == "$" for k in id_)))


def duplicate(collection: str, index: str, op: Document) -> errors.BulkWriteError:
    message = f"E11000 duplicate key error collection: model.{collection} index: {index}_1 dup key"
    return errors.BulkWriteError({"writeErrors": [{"code": 11000, "errmsg": message, "op": op}]})
