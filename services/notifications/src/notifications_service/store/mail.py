"""The queue of mails: claimed in batches under a lease on the database's clock, so that a dead worker's mails go out.

A mail in state `sending` whose lease ran out may have been sent: it is sent again and counted in its `repeats`.
"""

from collections.abc import Collection as Many
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from chassis.mongo import Database, Document
from notifications_service.store.notice import MAILS

LEASE = timedelta(seconds=10)
"""How long a claim holds without being renewed: what a mail waits at most after its worker died."""


class Mails:
    """The queue as one worker sees it. worker: its own random name, the token of its claims."""

    def __init__(self, database: Database, worker: str) -> None:
        self._database = database
        self._mails = database[MAILS]
        self._worker = worker

    async def claim(self, limit: int, besides: Many[str]) -> tuple[datetime, list[Document]]:
        """The database's time, and at most `limit` due mails, prompt ones first, oldest first; now this worker's.

        besides: ids under way here. One whose lease ran out is not taken up anew, which would count as a repeat.
        """
        found: list[Document] = []
        now: datetime = (await self._database.command({"hello": 1}))["localTime"]
        for pace in ("prompt", "bulk"):
            if len(found) < limit:
                due = {"pace": pace, "due_at": {"$lte": now}, "_id": {"$nin": sorted(besides)}}
                found += await self._mails.find(
                    due, sort=[("due_at", 1)], limit=limit - len(found), fields={"_id": 1, "due_at": 1}
                )
        if not found:
            return now, []
        ids = [mail["_id"] for mail in found]
        await self._mails.update_many({"_id": {"$in": ids}, "due_at": {"$lte": now}}, _taken(self._worker))
        return now, await self._mails.find({"_id": {"$in": ids}, "claim": self._worker, "state": "sending"})

    async def keep(self, ids: Many[str]) -> None:
        """Renew the leases of mails under way."""
        await self._mails.update_many(
            {"_id": {"$in": sorted(ids)}, "claim": self._worker, "state": "sending"},
            [{"$set": {"due_at": _from_now(LEASE)}}],
        )

    async def sent(self, id_: str) -> None:
        await self._settle(id_, {"state": "sent", "sent_at": "$$NOW", "attempts": {"$add": ["$attempts", 1]}}, None)

    async def drop(self, id_: str, why: str) -> None:
        """Never to be sent; kept, to say why."""
        await self._settle(id_, {"state": "dropped", "why": why}, None)

    async def wait(self, id_: str, pause: timedelta) -> None:
        """Due once more when what it speaks of may have become known; remembers since when it waits."""
        since = {"waiting_since": {"$ifNull": ["$waiting_since", "$$NOW"]}}
        await self._settle(id_, {"state": "waiting", **since}, pause)

    async def oldest_seconds(self) -> float:
        """For how long the mail has been due that has been due longest."""
        now: datetime = (await self._database.command({"hello": 1}))["localTime"]
        oldest = 0.0
        for pace in ("prompt", "bulk"):
            due = {"pace": pace, "due_at": {"$lte": now}}
            for mail in await self._mails.find(due, sort=[("due_at", 1)], limit=1, fields={"due_at": 1}):
                oldest = max(oldest, (now - mail["due_at"]).total_seconds())
        return oldest

    async def again(self, id_: str, after: timedelta, *, attempted: bool, failures: int, uncertain: bool) -> None:
        """Due once more after a pause.

        attempted: the server answered this mail; failures: how often in a row it could not be asked; uncertain: the
        server may have taken it, so the next sending may be a repeat.
        """
        change: Document = {"state": "waiting", "failures": failures}
        if attempted:
            change["attempts"] = {"$add": ["$attempts", 1]}
        if uncertain:
            change["repeats"] = {"$add": ["$repeats", 1]}
        await self._settle(id_, change, after)

    async def _settle(self, id_: str, change: Document, due_after: timedelta | None) -> None:
        """Only while the claim is still this worker's: who took it over decides."""
        steps: list[Any] = [{"$set": change | ({} if due_after is None else {"due_at": _from_now(due_after)})}]
        steps.append({"$unset": ["claim"] if due_after is not None else ["claim", "due_at"]})
        await self._mails.update_one({"_id": id_, "claim": self._worker}, steps)


def _taken(worker: str) -> Sequence[Document]:
    repeated = {"$cond": [{"$eq": ["$state", "sending"]}, 1, 0]}
    return [
        {
            "$set": {
                "repeats": {"$add": ["$repeats", repeated]},
                "state": "sending",
                "claim": worker,
                "due_at": _from_now(LEASE),
            }
        }
    ]


def _from_now(after: timedelta) -> Document:
    return {"$add": ["$$NOW", round(after.total_seconds() * 1000)]}
