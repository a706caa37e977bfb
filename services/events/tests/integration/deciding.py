"""Decisions without a journal: batches over a store, as the journal would load, decide and write them."""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from chassis.journal import Command, Documents, Outcome
from chassis.journal.decision import Outgoing, Told
from chassis.journal.documents import NotRead, Query, Read, Ref
from chassis.mongo import Database, Document, ReplaceOne, Write
from events_service.decisions import decisions
from events_service.domain.details import Details
from events_service.domain.place import Place
from events_service.handlers import event, membership, person, rsvp

NOW = datetime(2026, 11, 24, 18, 30, 0, 125_000, tzinfo=UTC)
DECISIONS = decisions("https://convene.test")
GROUP: Document = {
    "_id": "g",
    "v": 1,
    "number": 7,
    "urlname": "bakers",
    "name": "Bakers",
    "topics": ["Sour Dough"],
    "city": "São Paulo",
    "country": "br",
    "state": "SP",
    "lat": -23.5,
    "lon": -46.6,
    "timezone": "America/Sao_Paulo",
    "visibility": "public",
    "join_mode": "open",
    "status": "active",
    "organizer_id": "olga",
}
DETAILS = Details(
    title="Bread",
    starts_at="2026-12-01T18:30:00",
    ends_at="2026-12-01T21:00:00",
    timezone="America/Sao_Paulo",
    attendee_list="everyone",
    place=Place("hybrid", "Padaria", "Rua 1", -23.55, -46.63, "https://meet.test/1"),
    capacity=2,
    hosts=("hana",),
    topics=("Rust", "Open Source"),
)


class Store(Protocol):
    async def find(self, collection: str, ids: Iterable[str]) -> list[Document]: ...

    async def range(self, query: Query) -> list[Document]: ...

    async def write(self, writes: Mapping[str, Sequence[Write]]) -> None: ...


class InDatabase:
    """A batch's reads and writes as the journal sends them."""

    def __init__(self, database: Database, *, transactions: bool) -> None:
        self._database = database
        self._transactions = transactions

    async def find(self, collection: str, ids: Iterable[str]) -> list[Document]:
        return await self._database[collection].find({"_id": {"$in": list(ids)}})

    async def range(self, query: Query) -> list[Document]:
        return await self._database[query.collection].find(query.filter(), sort=query.sort, limit=query.limit)

    async def write(self, writes: Mapping[str, Sequence[Write]]) -> None:
        if not self._transactions:
            for collection, some in writes.items():
                await self._database[collection].write(some)
            return
        async with self._database.transaction() as session:
            for collection, some in writes.items():
                await self._database[collection].write(some, session=session)


