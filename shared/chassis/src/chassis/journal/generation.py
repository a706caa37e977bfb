"""The lanes in force: their number, and the generation that is part of their names.

Kept in the database, so that all processes agree. A change is one transaction: a *seal*, the last batch a lane ever
takes, on every lane in force, and the next generation. So no lane of the new one begins before all of the old ones have
ended, and who writes or takes over an old lane meets its seal.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from chassis.ids import random_id
from chassis.journal.lease import later
from chassis.journal.settle import end
from chassis.journal.shape import FLOORS, JOURNAL, LANES, RELAYS, lane_name, seal
from chassis.journal.slots import SLOTS
from chassis.mongo import Database, Document, Session, errors
from chassis.prepared import NotPrepared

GENERATION = "generation"
TRIES = 400
PAUSE_SECONDS = 0.02


class Contended(RuntimeError):
    """The lanes' writers were always faster."""


class Overtaken(Exception):
    """Another change of the lanes was faster."""


@dataclass(frozen=True, slots=True)
class Generation:
    """number: of lane changes before it; lanes: at most SLOTS."""

    number: int
    lanes: int

    @property
    def names(self) -> list[str]:
        return [lane_name(self.number, index) for index in range(self.lanes)]

    def next(self, lanes: int) -> "Generation":
        return Generation(self.number + 1, lanes)


async def in_force(database: Database, session: Session | None = None) -> Generation:
    """Raises NotPrepared."""
    stored = await database[LANES].find_one({"_id": GENERATION}, session=session)
    if stored is None:
        raise NotPrepared("the database is not prepared: run the service's `setup` first")
    return Generation(int(stored["generation"]), int(stored["lanes"]))


async def make_lanes(
    database: Database, generation: Generation, session: Session | None = None, *, since: datetime | None = None
) -> None:
    """The documents that a generation's leases need; safe to run again. since: when the last lane before it ended."""
    for name in generation.names:
        lane: Document = {"owner": None, "until": None, "lsid": None, "before": [], "stopped": None, "since": since}
        await database[LANES].update_one({"_id": name}, {"$setOnInsert": lane}, upsert=True, session=session)
        relay: Document = {"owner": None, "until": None, "published": 0, "ended": False}
        await database[RELAYS].update_one({"_id": name}, {"$setOnInsert": relay}, upsert=True, session=session)


async def change_lanes(database: Database, lanes: int) -> Generation:
    """End the lanes in force and begin so many new ones; the new generation. Nothing is done when there are as many.

    Raises ValueError, Stopped, Contended, NotPrepared, and the driver's errors; run again, it goes on.
    """
    if not 1 <= lanes <= SLOTS:
        raise ValueError(f"a journal has 1 to {SLOTS} lanes")
    for tries in range(TRIES):
        old = await in_force(database)
        if old.lanes == lanes:
            return old
        await refuse_stopped(database, old)
        new = old.next(lanes)
        if await begin(database, old, new):
            return new
        await asyncio.sleep(PAUSE_SECONDS * (tries % 7))  # out of step with the writers, whose batches take as long
    raise Contended("the writers were always faster: try again when there is less to do")


async def _replace(database: Database, old: Generation, new: Generation, session: Session) -> None:
    where = {"_id": GENERATION, "generation": old.number}
    change = {"$set": {"generation": new.number, "lanes": new.lanes}}
    if not await database[LANES].update_one(where, change, session=session):
        raise Overtaken


class Stopped(RuntimeError):
    """A lane in force is stopped: its topics hold what the journal does not."""


async def refuse_stopped(database: Database, generation: Generation) -> None:
    """Raises Stopped."""
    where = {"_id": {"$in": generation.names}, "stopped": {"$ne": None}}
    found = await database[LANES].find_one(where)
    if found is not None:
        raise Stopped(f"lane {found['_id']} is stopped: {found['stopped']}; begin a new generation first")


async def begin(database: Database, old: Generation, new: Generation) -> bool:
    """Seal what is not sealed yet and let the new generation be in force; False when a writer was faster."""
    try:
        async with database.transaction() as session:
            sealed = [await put_seal(database, name, session) for name in old.names]
            await make_lanes(database, new, session, since=max(sealed))
            await _replace(database, old, new, session)
    except Overtaken:
        return False
    except errors.OperationFailure as error:
        if isinstance(error, errors.DuplicateKeyError) or error.has_error_label("TransientTransactionError"):
            return False
        raise
    return True


async def put_seal(database: Database, lane: str, session: Session | None = None) -> datetime:
    """When the lane ended. Raises DuplicateKeyError when a batch came in between."""
    n, at, ended = await end(database, lane)
    if ended and at is not None:
        return at
    clock = (await database.command({"hello": 1}))["localTime"]
    ends = later(clock, at)
    await database[JOURNAL].insert_one(seal(lane, n + 1, random_id(), ends), session=session)
    return ends


async def published(database: Database, lane: str) -> int:
    """The lane's last batch of which the database knows that Kafka has it; it may have more."""
    relay = await database[RELAYS].find_one({"_id": lane}, fields={"published": 1})
    return 0 if relay is None else int(relay["published"])


async def unpublished_lanes(database: Database) -> list[tuple[str, int]]:
    """The lanes whose messages go next, with their indexes: those of the oldest generation that is not all published.

    What an aggregate tells in a later lane comes after what it told in an earlier one.
    """
    names = [relay["_id"] for relay in await database[RELAYS].find({"ended": {"$ne": True}}, fields={"_id": 1})]
    places = [tuple(map(int, name.split("."))) for name in names]
    oldest = min((generation for generation, _ in places), default=0)
    return [(lane_name(generation, index), index) for generation, index in sorted(places) if generation == oldest]


async def floors(database: Database) -> dict[str, int]:
    """By `<topic>:<subject>`: the `ce_sequence` that is used up there without an aggregate knowing of it."""
    return {floor["_id"]: int(floor["sequence"]) for floor in await database[FLOORS].find({})}
