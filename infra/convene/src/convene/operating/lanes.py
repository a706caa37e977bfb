"""How each lane of a journal stands."""

from dataclasses import dataclass

from chassis.journal.settle import head
from chassis.journal.shape import HANDOFFS, LANES
from chassis.mongo import Database, Document
from chassis.relay.position import Place, read
from convene.operating.access import Access


@dataclass(frozen=True, slots=True)
class Lane:
    """batches: the number of the last one; published: the last one on Kafka, None before the first.

    trimmed: the last one that retention has removed, 0 before the first; held: a process holds the lease now, by the
    database's clock; waiting: handoffs.
    """

    service: str
    lane: str
    batches: int
    published: int | None
    trimmed: int
    held: bool
    waiting: int

    @property
    def unpublished(self) -> int:
        return self.batches - (self.published or 0)


async def lanes(access: Access) -> list[Lane]:
    """Raises what the drivers raise when a server is away."""
    async with access.database() as database:
        rows = await database[LANES].find(
            {"_id": {"$ne": "generation"}}, fields={"until": 1, "trimmed_to": 1, "now": "$$NOW"}
        )
        return [await _lane(access, database, row) for row in rows]


async def _lane(access: Access, database: Database, row: Document) -> Lane:
    lane, until = row["_id"], row["until"]
    index = int(lane.partition(".")[2])
    kafka = access.kafka
    position = await read(kafka, Place(kafka.topic(f"{access.service}.relay.v1"), index, lane))
    last, _ = await head(database, lane)
    waiting = await database[HANDOFFS].count({"lane": lane})
    held = until is not None and until > row["now"]
    return Lane(access.service, lane, last, position, row.get("trimmed_to", 0), held, waiting)
