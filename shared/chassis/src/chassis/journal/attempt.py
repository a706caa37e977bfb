"""One try at committing a batch: gather, load, decide, write, in one snapshot.

Everything before `write` can be thrown away; nothing in here answers anybody.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

import structlog

from chassis.journal import spreading
from chassis.journal.command import Command, Unstorable
from chassis.journal.decision import Deciders, Result
from chassis.journal.documents import Documents, NotRead, Query, Read
from chassis.journal.handoff import command_of, handoff_write, waiting
from chassis.journal.lease import later
from chassis.journal.shape import HANDOFFS, JOURNAL, LANES, RESULTS, batch, counters, entry, number
from chassis.journal.spans import deciding, recorded
from chassis.journal.vault import Vault
from chassis.mongo import Database, DeleteOne, Document, InsertOne, Session

MAX_DOCUMENTS = 900
MAX_BYTES = 3_500_000
MAX_SECONDS = 0.7
MAX_MESSAGE = 240_000
ROUNDS = 6

log = structlog.get_logger(__name__)


class LostLease(RuntimeError):
    """Somebody else writes this lane now."""


@dataclass(slots=True)
class Decided:
    """What a batch came to, before it is written.

    results: new answers by command id; known: answers found from earlier; failed: a decision raised, nothing is
    recorded for it; put_back: commands for a later batch; handed: aggregate by id of the handoffs taken;
    asked: those of them for which a caller waits; removed: handoffs to remove; unknown: aggregates whose next handoff
    this release does not know; personal: decided commands that may hold somebody's own text.
    """

    now: datetime
    documents: Documents
    entries: list[Document] = field(default_factory=list)
    results: dict[str, Document] = field(default_factory=dict)
    known: dict[str, Document] = field(default_factory=dict)
    failed: dict[str, Exception] = field(default_factory=dict)
    put_back: set[str] = field(default_factory=set)
    children: list[Command] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    handed: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    personal: dict[str, Command] = field(default_factory=dict)
    bytes: int = 0
    more: bool = False

    @property
    def written(self) -> int:
        return self.documents.changed() + len(self.results) + len(self.children) + len(self.removed) + 1

    @property
    def stuck(self) -> set[str]:
        """Handoffs that must be decided some day but cannot be now."""
        return {id_ for id_ in self.failed if self.is_stuck(id_)}

    def is_stuck(self, command_id: str) -> bool:
        return command_id in self.failed and command_id in self.handed and command_id not in self.asked

    @property
    def worth_writing(self) -> bool:
        return bool(self.results or self.removed)


@dataclass(slots=True)
class Attempt:
    """The parts that every try of a lane shares."""

    database: Database
    deciders: Deciders
    vault: Vault
    lane: str
    owner: str
    lanes: int = 1
    generation: int = 0

    async def gather(
        self,
        direct: Sequence[Command],
        *,
        last: datetime | None,
        handoffs: int,
        blocked: Collection[str],
        session: Session,
    ) -> tuple[Decided, list[Command]]:
        """Begin the snapshot: the database's time, the lease, the handoffs, and what is already decided.

        Raises LostLease.
        """
        lane = await self.database[LANES].find_one(
            {"_id": self.lane}, fields={"owner": 1, "now": "$$NOW"}, session=session
        )
        if lane is None or lane["owner"] != self.owner:
            raise LostLease(self.lane)
        decided = Decided(now=later(lane["now"], last), documents=Documents())
        handed = await self._handed(decided, handoffs, blocked, lane["now"], session) if handoffs else []
        commands = list({command.id: command for command in (*direct, *handed)}.values())
        commands.sort(key=lambda command: not command.first)
        found = await self.database[RESULTS].find({"_id": {"$in": [c.id for c in commands]}}, session=session)
        decided.known = {document["_id"]: document for document in await self.vault.answers(found)}
        decided.removed += [id_ for id_ in decided.handed if id_ in decided.known]
        return decided, [command for command in commands if command.id not in decided.known]

    async def _handed(
        self, decided: Decided, limit: int, blocked: Collection[str], clock: datetime, session: Session
    ) -> list[Command]:
        found, decided.more = await waiting(self.database, self.lane, limit=limit, blocked=blocked, session=session)
        commands: list[Command] = []
        held: set[str] = set()
        for document in found:
            if document["name"] not in self.deciders:
                held.add(document["aggregate"])
                decided.unknown.add(document["aggregate"])
            elif document["aggregate"] in held:
                continue
            elif document["deadline"] is not None and document["deadline"] < clock:
                decided.removed.append(document["_id"])
            else:
                decided.handed[document["_id"]] = document["aggregate"]
                if document["deadline"] is not None:
                    decided.asked.add(document["_id"])
                commands.append(command_of(document))
        return await self.vault.opened(commands)

    async def load(self, commands: Sequence[Command], decided: Decided, session: Session) -> None:
        """Everything the decisions read, in bulk: one query per collection and round."""
        asking = list(commands)
        for _ in range(ROUNDS):
            wanted: dict[Read, None] = {}
            still: list[Command] = []
            for command in asking:
                missing = self._missing(command, decided)
                if missing:
                    wanted.update(dict.fromkeys(missing))
                    still.append(command)
            if not wanted:
                return
            await self._fetch(wanted, decided.documents, session)
            asking = still
        for command in asking:
            decided.failed[command.id] = RuntimeError(f"{command.name} names new documents without end")

    def _missing(self, command: Command, decided: Decided) -> list[Read]:
        """What a command still needs; one whose reads break fails alone."""
        try:
            return decided.documents.missing(self.deciders[command.name].reads(command, decided.documents))
        except Exception as error:
            log.exception("reads failed", command=command.name, aggregate=command.aggregate)
            decided.failed[command.id] = error
            return []

    async def _fetch(self, wanted: Iterable[Read], documents: Documents, session: Session) -> None:
        ids: dict[str, list[str]] = {}
        for read in wanted:
            if isinstance(read, Query):
                found = await self.database[read.collection].find(
                    read.filter(), sort=read.sort, limit=read.limit, session=session
                )
                documents.load_range(read, found)
            else:
                ids.setdefault(read.collection, []).append(read.id)
        for collection, some in ids.items():
            found = await self.database[collection].find({"_id": {"$in": some}}, session=session)
            documents.load(collection, some, found)

    def decide(self, commands: Sequence[Command], decided: Decided, refused: Collection[str]) -> None:
        """One after another, in arrival order; what does not fit the batch's bounds is put back.

        refused: commands whose own write the database refused, alone and twice.
        """
        started = monotonic()
        held: set[str] = set()
        for index, command in enumerate(commands):
            full = decided.written > MAX_DOCUMENTS or decided.bytes > MAX_BYTES or monotonic() - started > MAX_SECONDS
            if full and index:
                decided.put_back.update(later_one.id for later_one in commands[index:])
                return
            if command.aggregate in held:
                decided.put_back.add(command.id)
                continue
            children = len(decided.children)
            self._decide_one(command, decided, refused)
            due = any(child.first and child.aggregate == command.aggregate for child in decided.children[children:])
            if due or command.id in decided.put_back or decided.is_stuck(command.id):
                held.add(command.aggregate)

    def _decide_one(self, command: Command, decided: Decided, refused: Collection[str]) -> None:
        if command.id not in decided.failed:
            self._decided(command, decided, refused)
        if command.id in decided.failed and command.id in decided.asked:
            decided.removed.append(command.id)

    def _decided(self, command: Command, decided: Decided, refused: Collection[str]) -> None:
        documents = decided.documents
        try:
            if command.id in refused:
                result = Result(answer={}, refused="conflict", detail="Another record already holds this value.")
            elif recorded(command):
                with deciding(command) as step:
                    result = self._outcome(step, decided)
            else:
                result = self._outcome(command, decided)
        except NotRead:
            documents.drop()
            # An earlier decision of this batch led to documents nobody loaded; the next snapshot will have them.
            if decided.results:
                decided.put_back.add(command.id)
            else:
                decided.failed[command.id] = RuntimeError(f"{command.name} reads what it did not name")
            return
        except spreading.TooMuch:
            documents.drop()
            decided.put_back.add(command.id)
            return
        except Exception as error:
            documents.drop()
            log.exception("decision failed", command=command.name, aggregate=command.aggregate)
            decided.failed[command.id] = error
            return
        documents.keep(command.id)
        if self.deciders[command.name].personal is not None:
            decided.personal[command.id] = command
        decided.results[command.id] = {
            "_id": command.id,
            "at": decided.now,
            "fingerprint": command.fingerprint,
            **result.document(),
        }
        if command.id in decided.handed:
            decided.removed.append(command.id)

    def _outcome(self, command: Command, decided: Decided) -> Result:
        decider, documents, now = self.deciders[command.name], decided.documents, decided.now
        outcome = decider.decide(decider.load(command, documents), command, now)
        if command.name == spreading.SPREAD:
            decided.children += spreading.beside(decided.written, decider.tell(command, outcome, now).children)
            return Result(outcome.answer)
        if outcome.refused is not None or not outcome.facts:
            return Result(outcome.answer, outcome.created, outcome.refused, outcome.detail)
        decider.save(command, documents, outcome, now)
        told = decider.tell(command, outcome, now)
        root = documents.get(decider.root, command.aggregate)
        if root is None:
            raise RuntimeError(f"{command.name} saved no {decider.root} document for its aggregate")
        if any(_is_too_large(message.value) for message in told.messages):
            raise Unstorable("a message is larger than the relay's batches")
        numbered = number(counters(root), command.aggregate, tuple(told.messages))
        line = entry(command, outcome.facts, numbered)
        if told.children:
            causes = spreading.handed_on(command, told.children, line["sequence"])
            decided.children += spreading.beside(decided.written, causes)
        documents.put(decider.root, {**root, "journal": numbered.counters})
        decided.entries.append(line)
        decided.bytes += 500 + sum(len(message["value"] or "") + 300 for message in numbered.messages)
        return Result(outcome.answer, outcome.created, None, "", numbered.position)

    async def write(self, decided: Decided, n: int, mark: str, session: Session) -> None:
        """Batch first: it is the fence. Then documents, results, children and the removal of what was decided."""
        entries, results, children = await self.vault.sealed(
            decided.entries, decided.results.values(), decided.children, decided.personal
        )
        await self.database[JOURNAL].insert_one(batch(self.lane, n, mark, decided.now, entries), session=session)
        for collection, writes in decided.documents.writes().items():
            await self.database[collection].write(writes, session=session)
        if results:
            await self.database[RESULTS].write([InsertOne(result) for result in results], session=session)
        if children:
            await self.database[HANDOFFS].write(
                [handoff_write(child, lanes=self.lanes, generation=self.generation) for child in children],
                session=session,
            )
        if decided.removed:
            await self.database[HANDOFFS].write([DeleteOne({"_id": id_}) for id_ in decided.removed], session=session)


def _is_too_large(value: str | None) -> bool:
    """Counted in bytes only where characters leave a doubt: most messages are hundreds of them."""
    return value is not None and len(value) * 4 > MAX_MESSAGE and len(value.encode()) > MAX_MESSAGE