@dataclass
class Deciding:
    """All lanes. `said`: every message so far; `waiting`: commands that decisions caused and nobody decided yet."""

    store: Store
    now: datetime = NOW
    said: list[Outgoing] = field(default_factory=list)
    waiting: list[Command] = field(default_factory=list)
    lanes: int = 1

    async def batch(self, *commands: Command, meanwhile: Awaitable[None] | None = None) -> list[Outcome[Any]]:
        """All the commands in one batch, continuations first; the outcomes in the order given.

        meanwhile: what commits after the batch's snapshot was taken and before it is written.
        """
        documents = await self._loaded(commands)
        if meanwhile is not None:
            await meanwhile
        outcomes: dict[str, Outcome[Any]] = {}
        for command in sorted(commands, key=lambda command: not command.first):
            decider = DECISIONS[command.name]
            try:
                outcome = decider.decide(decider.load(command, documents), command, self.now)
                if outcome.facts:
                    decider.save(command, documents, outcome, self.now)
                told = decider.tell(command, outcome, self.now) if outcome.facts else Told()
            except NotRead:
                assert outcomes, f"{command.name} reads what it did not name"
                self.waiting.append(command)
                documents.drop()
                continue
            self.said += told.messages
            self.waiting += told.children
            documents.keep(command.id)
            outcomes[command.id] = outcome
        await self.store.write(documents.writes())
        return [outcomes[command.id] for command in commands if command.id in outcomes]

    async def one(self, command: Command) -> Outcome[Any]:
        """The command alone, then all that follows from it."""
        [outcome] = await self.batch(command)
        await self.settle()
        return outcome

    async def settle(self) -> None:
        """Decide what waits, until nothing does."""
        while self.waiting:
            commands, self.waiting = {command.id: command for command in self.waiting}, []
            await self.batch(*commands.values())

    async def _loaded(self, commands: Sequence[Command]) -> Documents:
        documents = Documents(self.lanes)
        for _ in range(6):
            wanted: list[Read] = [
                read for command in commands for read in DECISIONS[command.name].reads(command, documents)
            ]
            missing = documents.missing(wanted)
            if not missing:
                return documents
            for read in missing:
                if isinstance(read, Query):
                    documents.load_range(read, await self.store.range(read))
            refs = [read for read in missing if isinstance(read, Ref)]
            for collection in {ref.collection for ref in refs}:
                ids = [ref.id for ref in refs if ref.collection == collection]
                documents.load(collection, ids, await self.store.find(collection, ids))
        raise AssertionError("reads name new documents without end")

    async def document(self, collection: str, id_: str) -> Document | None:
        return next(iter(await self.store.find(collection, [id_])), None)

    async def project(self, collection: str, document: Document) -> None:
        """What a consumer would write."""
        known = await self.document(collection, document["_id"])
        writes: list[Write] = [ReplaceOne({"_id": document["_id"]}, document)] if known else []
        if not writes:
            documents = Documents()
            documents.load(collection, [document["_id"]], [])
            documents.put(collection, document)
            documents.keep("projection")
            writes = documents.writes()[collection]
        await self.store.write({collection: writes})

    async def member(self, member_id: str, number: int, **changes: Any) -> None:
        """A profile that arrives, and the command that its arrival hands over."""
        await self.arrive(member_id, number, **changes)
        await self.settle()

    async def arrive(self, member_id: str, number: int, **changes: Any) -> None:
        """A consumer's transaction: profile and handoff."""
        profile = {"name": member_id.title(), "photo": None, "attendance": "everyone", **changes}
        await self.project("members", {"_id": member_id, "v": 1, "number": number, **profile})
        self.waiting.append(Command(f"number-{member_id}", person.NUMBER_ARRIVED, member_id, {}))

    async def membership(self, member_id: str, state: str, version: int) -> None:
        """A membership that arrives, and all that follows."""
        await self.turn(member_id, state, version)
        await self.settle()

    async def turn(self, member_id: str, state: str, version: int) -> None:
        """A consumer's transaction: membership and handed over sweep."""
        held = {"group_id": "g", "member_id": member_id, "state": state, "role": "member", "version": version}
        await self.project("memberships", {"_id": f"g:{member_id}", "v": 1, **held})
        self.waiting.append(sweep(member_id, state, version))

    async def event(self, **changes: Any) -> str:
        """A published event of the group's."""
        await self.project("groups", GROUP)
        details = asdict(replace(DETAILS, **changes))
        await self.one(Command("create", event.CREATE, "e", {"group_id": "g", "details": details}, actor="olga"))
        await self.one(act(event.PUBLISH, "e"))
        return "e"


def act(name: str, event_id: str, by: str = "olga", **body: Any) -> Command:
    return Command(f"{name}-{event_id}-{by}-{body}", name, event_id, body, actor=by)


def change(event_id: str, version: int, by: str = "olga", **changes: Any) -> Command:
    return act(event.CHANGE, event_id, by, version=version, changes=changes)


def answer(
    event_id: str, member_id: str, response: str = "yes", guests: int = 0, *, nth: int = 1, place: str | None = None
) -> Command:
    body = {"response": response, "guests": guests, **({} if place is None else {"place": place})}
    return Command(f"rsvp-{event_id}-{member_id}-{response}-{nth}", rsvp.RESPOND, event_id, body, actor=member_id)


def sweep(member_id: str, state: str, version: int) -> Command:
    body = {"group_id": "g", "member_id": member_id, "state": state, "version": version}
    id_ = f"sweep-{member_id}-{version}"
    return Command(id_, membership.SETTLE, f"sweep:g:{member_id}:0", body, actor=member_id, first=True)
