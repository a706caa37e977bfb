"""What people ask for parked records: documents that the partition's own consumer carries out between batches."""

from collections.abc import Collection
from typing import Literal

from chassis.consumers.decode import Address
from chassis.consumers.parking import PARKED, REQUESTS
from chassis.consumers.release import Refused, Release, parked_address
from chassis.ids import random_id
from chassis.mongo import Database, Document

Wish = Literal["replay", "drop", "past-gap"]


async def ask(database: Database, wish: Wish, parked: Document, by: str) -> str:
    """Write a request down; its id."""
    request = random_id()
    await database[REQUESTS].update_one(
        {"_id": request},
        {
            "$setOnInsert": {
                "v": 1,
                "wish": wish,
                "group": parked["group"],
                "topic": parked["topic"],
                "partition": parked["partition"],
                "record": parked["_id"],
                "by": by,
                "done": False,
                "outcome": None,
            },
            "$currentDate": {"at": True},
        },
        upsert=True,
    )
    return request


async def carry_out(release: Release, assigned: Collection[tuple[str, int]]) -> int:
    """Carry out what was asked for this member's partitions, oldest first; how many. Raises Unavailable."""
    database, group = release.applier.database, release.applier.group
    waiting = await database[REQUESTS].find({"done": False, "group": group}, sort=[("at", 1)], limit=100)
    mine = [request for request in waiting if (request["topic"], request["partition"]) in assigned]
    for request in mine:
        try:
            outcome: Document = {**await _one(release, request)}
        except Refused as refused:
            outcome = {"refused": str(refused)}
        await database[REQUESTS].update_one({"_id": request["_id"]}, {"$set": {"done": True, "outcome": outcome}})
    return len(mine)


async def _one(release: Release, request: Document) -> dict[str, int]:
    document = await release.applier.database[PARKED].find_one({"_id": request["record"]})
    if document is None:
        return {"released": 0, "remaining": 0}
    if request["wish"] == "drop":
        return await release.drop(document)
    address: Address | None = parked_address(document)
    if address is None:
        return await release.replay_alone(document)
    return await (release.past_gap(address) if request["wish"] == "past-gap" else release.replay(address))
