"""Results are kept for 30 days, so that a repeat hears the same answer; then they go, a few at a time. Secrets that are
shown once go out of them after 24 hours.

Not by a TTL index: that goes by each member's own clock, and deletes as much at once as it finds.
"""

import asyncio
from datetime import datetime, timedelta

import structlog

from chassis.journal.shape import RESULTS
from chassis.mongo import Database, Document, UpdateOne, errors

KEPT = timedelta(days=30)
STEP = 500
PAUSE_SECONDS = 0.2
EVERY_SECONDS = 60.0

log = structlog.get_logger(__name__)


async def forget(database: Database) -> int:
    """Remove the oldest of the results that have had their time by the database's clock, at most STEP; how many."""
    before = await _clock(database) - KEPT
    old = await database[RESULTS].find({"at": {"$lt": before}}, sort=[("at", 1)], limit=STEP, fields={"_id": 1})
    if not old:
        return 0
    return await database[RESULTS].delete_many({"_id": {"$in": [result["_id"] for result in old]}})


async def forget_secrets(database: Database) -> int:
    """Take the oldest of the secrets out of their results that have had their time by the database's clock, at most
    STEP results; how many. The rest of such an answer is what it was."""
    over = {"once.until": {"$type": "date", "$lte": await _clock(database)}}
    found = await database[RESULTS].find(
        over, sort=[("once.until", 1)], limit=STEP, fields={"once.fields": 1, "personal.fields": 1}
    )
    return await database[RESULTS].write([UpdateOne({"_id": one["_id"]}, _without_secrets(one)) for one in found])


def _without_secrets(result: Document) -> Document:
    """What is None in an answer is not sealed either."""
    secrets = result["once"]["fields"]
    sealed = [name for name in result["personal"]["fields"] if name not in secrets]
    gone: Document = {f"answer.{name}": None for name in secrets}
    return {"$set": {**gone, "personal.fields": sealed}, "$unset": {"once": ""}}


async def _clock(database: Database) -> datetime:
    now: datetime = (await database.command({"hello": 1}))["localTime"]
    return now


async def forget_for_ever(database: Database) -> None:
    """Until cancelled. Several processes may do it; with rests, so that the lanes' writers do not feel it."""
    more = False
    while True:
        await asyncio.sleep(PAUSE_SECONDS if more else EVERY_SECONDS)
        try:
            more = max(await forget(database), await forget_secrets(database)) >= STEP
        except errors.PyMongoError as error:
            log.info("old results are removed later", error=type(error).__name__)
