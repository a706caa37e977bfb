"""Proof that a service's books agree: what must be 0 is counted, in one snapshot of its database.

Each service adds what its own documents must satisfy; the command line adds the services up.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.journal.decision import Deciders
from chassis.journal.settle import head
from chassis.journal.shape import JOURNAL, LANES, RESULTS, batches_after
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, Document, Session
from chassis.relay.position import Place, read
from chassis.retention import Trimmed, confirm, trimmed
from contracts.registry import topics

COUNT_TO = 10_000
"""Unread records are counted up to here; more is "at least so many"."""

Check = Callable[[Database, Session], Awaitable[Mapping[str, int]]]
"""Counts of damage by name, each 0 in a sound database."""


@dataclass(frozen=True, slots=True)
class Report:
    """damage: must be 0, always. behind: must become 0 once nothing new is decided."""

    damage: dict[str, int]
    behind: dict[str, int]
    counted: dict[str, int] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        return not any(self.damage.values())

    @property
    def settled(self) -> bool:
        return self.sound and not any(self.behind.values())

    def document(self) -> Document:
        return {
            "sound": self.sound,
            "settled": self.settled,
            "damage": self.damage,
            "behind": self.behind,
            "counted": self.counted,
        }


async def reconcile(
    database: Database,
    kafka: KafkaSettings,
    service: str,
    *,
    deciders: Deciders,
    consumed: Iterable[str] = (),
    group: str | None = None,
    checks: Iterable[Check] = (),
) -> Report:
    """consumed: registry names of the topics this service reads, as consumer group `group`."""
    damage: dict[str, int] = {}
    async with database.snapshot() as session:
        gone = await trimmed(database, session)
        heads = await _heads(database, session)
        damage["batches_missing"] = await _batches_missing(database, session, gone)
        counted = await _sequences(database, session, gone)
        damage["sequence_gaps"] = sum(
            low != gone.sequence(name) + 1 or high - gone.sequence(name) != count
            for name, (low, high, count) in counted.items()
        )
        damage["message_gaps"] = await _message_gaps(database, session, gone)
        damage["counters_wrong"] = await _counters_wrong(database, session, deciders, counted, gone)
        damage["entries_without_result"] = await _entries_without_result(database, session)
        for check in checks:
            damage |= await check(database, session)
        entries = sum(count for _, _, count in counted.values())
    behind = await _unpublished(database, kafka, service)
    if group is not None:
        behind |= await _unread(kafka, group, consumed)
    report = Report(damage, behind, {"entries": entries, "aggregates": len(counted)})
    if report.sound:
        await confirm(database, heads)
    return report


async def _heads(database: Database, session: Session) -> dict[str, int]:
    lanes = await database[LANES].find({"_id": {"$ne": "generation"}}, fields={"_id": 1}, session=session)
    newest = [("_id", -1)]
    found = [
        await database[JOURNAL].find_one(batches_after(lane["_id"], 0), sort=newest, fields={"_id": 1}, session=session)
        for lane in lanes
    ]
    return {batch["_id"]["lane"]: batch["_id"]["n"] for batch in found if batch is not None}


async def _batches_missing(database: Database, session: Session, gone: Trimmed) -> int:
    lanes = await database[JOURNAL].aggregate(
        [
            {"$match": gone.kept()},
            {
                "$group": {
                    "_id": "$_id.lane",
                    "first": {"$min": "$_id.n"},
                    "last": {"$max": "$_id.n"},
                    "count": {"$sum": 1},
                }
            },
        ],
        session=session,
    )
    within: int = sum(lane["last"] - lane["first"] + 1 - lane["count"] for lane in lanes)
    before: int = sum(lane["first"] - 1 - gone.lanes.get(lane["_id"], 0) for lane in lanes)
    return within + before + len(gone.lanes.keys() - {lane["_id"] for lane in lanes})  # the last batch always stays


async def _sequences(database: Database, session: Session, gone: Trimmed) -> dict[str, tuple[int, int, int]]:
    """First, last and number of each aggregate's entries."""
    found = await database[JOURNAL].aggregate(
        [
            {"$match": gone.kept()},
            {"$unwind": "$entries"},
            {
                "$group": {
                    "_id": "$entries.aggregate",
                    "low": {"$min": "$entries.sequence"},
                    "high": {"$max": "$entries.sequence"},
                    "count": {"$sum": 1},
                }
            },
        ],
        session=session,
    )
    return {row["_id"]: (row["low"], row["high"], row["count"]) for row in found}


