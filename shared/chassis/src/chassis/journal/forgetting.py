"""Results are kept for 30 days, so that a repeat hears the same answer; then they go, a few at a time.

Not by a TTL index: that goes by each member's own clock, and deletes as much at once as it finds.
"""

import asyncio
from datetime import timedelta

import structlog

from chassis.journal.shape import RESULTS
from chassis.mongo import Database, errors

KEPT = timedelta(days=30)
STEP = 500
PAUSE_SECONDS = 0.2
EVERY_SECONDS = 60.0

log = structlog.get_logger(__name__)


async def forget(database: Database) -> int:
    """Remove the oldest of the results that have had their time by the database's clock, at most STEP; how many."""
    clock = (await database.command({"hello": 1}))["localTime"]
    old = await database[RESULTS].find({"at": {"$lt": clock - KEPT}}, sort=[("at", 1)], limit=STEP, fields={"_id": 1})
    if not old:
        return 0
    return await database[RESULTS].delete_many({"_id": {"$in": [result["_id"] for result in old]}})


async def forget_for_ever(database: Database) -> None:
    """Until cancelled. Several processes may do it; with rests, so that the lanes' writers do not feel it."""
    more = False
    while True:
        await asyncio.sleep(PAUSE_SECONDS if more else EVERY_SECONDS)
        try:
            more = await forget(database) >= STEP
        except errors.PyMongoError as error:
            log.info("old results are removed later", error=type(error).__name__)
