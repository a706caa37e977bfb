"""A member's contact points, for themselves."""

from typing import Any

from chassis.mongo import Database
from chassis.times import when


async def contact_points(database: Database, member_id: str) -> dict[str, Any]:
    """`sealed` (None without an address), `verified`, `verified_at`, `version`, `created_at`, `updated_at`.

    Earlier releases noted the last change alone.
    """
    account = await database["accounts"].find_one({"_id": member_id}) or {}
    address = account.get("address") or {}
    contact = account.get("contact", {})
    return {
        "sealed": address.get("sealed"),
        "verified": address.get("verified_at") is not None,
        "verified_at": when(address.get("verified_at")),
        "version": contact.get("version", 0),
        "created_at": when(contact.get("created_at") or contact.get("updated_at")),
        "updated_at": when(contact.get("updated_at")),
    }
