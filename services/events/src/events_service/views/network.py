"""What is known of networks of groups."""

from chassis.mongo import Database, Document


async def one(database: Database, network_id: str) -> Document | None:
    """The network, unless its state was taken back."""
    found = await database["networks"].find_one({"_id": network_id})
    return None if found is None or found.get("deleted") else found
