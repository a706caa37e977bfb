"""Spreading one thing to many members in chunks, each in one transaction with the place it has come to.

Recipients are read in the order in which their memberships or RSVPs became known here, so that a later look takes up
exactly where the last one ended and costs nothing when nothing came in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chassis.consumers import Effects
from chassis.ids import derived_id
from chassis.mongo import Database, Document, Session, UpdateOne, Write
from notifications_service.domain.delivery import LOOK_IF_SHOWN, SPREAD_AGAIN
from notifications_service.domain.digest import GATHERED, gathered
from notifications_service.domain.feedback import was_there
from notifications_service.domain.notice import WITH_A_STAKE, Cause, Kind, Spread, to
from notifications_service.store.digest import tell_in_digest
from notifications_service.store.notice import tell
from notifications_service.store.people import People
from notifications_service.store.projection import (
    ATTENDANCE,
    EVENTS,
    FEEDBACK,
    GROUPS,
    MEMBERSHIPS,
    POSTS,
    RSVPS,
    attendance_id,
    feedback_id,
)

SPREADS = "spreads"
CHUNK = 1_000
CHUNK_OF_DIGESTS = 250
"""Fewer, because what a digest takes up is an upsert, which costs the server several inserts."""
LEASE = timedelta(seconds=10)
SKEW = timedelta(seconds=5)
"""How far apart two services' database clocks may be before somebody who was there in time is left out."""


class _Lost(Exception):
    """Another worker has taken the spread over; what this one was about to write must not stand."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A spread under way. cursor: the last sequence told; look: how often it has been gone through before.

    gathered: its mails wait for digests; decided once for all whom it is for, None = not yet.
    """

    id: str
    spread: Spread
    cursor: int
    look: int
    gathered: bool | None = None


def spread_write(spread: Spread) -> Write:
    """Have it spread, unless it has been asked for before; an edit of a series is spread by each of its dates."""
    cause = spread.cause
    document: Document = {
        "kind": str(spread.kind),
        "audience": spread.audience,
        "group_id": spread.group_id,
        "event_id": spread.event_id,
        "about": spread.about,
        "post_id": spread.post_id,
        "besides": list(spread.besides),
        "standing": list(spread.standing),
        "details": dict(spread.details),
        "cause": {"topic": cause.topic, "subject": cause.subject, "sequence": cause.sequence, "actor": cause.actor},
        "at": cause.at,
        "trace": cause.trace,
        "cursor": 0,
        # an offer is looked for in what its own message wrote: nothing about it comes in later
        "look": len(SPREAD_AGAIN) if spread.audience == "offered" else 0,
        "told": 0,
        "due_at": cause.at,
    }
    of = spread.event_id or spread.group_id
    id_ = derived_id("spread", cause.topic, cause.subject, str(cause.sequence), spread.kind, of)
    return UpdateOne({"_id": id_}, {"$setOnInsert": document}, upsert=True)


