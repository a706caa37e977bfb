"""Commands that wait in the database for their lane's writer.

Consumers, workers and other aggregates write theirs in the transaction that caused them; other replicas forward their
callers' commands here. Only the lane's own transaction removes one.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from time import time_ns

from chassis.journal.command import Command, Source
from chassis.journal.shape import HANDOFFS, RESULTS
from chassis.journal.slots import slot_of
from chassis.mongo import Database, Document, Session, UpdateOne


def handoff_write(command: Command, *, deadline: datetime | None = None) -> UpdateOne:
    """The write that hands a command over, for the caller's own transaction; a repeat of the same id changes nothing.

    deadline: only where a caller waits; on the database's clock. A caller who repeats extends it: what an earlier
    attempt left, expired, would be removed and the repeat never decided. Callers' ids are nobody else's.
    """
    document: Document = {
        "v": 1,
        "slot": slot_of(command.aggregate),
        **document_of(command),
        "at": time_ns(),
    }
    if deadline is None:
        return UpdateOne({"_id": command.id}, {"$setOnInsert": document | {"deadline": None}}, upsert=True)
    change = {"$setOnInsert": document, "$max": {"deadline": deadline}}
    return UpdateOne({"_id": command.id}, change, upsert=True)


def document_of(command: Command) -> Document:
    """A command as documents hold it, without its id."""
    document: Document = {
        "aggregate": command.aggregate,
        "name": command.name,
        "body": command.body,
        "actor": command.actor,
        "fingerprint": command.fingerprint,
        "source": _source_document(command),
        "first": command.first,
        "trace": command.trace,
    }
    if command.stems_from is not None:
        document["origin"] = _message(command.stems_from)
    if command.sealed is not None:
        document["sealed"] = {"of": command.sealed[0], "fields": list(command.sealed[1])}
    return document


def _source_document(command: Command) -> Document | None:
    """`key` names the line of messages whose commands must be decided in order."""
    source = command.source
    if source is None:
        return None
    return {"key": f"{command.aggregate}|{source.topic}|{source.subject}", **_message(source)}


def _message(source: Source) -> Document:
    return {"topic": source.topic, "subject": source.subject, "sequence": source.sequence}


def command_of(document: Document) -> Command:
    """The command that a document holds, its id under `_id`."""
    source, origin, sealed = document["source"], document.get("origin"), document.get("sealed")
    return Command(
        id=document["_id"],
        name=document["name"],
        aggregate=document["aggregate"],
        body=document["body"],
        actor=document["actor"],
        fingerprint=document["fingerprint"],
        source=None if source is None else Source(source["topic"], source["subject"], source["sequence"]),
        first=document["first"],
        trace=document["trace"],
        origin=None if source is not None or origin is None else Source(**origin),
        sealed=None if sealed is None else (sealed["of"], tuple(sealed["fields"])),
    )


async def hand_over(database: Database, commands: Sequence[Command]) -> None:
    """Hand commands over when nobody waits for the answer; those already decided are not written again."""
    decided = await database[RESULTS].find({"_id": {"$in": [command.id for command in commands]}}, fields={"_id": 1})
    known = {document["_id"] for document in decided}
    fresh = [command for command in commands if command.id not in known]
    await database[HANDOFFS].write([handoff_write(command) for command in fresh])


async def waiting(
    database: Database, slots: Sequence[int], *, limit: int, blocked: Collection[str], session: Session
) -> tuple[list[Document], bool]:
    """The lane's next handoffs, and whether there may be more.

    Continuations first, then by arrival, and of one message line none before a lower one.

    blocked: aggregates to leave alone but for their continuations. `at` is only for fairness; the order within a line
    is by message sequence.
    """
    where: Document = {"slot": {"$in": list(slots)}}
    if blocked:
        where["$nor"] = [{"aggregate": {"$in": sorted(blocked)}, "first": False}]
    handoffs = database[HANDOFFS]
    found = await handoffs.find(where, sort=[("first", -1), ("at", 1)], limit=limit, session=session)
    keys = sorted({document["source"]["key"] for document in found if document["source"]})
    if not keys:
        return found, len(found) >= limit
    line = await handoffs.find(
        {"source.key": {"$in": keys}},
        sort=[("source.key", 1), ("source.sequence", 1)],
        limit=limit,
        session=session,
    )
    return in_order(found, line), len(found) >= limit


def in_order(found: Sequence[Document], line: Sequence[Document]) -> list[Document]:
    """Put the members of each message line, as many as were found, into the places of that line, lowest first."""
    queues: dict[str, list[Document]] = {}
    for document in line:
        queues.setdefault(document["source"]["key"], []).append(document)
    ordered: list[Document] = []
    for document in found:
        source = document["source"]
        if source is None:
            ordered.append(document)
        elif queues.get(source["key"]):
            ordered.append(queues[source["key"]].pop(0))
    return ordered
