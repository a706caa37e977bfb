"""A new generation of lanes, after the journal was restored from a backup and Kafka holds more than it.

Between the backup and the end of the old database the service decided things, and told them, that the journal does not
know any more. What was told cannot be taken back. So the lanes in force end; new ones, whose batches cannot be mistaken
for the forgotten ones, begin above every sequence that the topics hold; and what the restored service decided before it
was stopped, which was never published, goes first in them.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from chassis.journal.generation import (
    PAUSE_SECONDS,
    TRIES,
    Contended,
    Generation,
    begin,
    in_force,
    published,
    put_seal,
)
from chassis.journal.keyring import Keyring
from chassis.journal.settle import end
from chassis.journal.shape import FLOORS, JOURNAL, LANES, RELAYS, TRIMMED, batch, batch_id, batches_after
from chassis.journal.vault import renumbered
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, Document, UpdateOne, errors
from chassis.relay.position import Place, read
from chassis.relay.seen import own_records
from chassis.sealing import Sealer
from chassis.times import rfc3339
from contracts.registry import Topic

Skip = Callable[[Database, int], Awaitable[None]]
"""What a service gives out by counting goes on so many further, because that many may have been given out."""

CHUNK = 1000


class NotAhead(RuntimeError):
    """Kafka holds nothing that the journal does not."""


@dataclass(frozen=True, slots=True)
class Renewed:
    """What a new generation began with. forgotten: messages that Kafka has of batches that the journal has not;
    subjects: those whose sequences jumped; republished: batches moved into the new lanes."""

    generation: int
    lanes: int
    forgotten: int
    subjects: int
    republished: int


@dataclass(slots=True)
class Held:
    """What the topics hold. highest: `ce_sequence` by `<topic>:<subject>`; the rest by lane and batch: when it was
    decided, how many messages, and what they are about."""

    highest: dict[str, int] = field(default_factory=dict)
    times: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    messages: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    about: dict[str, dict[int, set[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))


async def new_generation(
    database: Database,
    kafka: KafkaSettings,
    service: str,
    topics: Mapping[str, Topic],
    *,
    skip: Skip | None = None,
    secret: Sealer | None = None,
) -> Renewed:
    """As many lanes as before. Reads all of the service's topics: minutes for millions of messages, and nothing is
    decided meanwhile. Run again after it was interrupted, it goes on.

    secret: what members' keys are sealed under.

    Raises NotAhead, Contended, and what the drivers raise when a server is away.
    """
    old = await in_force(database)
    ahead = await _ahead(database, kafka, service, old)
    if not ahead:
        raise NotAhead("Kafka is not ahead of the journal: nothing is to be done")
    for lane in old.names:
        await _seal(database, lane)
    known = {lane: await published(database, lane) for lane in ahead}
    held = await _held(kafka, service, topics, known)
    tails: dict[str, list[Document]] = {}
    forgotten, subjects = 0, set[str]()
    for lane in ahead:
        last, tails[lane] = await _parted(database, lane, known[lane], held)
        forgotten += sum(count for n, count in held.messages[lane].items() if n > last)
        for n, about in held.about[lane].items():
            if n > last:
                subjects |= about
    new = old.next(old.lanes)
    shifts = await _floors(database, new, held, subjects, [one for tail in tails.values() for one in tail])
    if skip is not None:
        await skip(database, forgotten)
    moved = 0
    for lane, tail in tails.items():
        moved += await _move(database, Keyring(database, secret), tail, new.names[old.names.index(lane)], shifts)
        await database[RELAYS].update_one({"_id": lane}, {"$set": {"ended": True}})
    await _begin(database, old, new)
    return Renewed(new.number, new.lanes, forgotten, len(shifts), moved)


async def _ahead(database: Database, kafka: KafkaSettings, service: str, generation: Generation) -> list[str]:
    """Lanes of which Kafka has more, or had when their relay or an earlier run of this looked."""
    found: list[str] = []
    for index, lane in enumerate(generation.names):
        state = await database[LANES].find_one({"_id": lane}, fields={"stopped": 1})
        position = await read(kafka, Place(kafka.topic(f"{service}.relay.v1"), index, lane))
        last, _, _ = await end(database, lane)
        if (state is not None and state.get("stopped")) or (position or 0) > last:
            why = f"Kafka holds batch {position}, the journal ends at {last}"
            await database[LANES].update_one({"_id": lane, "stopped": None}, {"$set": {"stopped": why}})
            found.append(lane)
    return found


async def _seal(database: Database, lane: str) -> None:
    for tries in range(TRIES):
        try:
            await put_seal(database, lane)
        except errors.DuplicateKeyError:
            await asyncio.sleep(PAUSE_SECONDS * (tries % 7))
        else:
            return
    raise Contended("the lane's writer was always faster: stop the service first")


async def _held(kafka: KafkaSettings, service: str, topics: Mapping[str, Topic], known: Mapping[str, int]) -> Held:
    held = Held()
    async for topic, headers in own_records(kafka, service, topics):
        where = f"{topic}:{headers['ce_subject'].decode()}"
        held.highest[where] = max(held.highest.get(where, 0), int(headers["ce_sequence"]))
        lane, n = headers["lane"].decode(), int(headers["n"])
        if lane in known and n > known[lane]:
            held.times[lane][n] = headers["ce_time"].decode()
            held.messages[lane][n] += 1
            held.about[lane][n].add(where)
    return held


async def _parted(database: Database, lane: str, known: int, held: Held) -> tuple[int, list[Document]]:
    """The last batch that journal and topics share, and the later ones that tell something: Kafka has none of them,
    whatever it holds under their numbers. A batch is the same one if it was decided in the same millisecond."""
    found = await database[JOURNAL].find(batches_after(lane, known), sort=[("_id", 1)])
    same = [one["_id"]["n"] for one in found if held.times[lane].get(one["_id"]["n"]) == rfc3339(one["at"])]
    last = max([known, *same])
    return last, [one for one in found if one["_id"]["n"] > last and any(e["messages"] for e in one["entries"])]


async def _floors(
    database: Database, new: Generation, held: Held, subjects: set[str], tail: list[Document]
) -> dict[str, int]:
    """Write down where the sequences of forgotten subjects go on; by how much each of them jumps.

    An earlier run that got as far as here has settled it: what it moved is not where it was.
    """
    if await database[LANES].find_one({"_id": "generation", "floored": new.number}):
        done = await database[FLOORS].find({"generation": new.number})
        return {floor["_id"]: int(floor["jump"]) for floor in done}
    told: Counter[str] = Counter()
    first: dict[str, int] = {}
    for message in (m for one in tail for entry in one["entries"] for m in entry["messages"]):
        where = f"{message['topic']}:{message['subject']}"
        told[where] += 1
        first.setdefault(where, message["sequence"])
    journalled = await _journalled(database, subjects - first.keys())
    jumps = {where: held.highest[where] - first.get(where, journalled.get(where, 0) + 1) + 1 for where in subjects}
    earlier = {floor["_id"]: floor for floor in await database[FLOORS].find({})}
    writes = []
    for where, jump in jumps.items():
        before = earlier.get(where, {"missing": 0, "jump": 0, "generation": -1})
        missing = before["missing"] - (before["jump"] if before["generation"] == new.number else 0) + jump
        floor = {"sequence": held.highest[where] + told[where], "jump": jump, "missing": missing}
        writes.append(UpdateOne({"_id": where}, {"$set": {**floor, "generation": new.number}}, upsert=True))
    for start in range(0, len(writes), CHUNK):
        await database[FLOORS].write(writes[start : start + CHUNK], ordered=False)
    await database[LANES].update_one({"_id": "generation"}, {"$set": {"floored": new.number}})
    return jumps


async def _journalled(database: Database, subjects: set[str]) -> dict[str, int]:
    """The last sequence that the journal has of each, or had before it was trimmed."""
    names = sorted({where.partition(":")[2] for where in subjects})
    steps: list[Document] = [
        {"$unwind": "$entries"},
        {"$unwind": "$entries.messages"},
        {"$match": {"entries.messages.subject": {"$in": names}}},
        {
            "$group": {
                "_id": {"topic": "$entries.messages.topic", "subject": "$entries.messages.subject"},
                "last": {"$max": "$entries.messages.sequence"},
            }
        },
    ]
    found = await database[JOURNAL].aggregate(steps)
    kept = {f"{row['_id']['topic']}:{row['_id']['subject']}": int(row["last"]) for row in found}
    return {**await _trimmed(database, subjects), **kept}


async def _trimmed(database: Database, subjects: set[str]) -> dict[str, int]:
    whole = {"$gte": [{"$indexOfBytes": ["$sent.k", ":"]}, 0]}
    named = {"$concat": ["$sent.k", ":", "$_id"]}
    steps: list[Document] = [
        {"$project": {"sent": {"$objectToArray": "$sent"}}},
        {"$unwind": "$sent"},
        {"$project": {"_id": {"$cond": [whole, "$sent.k", named]}, "last": "$sent.v"}},
        {"$match": {"_id": {"$in": sorted(subjects)}}},
    ]
    return {row["_id"]: int(row["last"]) for row in await database[TRIMMED].aggregate(steps)}


async def _move(database: Database, keyring: Keyring, tail: list[Document], lane: str, jumps: Mapping[str, int]) -> int:
    """Into the new lane, renumbered; the old batches stay, empty."""

    def jumped(message: Document) -> int:
        return int(message["sequence"]) + jumps.get(f"{message['topic']}:{message['subject']}", 0)

    for one in tail:
        entries = await renumbered(keyring, one["entries"], jumped)
        n, _, _ = await end(database, lane)
        async with database.transaction() as session:
            await database[JOURNAL].insert_one(batch(lane, n + 1, one["batch"], one["at"], entries), session=session)
            where = {"_id": batch_id(one["_id"]["lane"], one["_id"]["n"])}
            await database[JOURNAL].update_one(where, {"$set": {"entries": []}}, session=session)
    return len(tail)


async def _begin(database: Database, old: Generation, new: Generation) -> None:
    for tries in range(TRIES):
        if await begin(database, old, new):
            return
        await asyncio.sleep(PAUSE_SECONDS * (tries % 7))
    raise Contended("another change of the lanes was faster")
