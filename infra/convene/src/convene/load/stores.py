"""What a run left in the databases: documents, the journal, inboxes, and what waits. Read in bulk, in pages."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from pydantic_core import from_json

from chassis.consumers.parking import PARKED
from chassis.journal.settle import head
from chassis.journal.shape import HANDOFFS, JOURNAL, LANES, RESULTS, batches_after
from chassis.kafka import KafkaSettings
from chassis.mongo import Database, Document
from chassis.relay.position import Place, read
from convene.acting.many import each
from convene.load.setting import Field
from convene.load.shown import Booked, Books, Entry, Notes, Pair, Said
from convene.load.topics import EVENTS, PUBLIC, RSVPS, Sent, digest_of

PAGE = 10_000
BATCHES = 200
IDS = 1_000
MESSAGE = ("topic", "type", "subject", "sequence", "key", "value")
OFFERS = ("held", "offers", "lapses", "over")
"""What a ledger says of offers and overrides, once there were any."""
PROMOTION = ("mode", "max_skips")
"""What it says of how people move up, where that is not at once."""


@dataclass(slots=True)
class InJournal:
    """entries: of the run's events; missing: batches that are not where their neighbours are; unpublished: likewise."""

    entries: list[Entry] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unpublished: list[str] = field(default_factory=list)


async def began(database: Database, events: Collection[str]) -> datetime | None:
    """When the first of the events was made, by the database's clock."""
    where = {"_id": {"$in": list(events)}}
    found = await database["events"].find(where, sort=[("created_at", 1)], limit=1, fields={"created_at": 1})
    return found[0]["created_at"] if found else None


async def clock(database: Database) -> datetime:
    """The database's."""
    found: datetime = (await database.command({"hello": 1}))["localTime"]
    return found


async def documents(database: Database, events: Iterable[str]) -> dict[Pair, Booked]:
    """The events' RSVPs."""
    found: dict[Pair, Booked] = {}
    fields = dict.fromkeys(("member_id", *Booked._fields), 1)

    async def of_event(event: str) -> None:
        after = f"{event}:"
        while True:
            where = {"_id": {"$gt": after, "$lt": f"{event};"}}
            page = await database["rsvps"].find(where, sort=[("_id", 1)], limit=PAGE, fields=fields)
            for one in page:
                found[event, one["member_id"]] = Booked(**_named(one, Booked._fields, Booked._field_defaults))
            if len(page) < PAGE:
                return
            after = page[-1]["_id"]

    await each(of_event, events, at_once=8)
    return found


async def books(database: Database, events: Iterable[str]) -> dict[str, Books]:
    """The events' ledgers."""
    found: dict[str, Books] = {}
    async for ids in _some(events):
        for one in await database["ledgers"].find({"_id": {"$in": ids}}):
            found[one["_id"]] = Books(
                one["capacity"],
                one["seats"],
                one["waiting"],
                one["order"],
                one["seq"],
                one["head"],
                one["due"],
                one["kept_last"] - one["kept_first"] + 1,
                one["journal"]["sequence"],
                **_named(one, OFFERS, OFFERS),
                **_named(one.get("promotion") or {}, PROMOTION, PROMOTION),
            )
    return found


def _named(document: Document, names: Iterable[str], may_lack: Collection[str]) -> dict[str, Any]:
    return {name: document[name] for name in names if name in document or name not in may_lack}


async def inboxes(database: Database, events: Iterable[str]) -> dict[str, list[Notes]]:
    """Lines about the events, by member. There is no index on events: one look through the collection."""
    found: dict[str, list[Notes]] = {}
    wanted = {"event_id": {"$in": list(events)}}
    for one in await database["inbox"].find(wanted, fields={"_id": 0, "member_id": 1, "kind": 1, "event_id": 1}):
        found.setdefault(one["member_id"], []).append(Notes(one["event_id"], one["kind"]))
    return found


async def results(database: Database, commands: Iterable[str]) -> dict[str, str | None]:
    """By command id, of those that have one: the reason of a refusal, None where it was accepted."""
    found: dict[str, str | None] = {}
    async for ids in _some(commands):
        for one in await database[RESULTS].find({"_id": {"$in": ids}}, fields={"refused": 1}):
            found[one["_id"]] = one.get("refused")
    return found


