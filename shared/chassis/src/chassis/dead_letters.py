"""The messages that could not be applied, for people: what is parked and why; replaying it; giving it up.

A service adds `deciders(service)` to its table of decisions, so that its relay publishes its dead letters.
"""

from asyncio import sleep
from base64 import b64encode
from time import monotonic
from typing import Any

from chassis.consumers import letter
from chassis.consumers.marks import MARKS, address_of, key
from chassis.consumers.parking import PARKED, REQUESTS, of_address
from chassis.consumers.release import parked_address
from chassis.consumers.requests import Wish, ask
from chassis.journal.decision import Decider
from chassis.mongo import Database, Document

_WITHOUT_CONTENT = {"value": 0, "headers": 0, "key": 0}


class NotParked(LookupError):
    """No such record is parked (any more)."""


def deciders(service: str) -> dict[str, Decider[Any]]:
    return {letter.RECORD: letter.decider(service)}


async def list_parked(database: Database, *, topic: str | None = None, limit: int = 100) -> list[Document]:
    """The records that hold others up, one per subject, and those without a readable subject; at most `limit` of each.

    id: for `show` and the requests; group, topic, partition, offset, source, subject, sequence: where it is from;
    reason, detail, tries, at: why it was put aside, how often tried, when last; held: what holds its subject now (None
    without a subject); behind: how many of the subject wait with it.
    """
    named: Document = {"_id.topic": topic} if topic else {}
    held = await database[MARKS].find({"held.reason": {"$exists": True}, **named}, limit=limit)
    first = [("sequence", 1), ("offset", 1)]
    heads = [
        await database[PARKED].find_one(of_address(address_of(mark)), sort=first, fields=_WITHOUT_CONTENT)
        for mark in held
    ]
    alone = await database[PARKED].find(
        {"culprit": True, "subject": None, **({"topic": topic} if topic else {})},
        sort=[("at", 1)],
        limit=limit,
        fields=_WITHOUT_CONTENT,
    )
    found = sorted((one for one in (*heads, *alone) if one is not None), key=lambda one: one["at"])
    return [await _row(database, document) for document in found]


async def _row(database: Database, document: Document) -> Document:
    address = parked_address(document)
    behind, held = 0, None
    if address is not None:
        mark = await database[MARKS].find_one({"_id": key(address)})
        held = mark["held"] if mark else None
        behind = await database[PARKED].count({**of_address(address), "_id": {"$ne": document["_id"]}})
    return {
        "id": document["_id"],
        **{name: document[name] for name in ("group", "topic", "partition", "offset", "source", "subject")},
        **{name: document[name] for name in ("sequence", "reason", "detail", "tries", "at")},
        "behind": behind,
        "held": held,
    }


async def show(database: Database, record: str) -> Document:
    """A parked record whole; bytes as text if they are UTF-8, else base64 as `<name>_base64`. Raises NotParked."""
    document = await _parked(database, record)
    row = await _row(database, document)
    row["headers"] = [{"name": name, **_readable("value", value)} for name, value in document["headers"]]
    return {**row, **_readable("key", document["key"]), **_readable("value", document["value"])}


def _readable(name: str, data: bytes | None) -> Document:
    if data is None:
        return {name: None}
    try:
        return {name: data.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": b64encode(data).decode("ascii")}


async def request_replay(database: Database, record: str, *, by: str = "operator", past_gap: bool = False) -> str:
    """Ask that the record, and what waits with it, be applied in order; the request's id. Raises NotParked.

    past_gap: go on without the messages that are missing before it.
    """
    return await _ask(database, "past-gap" if past_gap else "replay", record, by)


async def request_drop(database: Database, record: str, *, by: str = "operator") -> str:
    """Ask that the record be given up and what waits behind it be applied; the request's id. Raises NotParked."""
    return await _ask(database, "drop", record, by)


async def outcome(database: Database, request: str, *, within: float = 10.0) -> Document | None:
    """What came of a request (`released`, `remaining`, `dropped` counts, or `refused`); None while nobody has carried
    it out, for instance because no consumer runs."""
    deadline = monotonic() + within
    while True:
        found = await database[REQUESTS].find_one({"_id": request, "done": True})
        if found is not None:
            return dict(found["outcome"])
        if monotonic() > deadline:
            return None
        await sleep(0.1)


async def _ask(database: Database, wish: Wish, record: str, by: str) -> str:
    return await ask(database, wish, await _parked(database, record), by)


async def _parked(database: Database, record: str) -> Document:
    found = await database[PARKED].find_one({"_id": record})
    if found is None:
        raise NotParked(record)
    return found