class Spreads:
    """The spreads as one worker sees them.

    worker: its own random name, the token of its claims. digest_above: in larger groups announcements are gathered in
    digests, unless a group has a number of its own.
    """

    def __init__(self, database: Database, worker: str, *, digest_above: int) -> None:
        self._database = database
        self._spreads = database[SPREADS]
        self._worker = worker
        self._digest_above = digest_above

    async def claim(self) -> Claimed | None:
        """The spread that has been due longest, now this worker's."""
        now = await self._now()
        found = await self._spreads.find({"due_at": {"$lte": now}}, sort=[("due_at", 1)], limit=1, fields={"_id": 1})
        if not found:
            return None
        taken = {"claim": self._worker, "due_at": _from_now(LEASE)}
        document = await self._spreads.find_one_and_update(
            {"_id": found[0]["_id"], "due_at": {"$lte": now}}, [{"$set": taken}]
        )
        if document is None:
            return None
        claimed = _claimed(document)
        if claimed.gathered is None and claimed.spread.kind in GATHERED:
            return replace(claimed, gathered=await self._is_gathered(claimed.spread))
        return claimed

    async def _is_gathered(self, spread: Spread) -> bool:
        group = await self._database[GROUPS].find_one({"_id": spread.group_id}, fields={"digest_above": 1}) or {}
        own = group.get("digest_above")
        above: int = self._digest_above if own is None else own
        some: list[Document] = [
            {"$match": {"group_id": spread.group_id, "state": "active"}},
            {"$limit": above + 1},
            {"$count": "many"},
        ]
        found = await self._database[MEMBERSHIPS].aggregate(some)
        return gathered(spread.kind, members=found[0]["many"] if found else 0, above=above)

    async def tell_some(self, claimed: Claimed, trace: str | None) -> Claimed | None:
        """Tell the next recipients; None when there were none left, when what it speaks of was taken away, or when
        another worker has taken over. While it is hidden the spread is put off as it is, for whoever claims it then.

        Raises the driver's errors; nothing of the chunk stands then.
        """
        try:
            now = await self._now()
            async with self._database.transaction() as session:
                found = await self._recipients(claimed, session)
                state = await self._state(claimed.spread, session)
                if found and state == "hidden":
                    await self._put_off(claimed, session)
                if not found or state != "shown":
                    return None
                cursor = found[-1]["sequence"]
                told = await self._tell(claimed, found, now, trace, session)
                await self._advance(claimed, cursor, told, session)
        except _Lost:
            return None
        return replace(claimed, cursor=cursor)

    async def _advance(self, claimed: Claimed, cursor: int, told: int, session: Session) -> None:
        """Raises _Lost."""
        place: Document = {"cursor": cursor, "told": {"$add": ["$told", told]}, "due_at": _from_now(LEASE)}
        if claimed.gathered is not None:
            place["gathered"] = claimed.gathered
        if not await self._spreads.update_one(self._mine(claimed), [{"$set": place}], session=session):
            raise _Lost

    async def _put_off(self, claimed: Claimed, session: Session) -> None:
        """In the transaction that saw why: it may be shown before another could look."""
        later: list[Document] = [{"$set": {"due_at": _from_now(LOOK_IF_SHOWN)}}, {"$unset": "claim"}]
        await self._spreads.update_one(self._mine(claimed), later, session=session)

    async def rest(self, claimed: Claimed) -> None:
        """Gone through: due again for those whose news came late, or done. One that was put off stays so."""
        if claimed.look < len(SPREAD_AGAIN):
            again = {"look": claimed.look + 1, "due_at": _from_now(SPREAD_AGAIN[claimed.look])}
            await self._spreads.update_one(self._mine(claimed), [{"$set": again}, {"$unset": "claim"}])
        else:
            await self._spreads.update_one(self._mine(claimed), {"$unset": {"claim": "", "due_at": ""}})

    def _mine(self, claimed: Claimed) -> Document:
        return {"_id": claimed.id, "claim": self._worker, "cursor": claimed.cursor}

    async def _recipients(self, claimed: Claimed, session: Session) -> list[Document]:
        spread = claimed.spread
        limit = CHUNK_OF_DIGESTS if claimed.gathered else CHUNK
        collection: str
        where: Document
        if spread.audience == "members":
            collection, where = MEMBERSHIPS, {"group_id": spread.group_id}
        elif spread.audience == "offered":
            return await self._offered(claimed, session)
        else:
            collection, where = RSVPS, {"event_id": spread.event_id}
        return await self._database[collection].find(
            where | {"sequence": {"$gt": claimed.cursor}}, sort=[("sequence", 1)], limit=limit, session=session
        )

    async def _offered(self, claimed: Claimed, session: Session) -> list[Document]:
        """Who still has the offer, if it still holds and the event is on."""
        spread = claimed.spread
        off = {"_id": spread.event_id, "status": "cancelled"}
        if await self._database[EVENTS].find_one(off, session=session) is not None:
            return []
        until = datetime.fromisoformat(spread.details["until"])
        where: Document = {
            "event_id": spread.event_id,
            "sequence": {"$eq": spread.cause.sequence, "$gt": claimed.cursor},
            "$expr": {"$lt": ["$$NOW", until]},
        }
        return await self._database[RSVPS].find(where, session=session)

    async def _state(self, spread: Spread, session: Session) -> str:
        """Of the post it speaks of, if any; one that is not known any more is as good as deleted."""
        if spread.post_id is None:
            return "shown"
        post = await self._database[POSTS].find_one({"_id": spread.post_id}, fields={"state": 1}, session=session)
        return "deleted" if post is None else str(post["state"])

    async def _tell(
        self, claimed: Claimed, found: Sequence[Document], now: datetime, trace: str | None, session: Session
    ) -> int:
        spread = claimed.spread
        concerned = {document["member_id"]: _concerned(spread, document) for document in found}
        if spread.kind is Kind.FEEDBACK_ASKED:
            concerned = await self._there(spread, concerned, session)
        members = [member for member, is_ in concerned.items() if is_]
        if spread.kind is Kind.FEEDBACK_ASKED:
            members = await self._silent(spread, members, session)
        people = People(Effects(self._database, session))
        notices = [notice for member in members if (notice := to(spread, member)) is not None]
        if claimed.gathered:
            told = await tell_in_digest(notices, people, now, trace)
        else:
            told = await tell(notices, people, trace)
        await people.effects.send()
        return told

    async def _there(self, spread: Spread, stood: Mapping[str, bool], session: Session) -> dict[str, bool]:
        """Of each of these, whether they were at the event: what was noted of them goes before their RSVP."""
        ids = sorted(attendance_id(spread.event_id or "", member) for member in stood)
        found = await self._database[ATTENDANCE].find({"_id": {"$in": ids}}, session=session)
        marks = {note["member_id"]: note["mark"] for note in found}
        return {member: was_there(marks.get(member), stood=stands) for member, stands in stood.items()}

    async def _silent(self, spread: Spread, members: Sequence[str], session: Session) -> list[str]:
        """Those who have not said yet what they make of the event."""
        ids = {feedback_id(spread.event_id or "", member): member for member in members}
        spoken = {"_id": {"$in": sorted(ids)}}
        found = await self._database[FEEDBACK].find(spoken, fields={"_id": 1}, session=session) if ids else []
        said = {ids[row["_id"]] for row in found}
        return [member for member in members if member not in said]

    async def _now(self) -> datetime:
        now: datetime = (await self._database.command({"hello": 1}))["localTime"]
        return now


def _concerned(spread: Spread, document: Document) -> bool:
    """Whether a membership or RSVP was in force when it happened, and still is.

    One without `since` was already in force when this service first heard of it.
    """
    if spread.audience == "offered":
        return document.get("state") == "offered"
    state = {"active"} if spread.audience == "members" else set(spread.standing) or WITH_A_STAKE
    since: datetime | None = document.get("since")
    return document.get("state") in state and (since is None or since <= spread.cause.at + SKEW)


def _claimed(document: Document) -> Claimed:
    cause: dict[str, Any] = document["cause"]
    return Claimed(
        id=document["_id"],
        spread=Spread(
            kind=Kind(document["kind"]),
            audience=document["audience"],
            cause=Cause(**cause, at=document["at"], trace=document["trace"]),
            group_id=document["group_id"],
            event_id=document["event_id"],
            details=document["details"],
            about=document.get("about"),
            post_id=document.get("post_id"),
            besides=tuple(document.get("besides", ())),
            standing=tuple(document.get("standing", ())),
        ),
        cursor=document["cursor"],
        look=document["look"],
        gathered=document.get("gathered"),
    )


def _from_now(after: timedelta) -> Document:
    return {"$add": ["$$NOW", round(after.total_seconds() * 1000)]}
