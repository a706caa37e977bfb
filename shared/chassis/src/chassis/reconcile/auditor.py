"""One pass over a service's books, and what the next pass may build on."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chassis import clock
from chassis.journal.decision import Deciders
from chassis.journal.keyring import Keyring
from chassis.journal.settle import trimmed_to
from chassis.journal.shape import LANES
from chassis.kafka import KafkaSettings
from chassis.mongo import Database
from chassis.reconcile.documents import Check
from chassis.reconcile.findings import Findings, Report, Stale
from chassis.reconcile.handoffs import HandoffBooks
from chassis.reconcile.journal import JournalBooks, lane_names
from chassis.reconcile.marks import MarkBooks
from chassis.reconcile.pace import Pace
from chassis.reconcile.renewed import Renewed, renewed
from chassis.reconcile.topics import TopicBooks
from chassis.relay.position import Place, read
from chassis.sealing import Sealer
from contracts.registry import topics

ATTEMPTS = 3
"""How often a pass begins from the start because what it had read was trimmed or truncated meanwhile."""


@dataclass(frozen=True)
class Books:
    """What a service has to prove, and where it is.

    consumed: registry names of the topics that it reads, as consumer group `group`. checks: of its own documents.
    secret: what members' keys are sealed under.
    """

    database: Database
    kafka: KafkaSettings
    service: str
    deciders: Deciders
    consumed: Sequence[str] = ()
    group: str | None = None
    checks: Sequence[Check] = ()
    secret: Sealer | None = None


@dataclass(slots=True)
class _Read:
    """What passes remember: what never changes is read once."""

    journal: JournalBooks
    topics: TopicBooks
    marks: MarkBooks | None
    past: Renewed
    at: float


@dataclass(slots=True)
class Auditor:
    """Makes passes. The first one reads everything; later ones what has come since, and all documents.

    full_every: seconds after which a pass reads everything again; one after a pass that found damage always does.
    idle: seconds for which a living writer may leave a handoff.
    """

    books: Books
    pace: Pace = field(default_factory=Pace)
    full_every: float = 0.0
    idle: float = 60.0
    _read: _Read | None = None
    _handoffs: HandoffBooks = field(init=False)

    def __post_init__(self) -> None:
        self._handoffs = HandoffBooks(self.books.database, self.pace, self.idle)

    async def look(self) -> Report:
        """One pass. Raises what the drivers raise when a server is away, TimeoutError; nothing is judged then."""
        for attempt in range(ATTEMPTS):
            try:
                return await self._pass()
            except Stale:
                self._read = None
                if attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError

    async def _pass(self) -> Report:
        past = await renewed(self.books.database)
        if self._read is None or self._read.past != past or clock.monotonic() - self._read.at >= self.full_every:
            self._read = self._begin(past)
        journal, topics_, marks = self._read.journal, self._read.topics, self._read.marks
        before = dict(journal.places)
        published = await self._published()
        await topics_.read_on(await self._trimmed())
        found = await journal.compare_roots(self.books.deciders)
        unpublished, waiting = await journal.unpublished(published)
        for part in (
            await journal.recount(before),
            topics_.missing(journal.sent, journal.young, waiting),
            _beyond(published, journal.places, self._read.past),
            topics_.findings,
            journal.findings,
        ):
            found.take(part)
        confirmed = await self._confirm(published, journal.places, unpublished) if found.sound else {}
        for check in self.books.checks:
            found.take(await check.run(self.books.database, self.pace))
        if marks is not None:
            found.take(await marks.compare())
        found.take(await self._handoffs.look())
        if not found.sound:
            self._read = None
        return Report(
            damage=found.counts,
            behind={
                "unpublished_batches": unpublished,
                "waiting_handoffs": self._handoffs.waiting,
                **({} if marks is None else {"unread_records": marks.unread}),
            },
            counted={"entries": journal.entries, "aggregates": len(journal.highs)},
            confirmed=confirmed,
            examples=found.examples,
        )

    def _begin(self, past: Renewed) -> _Read:
        books = self.books
        names = {name: topics()[name] for name in books.consumed}
        return _Read(
            JournalBooks(books.database, self.pace, past.jumps),
            TopicBooks(
                books.database,
                books.kafka,
                books.service,
                topics(),
                self.pace,
                past,
                Keyring(books.database, books.secret),
            ),
            None if books.group is None else MarkBooks(books.database, books.kafka, books.group, names, self.pace),
            past,
            clock.monotonic(),
        )

    async def _published(self) -> dict[str, int]:
        """How far each lane is published; asked for before anything is read, so that topics and journal hold it all."""
        kafka = self.books.kafka
        found: dict[str, int] = {}
        for lane in await lane_names(self.books.database):
            place = Place(kafka.topic(f"{self.books.service}.relay.v1"), int(lane.partition(".")[2]), lane)
            found[lane] = await read(kafka, place) or 0
        return found

    async def _trimmed(self) -> dict[str, int]:
        database = self.books.database
        async with database.snapshot() as session:
            return {lane: await trimmed_to(database, lane, session) for lane in await lane_names(database, session)}

    async def _confirm(self, published: dict[str, int], read_to: dict[str, int], unpublished: int) -> dict[str, int]:
        """Write down how far journal and topics agree: what retention may go by. Batches without messages need no
        topic, so where nothing is left to publish that is all that was read."""
        confirmed = {lane: n if not unpublished else published.get(lane, 0) for lane, n in read_to.items()}
        for lane, n in confirmed.items():
            await self.books.database[LANES].update_one({"_id": lane}, {"$max": {"confirmed_to": n}})
        return confirmed


def _beyond(published: dict[str, int], read_to: dict[str, int], past: Renewed) -> Findings:
    """Lanes whose position on Kafka is beyond the journal's end: a database restored from a backup."""
    found = Findings()
    found.looked_for("positions_beyond")
    for lane, n in published.items():
        if n > read_to.get(lane, 0) and not past.has_forgotten(lane):
            found.add("positions_beyond", f"{lane}: {n}, the journal ends at {read_to.get(lane, 0)}")
    return found


async def reconcile(books: Books) -> Report:
    """One whole pass, without rests."""
    return await Auditor(books).look()
