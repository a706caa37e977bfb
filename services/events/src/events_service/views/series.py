"""Series as callers see them."""

from chassis.mongo import Database, Document


async def one(database: Database, series_id: str) -> Document | None:
    return await database["series"].find_one({"_id": series_id})
