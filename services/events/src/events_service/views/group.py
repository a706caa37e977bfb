"""What is known of groups and of people in them."""

from chassis.mongo import Database, Document


async def one(database: Database, group_id: str) -> Document | None:
    """The group, unless its state was taken back."""
    found = await database["groups"].find_one({"_id": group_id})
    return None if found is None or found.get("deleted") else found


async def membership(database: Database, group_id: str, member_id: str) -> Document | None:
    return await database["memberships"].find_one({"_id": f"{group_id}:{member_id}"})