async def _message_gaps(database: Database, session: Session, gone: Trimmed) -> int:
    found = await database[JOURNAL].aggregate(
        [
            {"$match": gone.kept()},
            {"$unwind": "$entries"},
            {"$unwind": "$entries.messages"},
            {
                "$group": {
                    "_id": {"topic": "$entries.messages.topic", "subject": "$entries.messages.subject"},
                    "aggregate": {"$first": "$entries.aggregate"},
                    "low": {"$min": "$entries.messages.sequence"},
                    "high": {"$max": "$entries.messages.sequence"},
                    "count": {"$sum": 1},
                }
            },
            {"$match": {"$expr": {"$or": [{"$ne": ["$low", 1]}, {"$ne": ["$high", "$count"]}]}}},
        ],
        session=session,
    )
    return sum(
        (row["low"], row["high"]) != (before + 1, before + row["count"])
        for row in found
        for before in [gone.sent(row["aggregate"], row["_id"]["topic"], row["_id"]["subject"])]
    )


async def _counters_wrong(
    database: Database,
    session: Session,
    deciders: Deciders,
    counted: Mapping[str, tuple[int, int, int]],
    gone: Trimmed,
) -> int:
    """Aggregates whose root document and journal disagree about how often they changed."""
    wrong = 0
    known: set[str] = set()
    for root in sorted({decider.root for decider in deciders.values()}):
        for document in await database[root].find(
            {"journal": {"$exists": True}}, fields={"journal.sequence": 1}, session=session
        ):
            known.add(document["_id"])
            _, high, _ = counted.get(document["_id"], (0, gone.sequence(document["_id"]), 0))
            wrong += document["journal"]["sequence"] != high
    return wrong + len((counted.keys() | gone.accounts.keys()) - known)


async def _entries_without_result(database: Database, session: Session) -> int:
    """Results are kept for 30 days at least; older entries have outlived theirs."""
    found = await database[JOURNAL].aggregate(
        [
            {"$match": {"$expr": {"$gt": ["$at", {"$subtract": ["$$NOW", 29 * 24 * 3600 * 1000]}]}}},
            {"$unwind": "$entries"},
            {
                "$lookup": {
                    "from": RESULTS,
                    "localField": "entries.command_id",
                    "foreignField": "_id",
                    "as": "result",
                    "pipeline": [{"$project": {"_id": 1}}],
                }
            },
            {"$match": {"result": []}},
            {"$count": "wrong"},
        ],
        session=session,
    )
    return int(found[0]["wrong"]) if found else 0


async def _unpublished(database: Database, kafka: KafkaSettings, service: str) -> dict[str, int]:
    """Batches not yet known to be published, over all lanes."""
    behind = 0
    for lane in await database[LANES].find({"_id": {"$ne": "generation"}}):
        index = int(lane["_id"].partition(".")[2])
        last, _ = await head(database, lane["_id"])
        position = await read(kafka, Place(kafka.topic(f"{service}.relay.v1"), index, lane["_id"]))
        behind += await _with_messages(database, lane["_id"], position or 0, last)
    return {"unpublished_batches": behind}


async def _with_messages(database: Database, lane: str, after: int, last: int) -> int:
    if after >= last:
        return 0
    where = {"_id": {"$gt": {"lane": lane, "n": after}, "$lte": {"lane": lane, "n": last}}}
    return await database[JOURNAL].count({**where, "entries.messages.0": {"$exists": True}})


async def _unread(kafka: KafkaSettings, group: str, consumed: Iterable[str]) -> dict[str, int]:
    """Records beyond what the group has committed. Offsets alone would count control records, which nobody reads."""
    consumer = AIOKafkaConsumer(
        **kafka.client_options(), group_id=group, isolation_level="read_committed", enable_auto_commit=False
    )
    try:
        await consumer.start()
        partitions = [
            TopicPartition(kafka.topic(name), partition)
            for name in consumed
            for partition in range(topics()[name].partitions)
        ]
        if not partitions:
            return {"unread_records": 0}
        consumer.assign(partitions)
        begins = await consumer.beginning_offsets(partitions)
        ends = await consumer.end_offsets(partitions)
        for partition in partitions:
            done = await consumer.committed(partition)
            consumer.seek(partition, begins[partition] if done is None else max(done, begins[partition]))
        return {"unread_records": await _count_to(consumer, ends)}
    finally:
        await consumer.stop()


async def _count_to(consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]) -> int:
    """Records up to the given ends, at most COUNT_TO of them."""
    count = 0
    while count < COUNT_TO and any([await consumer.position(partition) < end for partition, end in ends.items()]):
        for partition, records in (await consumer.getmany(timeout_ms=100)).items():
            count += sum(record.offset < ends[partition] for record in records)
    return count
