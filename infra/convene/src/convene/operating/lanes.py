"""How each lane in force stands, and how they are changed."""

from dataclasses import dataclass

from chassis.journal.generation import Generation, change_lanes, in_force
from chassis.journal.settle import head
from chassis.journal.shape import HANDOFFS, LANES
from chassis.journal.slots import slots_of
from chassis.mongo import Database, Document
from chassis.relay.position import Place, read
from convene.operating.access import Access


@dataclass(frozen=True, slots=True)
class Lane:
    """batches: the number of the last one; published: the last one on Kafka, None before the first.

    trimmed: the last one that retention has removed, 0 before the first; held: a process holds the lease now, by the
    database's clock; waiting: handoffs; stopped: why the lane takes no batch, None where it does.
    """

    service: str
    lane: str
    batches: int
    published: int | None
    trimmed: int
    held: bool
    waiting: int
    stopped: str | None

    @property
    def unpublished(self) -> int:
        return self.batches - (self.published or 0)


async def lanes(access: Access) -> list[Lane]:
    """Raises what the drivers raise when a server is away."""
    async with access.database() as database:
        generation = await in_force(database)
        fields = {"until": 1, "stopped": 1, "trimmed_to": 1, "now": "$$NOW"}
        rows = await database[LANES].find({"_id": {"$in": generation.names}}, fields=fields)
        return [await _lane(access, database, generation, row) for row in rows]


async def _lane(access: Access, database: Database, generation: Generation, row: Document) -> Lane:
    lane, until = row["_id"], row["until"]
    index = generation.names.index(lane)
    kafka = access.kafka
    position = await read(kafka, Place(kafka.topic(f"{access.service}.relay.v1"), index, lane))
    last, _ = await head(database, lane)
    waiting = await database[HANDOFFS].count({"slot": {"$in": slots_of(index, generation.lanes)}})
    held = until is not None and until > row["now"]
    trimmed = int(row.get("trimmed_to", 0))
    return Lane(access.service, lane, last, position, trimmed, held, waiting, row.get("stopped"))


async def change(access: Access, number: int) -> Generation:
    """End the lanes in force and begin so many new ones. Raises what `change_lanes` raises."""
    async with access.database() as database:
        return await change_lanes(database, number)
