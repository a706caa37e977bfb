"""Invitations as those who hold them name them."""

from chassis.mongo import Database, Document


async def one(database: Database, token: str) -> Document | None:
    return await database["invitations"].find_one({"_id": token})
