"""A store's collections in memory: what the database does with a batch's reads and writes, without a database."""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from operator import itemgetter

from chassis.journal.documents import Query
from chassis.mongo import DeleteOne, Document, InsertOne, ReplaceOne, Write, encode


class Taken(Exception):
    """An insert met a document with the same `_id`; the database's 11000."""


class Memory:
    """Documents by collection and `_id`. A batch that fails changes nothing."""

    def __init__(self) -> None:
        self._collections: dict[str, dict[str, Document]] = {}

    async def find(self, collection: str, ids: Iterable[str]) -> list[Document]:
        held = self._collections.get(collection, {})
        return [deepcopy(held[id_]) for id_ in ids if id_ in held]

    async def range(self, query: Query) -> list[Document]:
        """Equal values of plain fields, in the query's order: what the decisions ask for."""
        held = self._collections.get(query.collection, {}).values()
        fits = [
            document
            for document in held
            if query.holds(document["_id"]) and all(document.get(name) == value for name, value in query.where)
        ]
        for name, direction in reversed(query.sort):
            fits.sort(key=itemgetter(name), reverse=direction < 0)
        return [deepcopy(document) for document in fits[: query.limit]]

    async def write(self, writes: Mapping[str, Sequence[Write]]) -> None:
        """Apply one batch's writes. Raises Taken."""
        after = deepcopy(self._collections)
        for name, some in writes.items():
            held = after.setdefault(name, {})
            for write in some:
                _apply(held, write)
        self._collections = after


def _apply(held: dict[str, Document], write: Write) -> None:
    # The driver keeps an operation's parts in these attributes and has no other way to ask for them.
    match write:
        case InsertOne():
            document = write._doc
            if document["_id"] in held:
                raise Taken(document["_id"])
            held[document["_id"]] = _stored(document)
        case ReplaceOne():
            id_ = write._filter["_id"]
            if id_ in held:
                held[id_] = _stored(write._doc)
        case DeleteOne():
            held.pop(write._filter["_id"], None)
        case _:
            raise TypeError(f"a batch does not write {type(write).__name__}")


def _stored(document: Mapping[str, object]) -> Document:
    encode(document)  # what the database could not keep is refused here too
    return deepcopy(dict(document))
