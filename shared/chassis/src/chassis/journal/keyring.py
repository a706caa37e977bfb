"""One key per member, in one collection: whoever's key is gone, of them nothing that the journal sealed can be read."""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from contextlib import suppress
from secrets import token_bytes
from typing import Any, Final

from pydantic_core import from_json, to_json

from chassis.journal.shape import KEYS
from chassis.mongo import Database, Document, UpdateOne, errors
from chassis.sealing import Sealer, Unsealable

_PURPOSE: Final = "journal"


class NoSecret(RuntimeError):
    """A member's key is sealed, and this process was not given the service's secret."""


class Keyring:
    """Made outside any transaction, before it is first used: a key alone says nothing, and the first one made counts.

    secret: seals the keys themselves, so that the database alone, or a copy of it, opens nothing.
    """

    def __init__(self, database: Database, secret: Sealer | None = None) -> None:
        self._database = database
        self._secret = secret

    async def making(self, members: Iterable[str]) -> dict[str, Sealer]:
        """The sealers of all these members; who had none gets one."""
        wanted = set(members)
        found = await self.having(wanted)
        fresh = sorted(wanted - found.keys())
        if not fresh:
            return found
        writes = [UpdateOne({"_id": one}, {"$setOnInsert": self._new(one)}, upsert=True) for one in fresh]
        with suppress(errors.BulkWriteError):  # somebody else made one at the same moment; theirs counts
            await self._database[KEYS].write(writes, ordered=False)
        found |= await self.having(fresh)
        if wanted - found.keys():
            raise errors.AutoReconnect("keys could not be made")
        return found

    async def having(self, members: Iterable[str]) -> dict[str, Sealer]:
        """The sealers of those members who have a key."""
        documents = await self._database[KEYS].find({"_id": {"$in": sorted(set(members))}})
        return {document["_id"]: Sealer([self._key(document)], _PURPOSE) for document in documents}

    def _new(self, member: str) -> Document:
        key = urlsafe_b64encode(token_bytes(32)).decode()
        if self._secret is None:
            return {"v": 1, "key": key, "sealed": False}
        return {"v": 1, "key": self._secret.seal(key, about=member), "sealed": True}

    def _key(self, document: Document) -> str:
        if not document["sealed"]:
            return str(document["key"])
        if self._secret is None:
            raise NoSecret("keys are sealed: JOURNAL_KEY must be set")
        return self._secret.open(document["key"], about=document["_id"])


async def forget(database: Database, member: str) -> bool:
    """Delete the member's key: what was sealed under it can never be read again. Whether there was one."""
    return bool(await database[KEYS].delete_many({"_id": member}))


def seal(sealer: Sealer, document: Document, fields: Sequence[str], about: str) -> Document:
    """The document with these fields sealed. about: what it belongs to, so that nothing sealed fits elsewhere."""
    return {**document, **{name: sealer.seal(to_json(document[name]).decode(), f"{about} {name}") for name in fields}}


def unseal(sealer: Sealer | None, document: Document, fields: Sequence[str], about: str) -> Document:
    """The document as it was; without a sealer these fields are None."""
    return {**document, **{name: _opened(sealer, document[name], f"{about} {name}") for name in fields}}


def _opened(sealer: Sealer | None, sealed: str, about: str) -> Any:
    if sealer is None:
        return None
    try:
        return from_json(sealer.open(sealed, about))
    except Unsealable:
        return None  # sealed under a key that was deleted; the member has had a new one since
