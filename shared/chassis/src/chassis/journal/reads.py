"""What the decisions of a batch read, as queries."""

from collections.abc import Iterable, Sequence

from chassis.journal.documents import Documents, Query, Read, Ref
from chassis.mongo import Document, Find


class Reads:
    """What a round reads, as queries: one per range, and one per collection for all single documents of it."""

    def __init__(self, wanted: Iterable[Read]) -> None:
        self._ranges = [read for read in wanted if isinstance(read, Query)]
        self._ids: dict[str, list[str]] = {}
        for read in wanted:
            if isinstance(read, Ref):
                self._ids.setdefault(read.collection, []).append(read.id)

    @property
    def finds(self) -> list[Find]:
        ranges = [Find(read.collection, read.filter(), sort=read.sort, limit=read.limit) for read in self._ranges]
        return [*ranges, *(Find(collection, {"_id": {"$in": ids}}) for collection, ids in self._ids.items())]

    def take(self, documents: Documents, found: Sequence[list[Document]]) -> None:
        """Put the answers to `finds` where the decisions look for them."""
        for read, some in zip(self._ranges, found[: len(self._ranges)], strict=True):
            documents.load_range(read, some)
        for (collection, ids), some in zip(self._ids.items(), found[len(self._ranges) :], strict=True):
            documents.load(collection, ids, some)
