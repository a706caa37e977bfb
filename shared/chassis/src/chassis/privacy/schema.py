"""The collection and indexes of a service's part of requests."""

from chassis.mongo import Database
from chassis.privacy.case import CASES


async def prepare(database: Database) -> None:
    """Make what is missing; safe to run again."""
    await database.ensure_collection(CASES)
    await database[CASES].create_index([("stage", 1), ("_id", 1)])
    await database[CASES].create_index([("member_id", 1)], where={"kind": "erasure"})
