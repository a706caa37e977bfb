"""What happens to parked records between batches: replayed in order, dropped, or reported when a gap does not close."""

from dataclasses import dataclass, replace
from time import monotonic

import structlog

from chassis.consumers import letter, marks
from chassis.consumers.applying import Applier, Unavailable
from chassis.consumers.decode import Address, Decoded, Refusal, decode, gapless
from chassis.consumers.effects import Effects
from chassis.consumers.order import UNSEEN, Mark
from chassis.consumers.parking import PARKED, any_left, next_parked, of_address, parked, stored_record
from chassis.mongo import DeleteOne, Document, Session

CHUNK = 100

log = structlog.get_logger(__name__)


class Refused(Exception):
    """What was asked for cannot be done; the text says why."""


@dataclass(slots=True)
class Release:
    """Acts on parked records with the same hands that apply fresh ones. Only for partitions that are this member's."""

    applier: Applier
    patience: float = 10.0

    async def replay(self, address: Address) -> dict[str, int]:
        """Apply a subject's parked records in order until one fails or none is left. How many were released, how many
        stay. Raises Unavailable."""
        released = 0
        while True:
            items = await next_parked(self.applier.database, address, CHUNK)
            if not items:
                await self._free(address)
                break
            await self.applier.run(items, until=monotonic() + self.patience, replaying=True)
            left = await self._left(items)
            released += len(items) - left
            if left == len(items):
                break
        self.applier.resumable.discard(address)
        remaining = await self.applier.database[PARKED].count(of_address(address))
        return {"released": released, "remaining": remaining}

    async def replay_alone(self, document: Document) -> dict[str, int]:
        """Look again at a record that had no readable subject; it may take its place in its subject's order now."""
        item = parked(document)
        await self.applier.run([item], until=monotonic() + self.patience)
        left = await self._left([item])
        return {"released": 1 - left, "remaining": left}

    async def drop(self, document: Document) -> dict[str, int]:
        """Give a record up, and apply what waits behind it.

        The mark moves past it only where it has the subject's next number to itself: somebody else's record must not
        take real messages with it. Raises Refused when it is not its subject's first.
        """
        address = parked_address(document)
        if address is None:
            gone = await self.applier.database[PARKED].delete_many({"_id": document["_id"]})
            return {"dropped": gone, "released": 0, "remaining": 0}
        async with self.applier.database.transaction() as session:
            first = await self._first(address, session)
            if first is None or first["_id"] != document["_id"]:
                raise Refused("an earlier record of the same subject is parked: replay or drop that one first")
            past = document["sequence"] if await self._alone(document, address, session) else UNSEEN
            await self._move(address, past, [document["_id"]], session)
        return {"dropped": 1, **await self.replay(address)}

    async def past_gap(self, address: Address) -> dict[str, int]:
        """Go on without the messages that are missing before the subject's first parked one."""
        async with self.applier.database.transaction() as session:
            first = await self._first(address, session)
            if first is not None:
                await self._move(address, first["sequence"] - 1, [], session)
        return await self.replay(address)

    async def give_up_waiting(self, address: Address) -> None:
        """The missing message has not come in time: an alarm, and a dead letter for the first one behind it."""
        database = self.applier.database
        async with database.transaction() as session:
            found = await marks.read(database, [address], session)
            mark = found.get(address, Mark())
            if mark.held is None or mark.held.reason != "waiting":
                return
            after = replace(mark, held=replace(mark.held, reason="gap"))
            await marks.write(database, found, {address: after}, session)
            first = await self._first(address, session)
            if first is not None:
                effects = Effects(database, session)
                item = replace(decode(stored_record(first)), received=None, refusal=Refusal("gap", mark.held.detail))
                effects.handoff(letter.command(item, self.applier.group))
                await effects.send()
        log.error("messages are missing", group=self.applier.group, subject=address, detail=mark.held.detail)

    async def _first(self, address: Address, session: Session) -> Document | None:
        order = [("sequence", 1), ("offset", 1)]
        return await self.applier.database[PARKED].find_one(of_address(address), sort=order, session=session)

    async def _alone(self, document: Document, address: Address, session: Session) -> bool:
        """Whether the subject goes on past this record only: on a state topic, and as the first, any other will do."""
        mark = (await marks.read(self.applier.database, [address], session)).get(address, Mark())
        following = mark.sequence == document["sequence"] - 1
        twin = {**of_address(address), "sequence": document["sequence"], "_id": {"$ne": document["_id"]}}
        return (
            gapless(address.topic)
            and following
            and await self.applier.database[PARKED].find_one(twin, fields={"_id": 1}, session=session) is None
        )

    async def _move(self, address: Address, sequence: int, gone: list[str], session: Session) -> None:
        database = self.applier.database
        found = await marks.read(database, [address], session)
        mark = found.get(address, Mark())
        await marks.write(database, found, {address: replace(mark, sequence=max(mark.sequence, sequence))}, session)
        await database[PARKED].write([DeleteOne({"_id": id_}) for id_ in gone], session=session)

    async def _free(self, address: Address) -> None:
        database = self.applier.database
        async with database.transaction() as session:
            found = await marks.read(database, [address], session)
            mark = found.get(address)
            if mark is not None and mark.held is not None and not await any_left(database, address, [], session):
                await marks.write(database, found, {address: replace(mark, held=None)}, session)

    async def _left(self, items: list[Decoded]) -> int:
        return await self.applier.database[PARKED].count({"_id": {"$in": [item.record.id for item in items]}})


def parked_address(document: Document) -> Address | None:
    if document["source"] is None or document["subject"] is None:
        return None
    return Address(document["topic"], document["source"], document["subject"])


__all__ = ["UNSEEN", "Refused", "Release", "Unavailable", "parked_address"]