async def journal(database: Database, kafka: KafkaSettings, events: Collection[str], since: datetime) -> InJournal:
    """All batches since then, lane after lane."""
    found = InJournal()
    lanes = [row["_id"] for row in await database[LANES].find({"_id": {"$regex": r"^\d+\.\d+$"}}, fields={"_id": 1})]
    for lane in sorted(lanes, key=lambda lane: [int(part) for part in lane.split(".")]):
        place = Place(kafka.topic("events.relay.v1"), int(lane.partition(".")[2]), lane)
        published = await read(kafka, place) or 0
        n = await _before(database, lane, since)
        async for batch in _batches(database, lane, n):
            here = batch["_id"]["n"]
            if here != n + 1:
                found.missing.append(f"lane {lane}: batch {here} follows {n}")
            n = here
            if here > published and any(entry["messages"] for entry in batch["entries"]):
                found.unpublished.append(f"batch {here} of lane {lane} is not published")
            found.entries += _entries(batch, events)
    return found


async def _before(database: Database, lane: str, since: datetime) -> int:
    """The last batch before that time: times only rise along a lane."""
    low, (high, _) = 0, await head(database, lane)
    while low < high:
        middle = (low + high) // 2
        found = await database[JOURNAL].find(batches_after(lane, middle), sort=[("_id", 1)], limit=1, fields={"at": 1})
        if found and found[0]["at"] < since:
            low = found[0]["_id"]["n"]
        else:
            high = middle
    return low


async def _batches(database: Database, lane: str, n: int) -> AsyncIterator[Document]:
    names = ("aggregate", "sequence", "command_id", "name", "messages")
    fields = {"at": 1, **{f"entries.{name}": 1 for name in names}}
    while True:
        page = await database[JOURNAL].find(batches_after(lane, n), sort=[("_id", 1)], limit=BATCHES, fields=fields)
        for batch in page:
            n = batch["_id"]["n"]
            yield batch
        if len(page) < BATCHES:
            return


def _entries(batch: Document, events: Collection[str]) -> list[Entry]:
    """Those of the events. A message's id counts all messages of its batch."""
    found: list[Entry] = []
    running = 0
    begin = f"events-{batch['_id']['lane']}-{batch['_id']['n']}-"
    for entry in batch["entries"]:
        messages: list[tuple[str, bytes]] = []
        said: Said | None = None
        for message in entry["messages"]:
            running += 1
            if message["topic"] == EVENTS and message["value"] is not None:
                said = Said(from_json(message["value"]).get("capacity"))
            if message["topic"] in {RSVPS, PUBLIC}:
                sent = Sent(id=f"{begin}{running}", **{name: message[name] for name in MESSAGE})
                messages.append((sent.id, digest_of(sent)))
        if entry["aggregate"] in events:
            own = {name: entry[name] for name in ("aggregate", "sequence", "command_id", "name")}
            found.append(Entry(**own, messages=tuple(messages), at=batch["at"], said=said))
    return found


async def waiting(databases: Mapping[str, Database], field: Field) -> list[str]:
    """Handoffs and parked messages that concern the run, over all services."""
    own = {*field.events, *field.members, field.group_id}
    found: list[str] = []
    for service, database in databases.items():
        for one in await database[HANDOFFS].find({}, fields={"aggregate": 1, "name": 1}):
            if own.intersection(_names(one["aggregate"])):
                found.append(f"{service}: {one['name']} for {one['aggregate']} waits in handoffs")
        for one in await database[PARKED].find({"culprit": True}, fields={"subject": 1, "topic": 1, "reason": 1}):
            if own.intersection(_names(one["subject"] or "")):
                found.append(f"{service}: a message of {one['topic']} for {one['subject']} is parked: {one['reason']}")
    return found


def _names(aggregate: str) -> Sequence[str]:
    """An id may be made of two."""
    return (aggregate, *aggregate.split(":"))


async def _some(ids: Iterable[str]) -> AsyncIterator[list[str]]:
    waiting = iter(ids)
    while some := list(islice(waiting, IDS)):
        yield some
