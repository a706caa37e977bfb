"""How far each subject of each topic has come: one document per (topic, subject, source).

The field order of `_id` matters to MongoDB: a position names topic and subject but no source, and is found by range.
"""

from collections.abc import Iterable, Mapping

from chassis.consumers.decode import Address
from chassis.consumers.order import UNSEEN, Held, Mark
from chassis.mongo import Database, Document, Session, UpdateOne

MARKS = "marks"

_LAST = "\U0010ffff"


class Overtaken(RuntimeError):
    """The marks are not those that were read: read again."""


def mark_id(topic: str, source: str, subject: str) -> Document:
    return {"topic": topic, "subject": subject, "source": source}


def any_source(topic: str, subject: str) -> Document:
    """Filter: the marks of a subject, whoever writes the topic."""
    return {"_id": {"$gte": mark_id(topic, "", subject), "$lte": mark_id(topic, _LAST, subject)}}


def of_topic(topic: str) -> Document:
    """Filter: all marks of a topic."""
    return {"_id": {"$gte": mark_id(topic, "", ""), "$lt": mark_id(topic, _LAST, _LAST)}}


def key(address: Address) -> Document:
    return mark_id(address.topic, address.source, address.subject)


def address_of(document: Document) -> Address:
    found = document["_id"]
    return Address(found["topic"], found["source"], found["subject"])


def mark_of(document: Document) -> Mark:
    held = document.get("held")
    return Mark(
        document["sequence"],
        None if held is None else Held(held["reason"], held["detail"], held["partition"], held["sequence"]),
    )


def held_document(held: Held | None) -> Document | None:
    if held is None:
        return None
    return {"reason": held.reason, "detail": held.detail, "partition": held.partition, "sequence": held.sequence}


async def read(database: Database, addresses: Iterable[Address], session: Session) -> dict[Address, Mark]:
    """The marks that exist."""
    keys = [key(address) for address in addresses]
    found = await database[MARKS].find({"_id": {"$in": keys}}, session=session) if keys else []
    return {address_of(document): mark_of(document) for document in found}


def writes(before: Mapping[Address, Mark], after: Mapping[Address, Mark]) -> "tuple[list[UpdateOne], list[UpdateOne]]":
    """What moves the marks that were read, and what makes those that were not there; each is written even if it stays,
    so that two members never act on one subject at once. `check` looks at what they matched.

    Reading and writing belong to one snapshot: a mark that another member has moved since it was read ends this
    transaction with a write conflict. So the value read need not be named again, and naming it would cost more than
    all the rest of the update.
    """
    moved = [
        UpdateOne({"_id": key(address)}, {"$set": _fields(mark), "$inc": {"turn": 1}})
        for address, mark in after.items()
        if address in before
    ]
    made = [
        UpdateOne({"_id": key(address)}, {"$setOnInsert": {**_fields(mark), "turn": 1, "v": 1}}, upsert=True)
        for address, mark in after.items()
        if address not in before
    ]
    return moved, made


def check(moved: int, moved_matched: int, made_matched: int) -> None:
    """Raises Overtaken when a mark is not there as it was read."""
    if moved_matched != moved:
        raise Overtaken("a mark has gone")
    if made_matched != 0:
        raise Overtaken("a mark has appeared")


async def write(
    database: Database, before: Mapping[Address, Mark], after: Mapping[Address, Mark], session: Session
) -> None:
    """Move marks that nothing else is written with, in the transaction that read them. Raises Overtaken."""
    moved, made = writes(before, after)
    marks = database[MARKS]
    check(len(moved), await marks.write(moved, session=session), await marks.write(made, session=session))


def _fields(mark: Mark) -> Document:
    return {"sequence": mark.sequence, "held": held_document(mark.held)}


async def prepare(database: Database) -> None:
    await database.ensure_collection(MARKS)
    await database[MARKS].create_index([("held.reason", 1)], where={"held.reason": {"$exists": True}})


__all__ = [
    "MARKS",
    "UNSEEN",
    "Overtaken",
    "any_source",
    "check",
    "key",
    "mark_id",
    "of_topic",
    "prepare",
    "read",
    "write",
    "writes",
]
