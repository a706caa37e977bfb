"""Whom a member does not see, and who does not see them."""

from chassis.mongo import Database


async def hidden_from(database: Database, member_id: str) -> list[str]:
    """Everybody between whom and this member there is a block, whoever of the two made it."""
    found = await database["blocks"].find({"members": member_id}, fields={"members": 1})
    return sorted({other for block in found for other in block["members"]} - {member_id})
