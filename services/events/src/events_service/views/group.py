"""What is known of groups and of people in them."""

from collections.abc import Iterable

from chassis.mongo import Database, Document


async def one(database: Database, group_id: str) -> Document | None:
    """The group, unless its state was taken back."""
    found = await database["groups"].find_one({"_id": group_id})
    return None if found is None or found.get("deleted") else found


async def of_network(database: Database, network_id: str) -> list[str]:
    """The ids of the groups that are in it now."""
    found = await database["groups"].find({"network_id": network_id}, sort=[("_id", 1)], fields={"_id": 1})
    return [group["_id"] for group in found]


async def membership(database: Database, group_id: str, member_id: str) -> Document | None:
    return await database["memberships"].find_one({"_id": f"{group_id}:{member_id}"})


async def some(database: Database, group_ids: Iterable[str]) -> dict[str, Document]:
    """These groups by their ids, without those whose state was taken back."""
    found = await database["groups"].find({"_id": {"$in": list(group_ids)}})
    return {group["_id"]: group for group in found if not group.get("deleted")}


async def memberships(database: Database, group_ids: Iterable[str], member_id: str) -> dict[str, Document]:
    """What is known of the member in these groups, by group."""
    ids = {f"{group_id}:{member_id}": group_id for group_id in group_ids}
    found = await database["memberships"].find({"_id": {"$in": list(ids)}})
    return {ids[membership["_id"]]: membership for membership in found}
