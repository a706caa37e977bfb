"""The journal's collections and indexes: made by one step, verified before readiness, never inside a transaction."""

import structlog

from chassis.journal.generation import GENERATION, Generation, in_force, make_lanes
from chassis.journal.shape import FLOORS, HANDOFFS, JOURNAL, KEYS, LANES, RELAYS, RESULTS, TRIMMED
from chassis.mongo import Database, Document
from chassis.prepared import has_all

COLLECTIONS = (JOURNAL, RESULTS, HANDOFFS, LANES, RELAYS, FLOORS, TRIMMED, KEYS)

log = structlog.get_logger(__name__)


class Sharded(RuntimeError):
    """The database is part of a sharded cluster."""


def refuse_sharded(hello: Document) -> None:
    """hello: what the server says of itself. Raises Sharded.

    Batches, leases and the relay's reads rest on one primary: a transaction over shards has other snapshots and other
    errors than the ones the journal settles.
    """
    if hello.get("msg") == "isdbgrid":
        raise Sharded(
            "MONGO_URL names a router (mongos) of a sharded cluster; a service's database must be a replica set of its"
            " own: split what grows beyond one by service, or by TOPIC_PREFIX and database"
        )


async def prepare(database: Database, *, lanes: int = 1) -> None:
    """Make what is missing; safe to run again and by several processes at once. Raises Sharded.

    lanes: of a new database; one that has its lanes keeps them (`generation.change_lanes` changes them).
    """
    refuse_sharded(await database.command({"hello": 1}))
    for name in COLLECTIONS:
        await database.ensure_collection(name)
    handoffs = database[HANDOFFS]
    await handoffs.create_index([("slot", 1), ("first", -1), ("at", 1)])
    await handoffs.create_index([("source.key", 1), ("source.sequence", 1)])
    # what messages caused and is not decided yet: `chassis.places` asks; other commands are not in it
    origin = [(f"origin.{name}", 1) for name in ("topic", "subject", "sequence")]
    await handoffs.create_index(origin, where={"origin.topic": {"$exists": True}})
    await database[RESULTS].create_index([("at", 1)])
    await database[RESULTS].create_index([("once.until", 1)], where={"once.until": {"$type": "date"}})
    await database[LANES].update_one(
        {"_id": GENERATION}, {"$setOnInsert": {"generation": 0, "lanes": lanes}}, upsert=True
    )
    generation = await in_force(database)
    if generation.lanes != lanes:
        log.warning("the journal keeps its lanes", lanes=generation.lanes, configured=lanes)
    await make_lanes(database, generation)


async def verify(database: Database) -> Generation:
    """The generation in force. Raises NotPrepared when something `prepare` makes is missing, and Sharded."""
    refuse_sharded(await database.command({"hello": 1}))
    await has_all(database, COLLECTIONS)
    return await in_force(database)
