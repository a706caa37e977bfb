"""The records that wait aside, whole as Kafka gave them, in one collection per service.

What members say of themselves is kept there no longer than its topic keeps it. A record that was emptied stays in its
place in line and counts as taken in when it is its turn: what waits behind it goes on, and nothing of it does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chassis.consumers.decode import Address, Decoded, Record, decode, gapless
from chassis.mongo import Database, Document, Session, UpdateOne
from contracts.registry import topics

PARKED = "parked"
REQUESTS = "parked_requests"


def of_address(address: Address) -> Document:
    """Filter: what is parked of one subject."""
    return {"topic": address.topic, "source": address.source, "subject": address.subject}


def park(item: Decoded, group: str, *, culprit: bool) -> UpdateOne:
    """Put a record aside, or note what was found when it was looked at again; repeating it changes nothing more.

    culprit: it is the reason that others of its subject wait; else it waits behind one.
    """
    record, address, refusal = item.record, item.address, item.refusal
    whole = {
        "v": 1,
        "group": group,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "key": record.key,
        "value": record.value,
        "headers": [[name, value] for name, value in record.headers],
    }
    found = {
        "source": address.source if address else None,
        "subject": address.subject if address else None,
        "sequence": item.sequence,
        "reason": refusal.kind if refusal else None,
        "detail": refusal.detail if refusal else None,
        "culprit": culprit,
    }
    return UpdateOne(
        {"_id": record.id},
        {"$setOnInsert": whole, "$set": found, "$inc": {"tries": int(culprit)}, "$currentDate": {"at": True}},
        upsert=True,
    )


def stored_record(document: Mapping[str, Any]) -> Record:
    return Record(
        topic=document["topic"],
        partition=document["partition"],
        offset=document["offset"],
        timestamp=document["timestamp"],
        key=document["key"],
        value=document["value"],
        headers=tuple((name, value) for name, value in document["headers"]),
    )


def parked(document: Mapping[str, Any]) -> Decoded:
    """Read anew: a later release may know what an earlier one did not."""
    item = decode(stored_record(document), stored=True)
    if item.address is None or not document.get("emptied"):
        return item
    return replace(item, received=None, refusal=None)


async def next_parked(database: Database, address: Address, limit: int) -> list[Decoded]:
    """The subject's first parked records. Where it was deleted meanwhile, those from there on: what is before it counts
    no more."""
    where: Document = of_address(address)
    if not gapless(address.topic):
        deletion = {**where, "value": None, "key": address.subject.encode()}
        last = await database[PARKED].find(deletion, sort=[("sequence", -1)], limit=1, fields={"sequence": 1})
        where = {**where, **({"sequence": {"$gte": last[0]["sequence"]}} if last else {})}
    found = await database[PARKED].find(where, sort=[("sequence", 1), ("offset", 1)], limit=limit)
    return [parked(document) for document in found]


async def any_left(
    database: Database, address: Address, without: Sequence[str], session: Session, *, after: int = -1
) -> bool:
    """after: of those with a higher sequence."""
    where = {**of_address(address), "sequence": {"$gt": after}, "_id": {"$nin": list(without)}}
    return await database[PARKED].find_one(where, fields={"_id": 1}, session=session) is not None


async def empty(database: Database, facts: Document) -> int:
    """Let go of what these parked facts say; how many of them said anything.

    Not for compacted topics, whose records without a value are deletions.
    """
    emptied = {"$set": {"value": None, "emptied": True}}
    return await database[PARKED].update_many({**facts, "value": {"$ne": None}}, emptied)


async def empty_overdue(database: Database) -> int:
    """Empty what waits for longer than its topic keeps it, of topics that carry members' own text; how many."""
    now: datetime = (await database.command({"hello": 1}))["localTime"]
    count = 0
    for topic in topics().values():
        if topic.personal and topic.kept is not None:
            written_by = round((now - topic.kept).timestamp() * 1000)
            count += await empty(database, {"topic": topic.name, "timestamp": {"$lt": written_by}})
    return count


async def prepare(database: Database) -> None:
    for name in (PARKED, REQUESTS):
        await database.ensure_collection(name)
    await database[PARKED].create_index([("topic", 1), ("source", 1), ("subject", 1), ("sequence", 1), ("offset", 1)])
    await database[PARKED].create_index([("culprit", 1), ("at", 1)])
    await database[REQUESTS].create_index([("done", 1), ("at", 1)])
