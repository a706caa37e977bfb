"""How many numbers are gone from each shelf: `numbers`, by `<kind>:<shelf>`.

A shelf is a slot of aggregates, and a slot has one lane, however many lanes there are: each of these documents has one
writer, and two lanes never meet.
"""

from chassis.journal.documents import Documents, Ref
from chassis.journal.slots import slot_of
from chassis.mongo import Database, UpdateOne
from groups_service.domain.number import SHELVES, number_at

NUMBERS = "numbers"
KINDS = ("group", "member")


class Numbers:
    """The numbers of groups and members."""

    def ref(self, kind: str, aggregate: str) -> Ref:
        """The document that a decision for the aggregate takes its number from."""
        return Ref(NUMBERS, f"{kind}:{slot_of(aggregate)}")

    def next(self, documents: Documents, kind: str, aggregate: str) -> int | None:
        """The number that `take` will use up; None when there are none left."""
        return number_at(slot_of(aggregate), self._taken(documents, kind, aggregate))

    def take(self, documents: Documents, kind: str, aggregate: str) -> None:
        gone = self._taken(documents, kind, aggregate) + 1
        documents.put(NUMBERS, {"_id": self.ref(kind, aggregate).id, "v": 1, "taken": gone})

    def _taken(self, documents: Documents, kind: str, aggregate: str) -> int:
        document = documents.get(NUMBERS, self.ref(kind, aggregate).id)
        return 0 if document is None else int(document["taken"])


async def skip(database: Database, many: int) -> None:
    """Leave so many numbers of every shelf unused: a database that was restored has forgotten who has them."""
    change = {"$inc": {"taken": many}, "$setOnInsert": {"v": 1}}
    shelves = [f"{kind}:{shelf}" for kind in KINDS for shelf in range(SHELVES)]
    await database[NUMBERS].write([UpdateOne({"_id": shelf}, change, upsert=True) for shelf in shelves])
