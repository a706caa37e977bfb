"""The journal against itself, against its results and against the documents it made.

Entries never change, so what was read once is remembered, and the next pass reads on from there. What is kept is one
number per aggregate and one per topic and subject, some 200 bytes each.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from chassis.journal.decision import Deciders
from chassis.journal.settle import trimmed_to
from chassis.journal.shape import JOURNAL, LANES, RESULTS, TRIMMED, batch_id, batches_after
from chassis.mongo import Database, Document, Session
from chassis.reconcile.documents import next_documents
from chassis.reconcile.findings import Findings, Stale
from chassis.reconcile.pace import Pace

YOUNG = timedelta(days=28)
"""Neither a result nor a record on a topic may be gone before it is so old; they are kept for 30 days."""
BATCHES = 4
"""How many batches are read at once: some hundred entries, some milliseconds of this process."""
IDS = 20_000
ROOTS = 500
ROOTS_HELD = 20_000
"""How many roots are read before the journal is read up to them: memory against being overtaken under load."""

FIELDS = {
    "at": 1,
    "entries.aggregate": 1,
    "entries.sequence": 1,
    "entries.command_id": 1,
    "entries.messages.topic": 1,
    "entries.messages.subject": 1,
    "entries.messages.sequence": 1,
}

Key = TypeVar("Key")
Line = tuple[str, str]
"""Topic (registry name) and subject."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Roots as one snapshot has them: at these heads of the lanes their counters are these."""

    heads: Mapping[str, int]
    roots: Mapping[str, Document]


