"""The records that wait aside, whole as Kafka gave them, in one collection per service."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.consumers.decode import Address, Decoded, Record, decode, gapless
from chassis.mongo import Database, Document, Session, UpdateOne

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


async def next_parked(database: Database, address: Address, limit: int) -> list[Decoded]:
    """The subject's first parked records, read anew: a later release may know what an earlier one did not. Where it was
    deleted meanwhile, those from there on: what is before it counts no more."""
    where: Document = of_address(address)
    if not gapless(address.topic):
        deletion = {**where, "value": None, "key": address.subject.encode()}
        last = await database[PARKED].find(deletion, sort=[("sequence", -1)], limit=1, fields={"sequence": 1})
        where = {**where, **({"sequence": {"$gte": last[0]["sequence"]}} if last else {})}
    found = await database[PARKED].find(where, sort=[("sequence", 1), ("offset", 1)], limit=limit)
    return [decode(stored_record(document), stored=True) for document in found]


async def any_left(
    database: Database, address: Address, without: Sequence[str], session: Session, *, after: int = -1
) -> bool:
    """after: of those with a higher sequence."""
    where = {**of_address(address), "sequence": {"$gt": after}, "_id": {"$nin": list(without)}}
    return await database[PARKED].find_one(where, fields={"_id": 1}, session=session) is not None


async def prepare(database: Database) -> None:
    for name in (PARKED, REQUESTS):
        await database.ensure_collection(name)
    await database[PARKED].create_index([("topic", 1), ("source", 1), ("subject", 1), ("sequence", 1), ("offset", 1)])
    await database[PARKED].create_index([("culprit", 1), ("at", 1)])
    await database[REQUESTS].create_index([("done", 1), ("at", 1)])
