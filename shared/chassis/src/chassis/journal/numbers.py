"""31-bit numbers, given within decisions.

They come in blocks of 1,000, and block b belongs to slot b mod SLOTS of aggregates. A slot has one lane, however many
lanes there are: so each of the documents that count has one writer, and lanes never need to agree on the next number.
Gaps are allowed; a number is never given twice.
"""

from typing import Final

from chassis.journal.documents import Documents, Ref
from chassis.journal.slots import SLOTS, slot_of
from chassis.mongo import Database, UpdateOne

NUMBERS: Final = "numbers"
"""The collection: how many numbers are gone, by `<kind>:<slot>`."""

BLOCK: Final = 1_000
LARGEST: Final = 2**31 - 1


def number_at(slot: int, taken: int) -> int | None:
    """The number that follows after `taken` numbers of this slot are gone; None when the slot has none left."""
    block, offset = divmod(taken, BLOCK)
    number = (block * SLOTS + slot) * BLOCK + offset + 1
    return number if number <= LARGEST else None


class Numbers:
    """Of one kind of thing: each kind counts for itself."""

    def __init__(self, kind: str) -> None:
        self._refs = [Ref(NUMBERS, f"{kind}:{slot}") for slot in range(SLOTS)]

    def ref(self, aggregate: str) -> Ref:
        """The document that a decision for the aggregate takes its number from."""
        return self._refs[slot_of(aggregate)]

    def next(self, documents: Documents, aggregate: str) -> int | None:
        """The number that `take` will use up; None when there are none left."""
        return number_at(slot_of(aggregate), self._taken(documents, aggregate))

    def take(self, documents: Documents, aggregate: str) -> None:
        gone = self._taken(documents, aggregate) + 1
        documents.put(NUMBERS, {"_id": self.ref(aggregate).id, "v": 1, "taken": gone})

    async def skip(self, database: Database, many: int) -> None:
        """Leave so many numbers of every slot unused: a database that was restored has forgotten who has them."""
        change = {"$inc": {"taken": many}, "$setOnInsert": {"v": 1}}
        await database[NUMBERS].write([UpdateOne({"_id": ref.id}, change, upsert=True) for ref in self._refs])

    def _taken(self, documents: Documents, aggregate: str) -> int:
        document = documents.get(NUMBERS, self.ref(aggregate).id)
        return 0 if document is None else int(document["taken"])
