"""What this service holds of a member: their address, their inbox with what they read, the mails to them, which RSVPs
and notes of who was there it knows of, and how what they wrote in the last days begins."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final

from chassis.ids import derived_id
from chassis.journal import hand_over
from chassis.journal.command import Command
from chassis.mongo import Database, Document
from chassis.privacy import plain
from chassis.sealing import Sealer
from notifications_service.domain.delivery import pace
from notifications_service.domain.notice import Kind
from notifications_service.handlers.contact import GIVE
from notifications_service.handlers.inbox import inbox_of
from notifications_service.store.account import READS
from notifications_service.store.notice import INBOX, MAILS, waiting_mail
from notifications_service.store.people import ACCOUNTS
from notifications_service.store.projection import ATTENDANCE, FEEDBACK, POSTS, RSVPS

_PORTION: Final = 200
_WORKERS: Final = ("claim", "pace", "trace", "waiting_since")
"""What of a mail only the worker needs that sends it."""
_PATIENCE: Final = timedelta(days=1)
"""How long forgetting waits for a mail server that does not take the last mail."""


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
            marks = {"_id": {"$in": [line["_id"] for line in found]}}
            read = {mark["_id"]: mark["at"] for mark in await database[READS].find(marks)}
            yield "inbox", plain({**line, "read_at": read.get(line["_id"])} for line in found)
            after = found[-1]["_id"]
        after = ""
        while found := await database[MAILS].find(
            {"member_id": member_id, "_id": {"$gt": after}}, sort=[("_id", 1)], limit=_PORTION
        ):
            yield "mails", plain(found, without=_WORKERS)
            after = found[-1]["_id"]

    async def erase(self, database: Database, member_id: str) -> bool:
        """The address by a command, once the last mail has gone there; then what consumers and workers wrote, in an
        order that leaves no part alone: a line is known until nothing speaks of it."""
        account = await database[ACCOUNTS].find_one({"_id": member_id}, fields={"address": 1, "contact": 1})
        if account is not None and account.get("address") is not None:
            if not await _said_goodbye(database, account):
                return False
            id_ = derived_id("erase", member_id, str(account["contact"]["version"]))
            await hand_over(database, [Command(id_, GIVE, member_id, {"sealed": None})])
            return False
        box = inbox_of(member_id)
        lines = {"_id": {"$gt": box, "$lt": f"{box[:-1]}/"}}
        gone = await database[RSVPS].delete_many({"member_id": member_id})
        gone += await database[POSTS].delete_many({"author_id": member_id})
        gone += await database[FEEDBACK].delete_many({"member_id": member_id})
        gone += await database[ATTENDANCE].delete_many({"member_id": member_id})
        gone += await database[READS].delete_many(lines)
        gone += await database[MAILS].delete_many({"member_id": member_id})
        gone += await database[INBOX].delete_many(lines)
        return not gone


async def _said_goodbye(database: Database, account: Document) -> bool:
    """Whether the receipt has gone to the member's address, or never will: who has proved none gets none."""
    if account["address"]["verified_at"] is None:
        return True
    kind = Kind.ERASURE_RECEIPT
    id_ = derived_id("mail", kind, account["_id"], str(account["contact"]["version"]))
    now: datetime = (await database.command({"hello": 1}))["localTime"]
    mail = await database[MAILS].find_one({"_id": id_}, fields={"at": 1, "due_at": 1})
    if mail is None:
        content: Document = {"member_id": account["_id"], "kind": str(kind), "at": now}
        fresh = waiting_mail(content, pace=pace(kind), due_at=now, trace=None)
        await database[MAILS].update_one({"_id": id_}, {"$setOnInsert": fresh}, upsert=True)
        return False
    return "due_at" not in mail or now - mail["at"] > _PATIENCE
