"""The documents that a batch has read, with what its commands have changed so far.

Decisions of one batch run one after another over the same `Documents`: each sees what the ones before it decided.
What a command stages joins only when its decision is complete, so a failing one leaves no trace.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chassis.journal.slots import lane_index
from chassis.mongo import DeleteOne, Document, InsertOne, ReplaceOne, Write

_GONE: Document = {}


class NotRead(LookupError):
    """A decision asked for a document that its reads did not name, given what the batch knew when it loaded."""


class Ref(NamedTuple):
    """One document by its id. A tuple, because a batch looks up tens of thousands."""

    collection: str
    id: str


@dataclass(frozen=True, slots=True)
class Query:
    """A bounded range of documents, as the batch's snapshot holds them.

    Only for commands marked `first`: the commands of this batch that come before could have changed the range.
    after, before: only documents with greater and lesser ids, for a range that is gone through by its ids.
    """

    collection: str
    where: tuple[tuple[str, object], ...]
    sort: tuple[tuple[str, int], ...]
    limit: int
    after: str = ""
    before: str = ""

    def filter(self) -> Mapping[str, object]:
        bounds = {"$gt": self.after, "$lt": self.before}
        ids = {operator: bound for operator, bound in bounds.items() if bound}
        return {**dict(self.where), "_id": ids} if ids else dict(self.where)

    def holds(self, id_: str) -> bool:
        """Whether an id is within the bounds."""
        return id_ > self.after and (not self.before or id_ < self.before)


Read = Ref | Query


class Documents:
    """An overlay: staged by the current command > changed by this batch > as loaded.

    lanes: how many there are, for what only the lane of its own aggregates may decide.
    """

    def __init__(self, lanes: int = 1) -> None:
        self.lanes = lanes
        self._loaded: dict[Ref, Document | None] = {}
        self._changed: dict[Ref, Document] = {}
        self._owner: dict[Ref, str] = {}
        self._staged: dict[Ref, Document] = {}
        self._ranges: dict[Query, tuple[str, ...]] = {}

    def lane_of(self, aggregate: str) -> int:
        """The index of the lane that decides for an aggregate."""
        return lane_index(aggregate, self.lanes)

    def missing(self, reads: Iterable[Read]) -> list[Read]:
        return [
            read for read in reads if (read not in self._loaded if isinstance(read, Ref) else read not in self._ranges)
        ]

    def load(self, collection: str, ids: Iterable[str], found: Iterable[Document]) -> None:
        """Take in what the database has for these ids; an id without a document is known to be absent."""
        by_id = {document["_id"]: document for document in found}
        for id_ in ids:
            self._loaded.setdefault(Ref(collection, id_), by_id.get(id_))

    def load_range(self, query: Query, found: Sequence[Document]) -> None:
        self._ranges[query] = tuple(document["_id"] for document in found)
        for document in found:
            self._loaded.setdefault(Ref(query.collection, document["_id"]), document)

    def get(self, collection: str, id_: str) -> Document | None:
        """The document as the decisions so far have left it; do not change it in place.

        Raises NotRead.
        """
        ref = Ref(collection, id_)
        for layer in (self._staged, self._changed):
            if ref in layer:
                document = layer[ref]
                return None if document is _GONE else document
        if ref not in self._loaded:
            raise NotRead(f"{collection}/{id_}")
        return self._loaded[ref]

    def range(self, query: Query) -> list[Document]:
        if query not in self._ranges:
            raise NotRead(f"{query.collection}: {query.where}")
        found = (self.get(query.collection, id_) for id_ in self._ranges[query])
        return [document for document in found if document is not None]

    def put(self, collection: str, document: Document) -> None:
        """Stage the whole new document; its `_id` names it."""
        self._staged[Ref(collection, document["_id"])] = document

    def delete(self, collection: str, id_: str) -> None:
        self._staged[Ref(collection, id_)] = _GONE

    def keep(self, command_id: str) -> None:
        """The current command's decision stands."""
        for ref in self._staged:
            self._owner[ref] = command_id
        self._changed.update(self._staged)
        self._staged.clear()

    def drop(self) -> None:
        """The current command's decision does not stand."""
        self._staged.clear()

    def owner(self, ref: Ref) -> str | None:
        """The last command that changed a document."""
        return self._owner.get(ref)

    def changed(self) -> int:
        return len(self._changed)

    def writes(self) -> dict[str, list[Write]]:
        """By collection; releases of unique values come before claims of them, and writes of a kind stand together:
        each run of them is a command."""
        gone: dict[str, list[Write]] = {}
        replaced: dict[str, list[Write]] = {}
        made: dict[str, list[Write]] = {}
        for ref, document in self._changed.items():
            before = self._loaded.get(ref)
            if document is _GONE:
                if before is not None:
                    gone.setdefault(ref.collection, []).append(DeleteOne({"_id": ref.id}))
            elif before is None:
                made.setdefault(ref.collection, []).append(InsertOne(document))
            else:
                replaced.setdefault(ref.collection, []).append(ReplaceOne({"_id": ref.id}, document))
        kinds = (gone, replaced, made)
        return {
            name: [write for kind in kinds for write in kind.get(name, ())]
            for name in dict.fromkeys(name for kind in kinds for name in kind)
        }
