"""How many numbers are gone from each shelf: `numbers`, by shelf.

A shelf belongs to the lane with its index, so each of these documents has one writer, and two lanes never meet.
"""

from collections.abc import Callable

from chassis.journal.documents import Documents, Ref
from events_service.domain.number import SHELVES, number_at

NUMBERS = "numbers"


class Numbers:
    """shelf_of: the index of the lane that decides for an aggregate."""

    def __init__(self, shelf_of: Callable[[str], int]) -> None:
        self._shelf_of = shelf_of
        self._refs = [Ref(NUMBERS, f"rsvp:{shelf}") for shelf in range(SHELVES)]

    def ref(self, aggregate: str) -> Ref:
        """The document that a decision for the aggregate takes its number from."""
        return self._refs[self._shelf_of(aggregate)]

    def next(self, documents: Documents, aggregate: str) -> int | None:
        """The number that `take` will use up; None when there are none left."""
        return number_at(self._shelf_of(aggregate), self._taken(documents, aggregate))

    def take(self, documents: Documents, aggregate: str) -> None:
        gone = self._taken(documents, aggregate) + 1
        documents.put(NUMBERS, {"_id": self.ref(aggregate).id, "v": 1, "taken": gone})

    def _taken(self, documents: Documents, aggregate: str) -> int:
        document = documents.get(NUMBERS, self.ref(aggregate).id)
        return 0 if document is None else int(document["taken"])
