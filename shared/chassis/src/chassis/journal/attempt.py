"""One try at committing a batch: gather, load, decide, write, in one snapshot.

Everything before `write` can be thrown away; nothing in here answers anybody.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

import structlog

from chassis.journal import spreading
from chassis.journal.command import Command, Unstorable
from chassis.journal.decided import Decided
from chassis.journal.decision import Deciders, Result, own_text
from chassis.journal.documents import Documents, NotRead, Read
from chassis.journal.handoff import command_of, handoff_write, waiting
from chassis.journal.lease import EPOCH, Lease, later
from chassis.journal.reads import Reads
from chassis.journal.refusing import Refused
from chassis.journal.shape import HANDOFFS, JOURNAL, LANES, RESULTS, batch, counters, entry, number
from chassis.journal.slots import slots_of
from chassis.journal.spans import begun, deciding, recorded
from chassis.journal.timeguard import Reading, TimeGuard
from chassis.journal.vault import Spoken, Vault
from chassis.mongo import Database, DeleteOne, Document, Find, InsertOne, Session, Write

MAX_DOCUMENTS = 900
MAX_BYTES = 3_500_000
MAX_SECONDS = 0.7
MAX_MESSAGE = 240_000
ROUNDS = 6

log = structlog.get_logger(__name__)


class LostLease(RuntimeError):
    """Somebody else writes this lane now."""


@dataclass(slots=True)
class Attempt:
    """The parts that every try of a lane shares."""

    database: Database
    deciders: Deciders
    vault: Vault
    lane: str
    lease: Lease
    index: int = 0
    lanes: int = 1
    guard: TimeGuard = field(default_factory=TimeGuard)
    floors: Mapping[str, int] = field(default_factory=dict)

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

        Raises LostLease, Refused. A lease that ends earlier than when it was last taken is that of a database put back
        under us, whose head may be an older one.
        """
        until = self.lease.until
        decided = Decided(documents=Documents(self.lanes))
        handed = await self._handed(decided, handoffs, blocked, session) if handoffs else []
        commands = list({command.id: command for command in (*direct, *handed)}.values())
        commands.sort(key=lambda command: not command.first)
        wanted, _ = self._wanted(commands, decided)
        results = Find(RESULTS, {"_id": {"$in": [command.id for command in commands]}})
        reads = Reads(wanted)
        asked = monotonic()
        lane, known, *found = await self.database.read([self._lane, results, *reads.finds], session=session)
        decided.now = later(self._admitted(lane, until, asked), last)
        reads.take(decided.documents, found)
        decided.known = {document["_id"]: document for document in await self.vault.answers(known)}
        decided.removed += [id_ for id_ in decided.handed if id_ in decided.known]
        for id_ in decided.known:
            decided.failed.pop(id_, None)
        return decided, [command for command in commands if command.id not in decided.known]

    @property
    def _lane(self) -> Find:
        """Who writes the lane, whether it may be written, and the database's time."""
        return Find(LANES, {"_id": self.lane}, fields={"owner": 1, "until": 1, "stopped": 1, "now": "$$NOW"})

    def _admitted(self, found: Sequence[Document], until: datetime | None, asked: float) -> datetime:
        """The time, where this process may decide at it. until: the end of its lease as it knew it before it asked;
        asked: when that was, by the monotonic clock.

        Raises LostLease, Refused.
        """
        if not found or found[0]["owner"] != self.lease.owner or (found[0]["until"] or EPOCH) < (until or EPOCH):
            raise LostLease(self.lane)
        [lane] = found
        if lane.get("stopped"):
            raise Refused("stopped", lane["stopped"])
        if not self.guard.admits(Reading(lane["now"], asked, monotonic())):
            raise Refused("clock", f"the database's clock has stepped to {lane['now']}")
        now: datetime = lane["now"]
        return now

    async def _handed(self, decided: Decided, limit: int, blocked: Collection[str], session: Session) -> list[Command]:
        [lane] = await self.database.read([self._lane], session=session)
        clock = lane[0]["now"] if lane else EPOCH
        found, decided.more = await waiting(
            self.database, slots_of(self.index, self.lanes), limit=limit, blocked=blocked, session=session
        )
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
        """Everything else that the decisions read, in bulk: one query per collection and round."""
        asking: Sequence[Command] = commands
        for _ in range(ROUNDS):
            wanted, asking = self._wanted(asking, decided)
            if not wanted:
                return
            reads = Reads(wanted)
            reads.take(decided.documents, await self.database.read(reads.finds, session=session))
        for command in asking:
            decided.failed[command.id] = RuntimeError(f"{command.name} names new documents without end")

    def _wanted(self, commands: Iterable[Command], decided: Decided) -> tuple[Iterable[Read], list[Command]]:
        """What the commands still need, each once, and those of them that need something."""
        wanted: dict[Read, None] = {}
        still: list[Command] = []
        for command in commands:
            missing = self._missing(command, decided)
            if missing:
                wanted.update(dict.fromkeys(missing))
                still.append(command)
        return wanted, still

    def _missing(self, command: Command, decided: Decided) -> list[Read]:
        """What a command still needs; one whose reads break fails alone."""
        try:
            return decided.documents.missing(self.deciders[command.name].reads(command, decided.documents))
        except Exception as error:
            log.exception("reads failed", command=command.name, aggregate=command.aggregate)
            decided.failed[command.id] = error
            return []

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
                result = self._outcome(begun(command), decided)
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
            decided.personal.setdefault(command.id, Spoken(command))
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
        numbered = number(counters(root), command.aggregate, tuple(told.messages), self.floors)
        line = entry(command, outcome.facts, numbered)
        if told.children:
            causes = spreading.handed_on(command, told.children, line["sequence"])
            decided.children += spreading.beside(decided.written, causes)
        documents.put(decider.root, {**root, "journal": numbered.counters})
        decided.entries.append(line)
        if decider.personal is not None:
            decided.personal[command.id] = Spoken(command, [own_text(fact) for fact in outcome.facts])
        decided.bytes += 500 + sum(len(message["value"] or "") + 300 for message in numbered.messages)
        return Result(outcome.answer, outcome.created, None, "", numbered.position)

    async def write(self, decided: Decided, n: int, mark: str, session: Session) -> None:
        """Batch first: it is the fence. Then documents, results, children and the removal of what was decided."""
        entries, results, children = await self.vault.sealed(
            decided.entries, decided.results.values(), decided.children, decided.personal
        )
        writes: list[tuple[str, Sequence[Write]]] = [
            (JOURNAL, [InsertOne(batch(self.lane, n, mark, decided.now, entries))]),
            *decided.documents.writes().items(),
            (RESULTS, [InsertOne(result) for result in results]),
            (HANDOFFS, [handoff_write(child) for child in children]),
            (HANDOFFS, [DeleteOne({"_id": id_}) for id_ in decided.removed]),
        ]
        await self.database.write([(name, some) for name, some in writes if some], session=session)


def _is_too_large(value: str | None) -> bool:
    """Counted in bytes only where characters leave a doubt: most messages are hundreds of them."""
    return value is not None and len(value) * 4 > MAX_MESSAGE and len(value.encode()) > MAX_MESSAGE
