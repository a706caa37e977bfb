"""The journal's collections and indexes: made by one step, verified before readiness, never inside a transaction."""

from chassis.journal.shape import HANDOFFS, JOURNAL, KEYS, LANES, RELAYS, RESULTS, TRIMMED, lane_name
from chassis.mongo import Database

COLLECTIONS = (JOURNAL, RESULTS, HANDOFFS, LANES, RELAYS, TRIMMED, KEYS)


class WrongLanes(RuntimeError):
    """The configured number of lanes is not the one this database was made with."""


async def prepare(database: Database, *, lanes: int = 1) -> None:
    """Make what is missing; safe to run again and by several processes at once. Raises WrongLanes."""
    for name in COLLECTIONS:
        await database.ensure_collection(name)
    await database[HANDOFFS].create_index([("lane", 1), ("first", -1), ("at", 1)])
    await database[HANDOFFS].create_index([("source.key", 1), ("source.sequence", 1)])
    await database[RESULTS].create_index([("at", 1)])
    await database[LANES].update_one(
        {"_id": "generation"}, {"$setOnInsert": {"generation": 0, "lanes": lanes}}, upsert=True
    )
    generation = await stored_lanes(database, lanes)
    for index in range(lanes):
        await database[LANES].update_one(
            {"_id": lane_name(generation, index)},
            {"$setOnInsert": {"owner": None, "until": None, "lsid": None, "before": []}},
            upsert=True,
        )
        await database[RELAYS].update_one(
            {"_id": lane_name(generation, index)},
            {"$setOnInsert": {"owner": None, "until": None, "published": False}},
            upsert=True,
        )


async def stored_lanes(database: Database, lanes: int) -> int:
    """The generation in force. Raises WrongLanes when the configuration and the database differ."""
    stored = await database[LANES].find_one({"_id": "generation"})
    if stored is None:
        raise WrongLanes("the database is not prepared: run the service's `setup` first")
    if stored["lanes"] != lanes:
        raise WrongLanes(
            f"JOURNAL_LANES is {lanes}, the database was made with {stored['lanes']}: set it back to {stored['lanes']}"
        )
    return int(stored["generation"])


async def verify(database: Database, *, lanes: int = 1) -> int:
    """The generation in force. Raises WrongLanes when something `prepare` makes is missing."""
    missing = set(COLLECTIONS) - await database.collections()
    if missing:
        raise WrongLanes(f"the database lacks {', '.join(sorted(missing))}: run the service's `setup` first")
    return await stored_lanes(database, lanes)