@dataclass(slots=True)
class JournalBooks:
    """What has been read of the journal.

    places: by lane, the batch read last. highs: by aggregate, the last sequence. sent: by topic and subject, the last
    sequence. young: the same, of the first message that must still be on its topic.
    """

    database: Database
    pace: Pace
    jumps: Mapping[Line, int] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)
    places: dict[str, int] = field(default_factory=dict)
    highs: dict[str, int] = field(default_factory=dict)
    sent: dict[Line, int] = field(default_factory=dict)
    young: dict[Line, int] = field(default_factory=dict)
    entries: int = 0

    def __post_init__(self) -> None:
        self.findings.looked_for("batches_missing", "sequence_gaps", "message_gaps", "entries_without_result")

    async def compare_roots(self, deciders: Deciders) -> Findings:
        """Each aggregate's root document against its entries, up to the heads of the snapshot it was read in."""
        found = Findings()
        found.looked_for("counters_wrong")
        if not self.places:
            await self._begin()
        unseen: set[str] | None = None
        async for claims in self._claims(sorted({decider.root for decider in deciders.values()})):
            for claim in claims:
                await self.read_to(claim.heads)
                if unseen is None:  # whoever has an entry by now has a document in every later snapshot
                    unseen = set(self.highs)
                unseen.difference_update(claim.roots)
                for id_, counters in claim.roots.items():
                    if self._differ(id_, counters):
                        found.add("counters_wrong", id_)
        for id_ in unseen or ():
            found.add("counters_wrong", f"{id_}: no document")
        return found

    async def _begin(self) -> None:
        """Where what was trimmed ends: by lane, and what each aggregate had come to by then, both of one moment."""
        async with self.pace.step(), self.database.snapshot() as session:
            for lane in await lane_names(self.database, session):
                self.places[lane] = await trimmed_to(self.database, lane, session)
            for account in await self.database[TRIMMED].find({}, session=session) if any(self.places.values()) else ():
                self.highs[account["_id"]] = account["sequence"]
                self.sent.update(_lines(account["_id"], account["sent"]))

    async def _claims(self, collections: Iterable[str]) -> AsyncIterator[list[Claim]]:
        """In order of their heads; the first is about no root, so that the journal is read in any case."""
        async with self.pace.step(), self.database.snapshot() as session:
            held = [Claim(await heads(self.database, session), {})]
        for collection in collections:
            after: object = None
            while True:
                async with self.pace.step(), self.database.snapshot() as session:
                    documents = await next_documents(
                        self.database[collection],
                        session,
                        after=after,
                        limit=ROOTS,
                        where={"journal": {"$exists": True}},
                        fields={"journal": 1},
                    )
                    roots = {document["_id"]: document["journal"] for document in documents}
                    held.append(Claim(await heads(self.database, session), roots))
                if not documents:
                    break
                after = documents[-1]["_id"]
                if len(held) * ROOTS >= ROOTS_HELD:
                    yield held
                    held = []
        yield held

    def _differ(self, id_: str, counters: Document) -> bool:
        return bool(
            counters["sequence"] != self.highs.get(id_, 0)
            or any(not self._agrees(line, sequence) for line, sequence in _lines(id_, counters["sent"]))
        )

    def _agrees(self, line: Line, counter: int) -> bool:
        """A root learns of a jump at its next decision; until then its moved messages are that much ahead of it."""
        return self.sent.get(line, 0) in (counter, counter + self.jumps.get(line, 0))

    async def read_to(self, to: Mapping[str, int]) -> None:
        """Read on, to these batches of the lanes. Raises Stale."""
        for lane, n in to.items():
            while self.places.get(lane, -1) < n:
                async with self.pace.step(), self.database.snapshot() as session:
                    await self._read_some(lane, n, session)

    async def _read_some(self, lane: str, to: int, session: Session) -> None:
        place, trimmed = self.places.setdefault(lane, 0), await trimmed_to(self.database, lane, session)
        if place < trimmed:
            raise Stale(f"{lane} was trimmed to {trimmed} before it was read beyond {place}")
        batches = await self.database[JOURNAL].find(
            {"_id": {"$gt": batch_id(lane, place), "$lte": batch_id(lane, to)}},
            sort=[("_id", 1)],
            limit=BATCHES,
            fields={**FIELDS, "now": "$$NOW"},
            session=session,
        )
        for batch in batches:
            self._missing(lane, batch["_id"]["n"])
            self._take(batch)
        if not batches:
            self._missing(lane, to + 1)
            self.places[lane] = to
        await self._results(batches, session)

    def _missing(self, lane: str, n: int) -> None:
        expected = self.places[lane] + 1
        if n > expected:
            self.findings.add("batches_missing", f"{lane}: {expected} to {n - 1}", n - expected)
        self.places[lane] = n

    def _take(self, batch: Document) -> None:
        young = batch["at"] > batch["now"] - YOUNG
        for entry in batch["entries"]:
            self.entries += 1
            self._follow("sequence_gaps", self.highs, entry["aggregate"], entry["sequence"])
            for message in entry["messages"]:
                line = (message["topic"], message["subject"])
                self._follow("message_gaps", self.sent, line, message["sequence"], self.jumps.get(line, 0))
                if young:
                    self.young.setdefault(line, message["sequence"])

    def _follow(self, kind: str, highs: dict[Key, int], key: Key, sequence: int, jump: int = 0) -> None:
        before = highs.get(key, 0)
        if sequence not in (before + 1, before + 1 + jump):
            self.findings.add(kind, f"{key}: {before} is followed by {sequence}")
        highs[key] = sequence

    async def _results(self, batches: list[Document], session: Session) -> None:
        recent = [batch for batch in batches if batch["at"] > batch["now"] - YOUNG]
        ids = [entry["command_id"] for batch in recent for entry in batch["entries"]]
        if not ids:
            return
        found = await self.database[RESULTS].find({"_id": {"$in": ids}}, fields={"_id": 1}, session=session)
        for id_ in set(ids) - {document["_id"] for document in found}:
            self.findings.add("entries_without_result", id_)

    async def recount(self, to: Mapping[str, int]) -> Findings:
        """Count the batches that were read in earlier passes: they must still be there, but for trimmed ones."""
        found = Findings()
        for lane, last in to.items():
            place = 0
            while place < last:
                async with self.pace.step(), self.database.snapshot() as session:
                    place = max(place, await trimmed_to(self.database, lane, session))
                    end = min(last, place + IDS)
                    where = {"_id": {"$gt": batch_id(lane, place), "$lte": batch_id(lane, end)}}
                    count = await self.database[JOURNAL].count(where, session=session)
                if end > place and count != end - place:
                    missing = end - place - count
                    found.add("batches_missing", f"{lane}: {missing} between {place} and {end}", missing)
                place = max(place, end)
        return found

    async def unpublished(self, published: Mapping[str, int]) -> tuple[int, dict[Line, int]]:
        """Between what is published and what was read: how many batches hold messages, and the first by line."""
        firsts: dict[Line, int] = {}
        count = 0
        for lane, last in self.places.items():
            place = published.get(lane, 0)
            while place < last:
                async with self.pace.step():
                    batches = await self.database[JOURNAL].find(
                        {"_id": {"$gt": batch_id(lane, place), "$lte": batch_id(lane, last)}},
                        sort=[("_id", 1)],
                        limit=BATCHES,
                        fields=FIELDS,
                    )
                messages = [[m for entry in batch["entries"] for m in entry["messages"]] for batch in batches]
                count += sum(map(bool, messages))
                for message in (message for some in messages for message in some):
                    firsts.setdefault((message["topic"], message["subject"]), message["sequence"])
                place = batches[-1]["_id"]["n"] if batches else last
        return count, firsts


def _lines(aggregate: str, sent: Mapping[str, int]) -> Iterator[tuple[Line, int]]:
    """An aggregate's counters by topic and subject; the journal leaves out a subject that is the aggregate itself."""
    for name, sequence in sent.items():
        topic, _, subject = name.partition(":")
        yield (topic, subject or aggregate), sequence


async def heads(database: Database, session: Session) -> dict[str, int]:
    """The last batch of each lane in this snapshot, lanes of an earlier generation first."""
    found: dict[str, int] = {}
    for lane in await lane_names(database, session):
        last = await database[JOURNAL].find_one(
            batches_after(lane, 0), sort=[("_id", -1)], fields={"_id": 1}, session=session
        )
        found[lane] = 0 if last is None else int(last["_id"]["n"])
    return found


async def lane_names(database: Database, session: Session | None = None) -> list[str]:
    """All lanes, of all generations, in the order in which they decided for an aggregate."""
    rows = await database[LANES].find({"_id": {"$regex": r"^\d+\.\d+$"}}, fields={"_id": 1}, session=session)
    return sorted((row["_id"] for row in rows), key=lambda lane: tuple(map(int, lane.split("."))))
