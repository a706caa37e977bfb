"""How long the journal is kept: batches go once they are published, proved by the reconciler, and old enough.

What goes is accounted for first, in one transaction: how far the lane is trimmed, on the lane's document, and what each
aggregate had come to, in `trimmed`. The books are proved from there on, as exactly as from the start.

Beside it, parked records lose what members say of themselves when their topics would.
"""

import asyncio
from datetime import datetime, timedelta

import structlog
from aiokafka.errors import KafkaError

from chassis.consumers.parking import empty_overdue
from chassis.crash import crash_point
from chassis.journal.settle import head
from chassis.journal.shape import JOURNAL, LANES, RELAYS, TRIMMED, batch_id, counter_name
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, Document, ReplaceOne, errors
from chassis.one_task import OneTask
from chassis.relay.position import Place, read

AGGREGATES = 800
"""At most so many are accounted for in one transaction, unless one batch alone concerns more."""
BATCHES = 50
EVERY_SECONDS = 3600.0

_ENTRY = ("aggregate", "sequence", "messages.topic", "messages.subject", "messages.sequence")

log = structlog.get_logger(__name__)


class Overtaken(RuntimeError):
    """Another process trims this lane."""


async def trim(database: Database, kafka: KafkaSettings, service: str, *, keep: timedelta) -> dict[str, int]:
    """Remove what has had its time; how many batches went, by lane.

    The last batch of a lane stays, and so does what Kafka holds no position beyond. Older generations go first: while
    one of them has batches to come, later ones stay, so that an aggregate's entries always go in order.
    """
    gone: dict[str, int] = {}
    waiting: int | None = None
    found = await database[LANES].find({"_id": {"$regex": r"^\d+\.\d+$"}}, fields={"_id": 1})
    for generation, index, lane in sorted((*_place(row["_id"]), row["_id"]) for row in found):
        if waiting is not None and generation > waiting:
            break
        place = Place(kafka.topic(f"{service}.relay.v1"), index, lane)
        gone[lane], done = await _trim_lane(database, lane, await _published(database, kafka, place), keep)
        if not done:
            waiting = generation
    return gone


def _place(lane: str) -> tuple[int, int]:
    generation, _, index = lane.partition(".")
    return int(generation), int(index)


async def _published(database: Database, kafka: KafkaSettings, place: Place) -> int:
    """All of a lane that has ended, whose last batches may have had nothing to tell Kafka."""
    if await database[RELAYS].find_one({"_id": place.lane, "ended": True}):
        return (await head(database, place.lane))[0]
    return await read(kafka, place) or 0


async def _trim_lane(database: Database, lane: str, published: int, keep: timedelta) -> tuple[int, bool]:
    """How many batches went, and whether only the last one is left."""
    old = {"$dateSubtract": {"startDate": "$$NOW", "unit": "millisecond", "amount": keep // timedelta(milliseconds=1)}}
    state = await database[LANES].find_one({"_id": lane}, fields={"trimmed_to": 1, "confirmed_to": 1, "old": old})
    last, _ = await head(database, lane)
    if state is None or last == 0:
        return 0, True
    start = int(state.get("trimmed_to", 0))
    gone = await _remove(database, lane, start)
    upto = min(published, int(state.get("confirmed_to", 0)), last - 1)
    while True:
        chunk = await _chunk(database, lane, after=start, upto=upto, before=state["old"])
        if not chunk:
            return gone, start == last - 1
        end = int(chunk[-1]["_id"]["n"])
        await _account(database, lane, start, end, chunk)
        crash_point("journal.trimmed")
        gone += await _remove(database, lane, end)
        start = end


async def _chunk(database: Database, lane: str, *, after: int, upto: int, before: datetime) -> list[Document]:
    """The lane's next batches to go, as many as one transaction can account for."""
    if after >= upto:
        return []
    where = {"_id": {"$gt": batch_id(lane, after), "$lte": batch_id(lane, upto)}}
    fields = {"at": 1, **{f"entries.{name}": 1 for name in _ENTRY}}
    found = await database[JOURNAL].find(where, sort=[("_id", 1)], limit=BATCHES, fields=fields)
    chunk: list[Document] = []
    concerned: set[str] = set()
    for batch in found:
        concerned |= {entry["aggregate"] for entry in batch["entries"]}
        if batch["at"] >= before or (chunk and len(concerned) > AGGREGATES):
            break
        chunk.append(batch)
    return chunk


async def _account(database: Database, lane: str, start: int, end: int, chunk: list[Document]) -> None:
    """Note what goes before it goes. Raises what the database says when somebody else was faster, or holds the lane's
    document just now; then nothing is noted."""
    entries = [entry for batch in chunk for entry in batch["entries"]]
    async with database.transaction() as session:
        names = sorted({entry["aggregate"] for entry in entries})
        found = await database[TRIMMED].find({"_id": {"$in": names}}, session=session)
        accounts = {account["_id"]: account for account in found}
        for entry in entries:
            accounts[entry["aggregate"]] = _with(accounts.get(entry["aggregate"]), entry)
        moved = {"_id": lane, "trimmed_to": None if start == 0 else start}
        if not await database[LANES].update_one(moved, {"$set": {"trimmed_to": end}}, session=session):
            raise Overtaken(lane)
        await database[TRIMMED].write(
            [ReplaceOne({"_id": id_}, account, upsert=True) for id_, account in accounts.items()], session=session
        )


def _with(account: Document | None, entry: Document) -> Document:
    aggregate = entry["aggregate"]
    sent = dict(account["sent"]) if account else {}
    for message in entry["messages"]:
        sent[counter_name(aggregate, message["topic"], message["subject"])] = message["sequence"]
    return {"_id": aggregate, "v": 1, "sequence": entry["sequence"], "sent": sent}


async def _remove(database: Database, lane: str, upto: int) -> int:
    where = {"_id": {"$gt": batch_id(lane, 0), "$lte": batch_id(lane, upto)}}
    return await database[JOURNAL].delete_many(where) if upto else 0


class Retention(OneTask):
    """A part of a process: looks once an hour for what has had its time. Several processes may have it."""

    def __init__(self, database: Database, kafka: KafkaSettings, service: str, *, keep: timedelta) -> None:
        super().__init__("retention")
        self._database = database
        self._kafka = kafka
        self._service = service
        self._keep = keep

    async def _run(self) -> None:
        while True:
            try:
                emptied = await empty_overdue(self._database)
                if emptied:
                    log.info("parked records emptied", records=emptied)
                gone = await trim(self._database, self._kafka, self._service, keep=self._keep)
                if any(gone.values()):
                    log.info("journal trimmed", batches=gone)
            except (errors.PyMongoError, KafkaError, OSError, Overtaken) as error:
                log.info("what has had its time goes later", error=type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)
