"""What this service holds of a member: their address, their inbox, the mails to them, and which RSVPs it knows of."""

from collections.abc import AsyncIterator
from typing import Final

from chassis.ids import derived_id
from chassis.journal import hand_over
from chassis.journal.command import Command
from chassis.mongo import Database, Document
from chassis.privacy import plain
from chassis.sealing import Sealer
from notifications_service.handlers.contact import GIVE
from notifications_service.handlers.inbox import inbox_of
from notifications_service.store.account import READS
from notifications_service.store.notice import ACCOUNTS, INBOX, MAILS
from notifications_service.store.projection import RSVPS

_PORTION: Final = 200


class NotificationsHoldings:
    """addresses: opens what members gave to be reached by."""

    def __init__(self, addresses: Sealer) -> None:
        self._addresses = addresses

    async def gather(self, database: Database, member_id: str) -> AsyncIterator[tuple[str, list[Document]]]:
        account = await database[ACCOUNTS].find_one({"_id": member_id})
        address = None if account is None else account.get("address")
        if address is not None:
            email = self._addresses.open(address["sealed"], about=member_id)
            times = {name: address[name] for name in ("given_at", "verified_at")}
            yield "contact-points", [{"email": email, **times}]
        box = inbox_of(member_id)
        after, end = box, f"{box[:-1]}/"
        while found := await database[INBOX].find(
            {"_id": {"$gt": after, "$lt": end}}, sort=[("_id", 1)], limit=_PORTION
        ):
            yield "inbox", plain(found)
            after = found[-1]["_id"]

    async def erase(self, database: Database, member_id: str) -> bool:
        """The address by a command; then what consumers and workers wrote, in an order that leaves no part alone: a
        line is known until nothing speaks of it."""
        account = await database[ACCOUNTS].find_one({"_id": member_id}, fields={"address": 1, "contact": 1})
        if account is not None and account.get("address") is not None:
            id_ = derived_id("erase", member_id, str(account["contact"]["version"]))
            await hand_over(database, [Command(id_, GIVE, member_id, {"sealed": None})])
            return False
        box = inbox_of(member_id)
        lines = {"_id": {"$gt": box, "$lt": f"{box[:-1]}/"}}
        gone = await database[RSVPS].delete_many({"member_id": member_id})
        gone += await database[READS].delete_many(lines)
        gone += await database[MAILS].delete_many({"member_id": member_id})
        gone += await database[INBOX].delete_many(lines)
        return not gone
