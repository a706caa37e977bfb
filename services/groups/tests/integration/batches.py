"""Decisions without a journal: batches over a store, as the journal would load, decide and write them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from chassis.journal import Command, Documents, Outcome, Ref
from chassis.mongo import Database, Document, Write
from groups_service.decisions import decisions
from groups_service.domain.group import Details
from groups_service.handlers import group, membership

NOW = datetime(2026, 11, 24, 18, 30, 0, 125_000, tzinfo=UTC)
DECISIONS = decisions()
DETAILS = Details(
    urlname="sp-rust",
    name="Rust São Paulo",
    city="São Paulo",
    country="BR",
    lat=-23.55,
    lon=-46.63,
    timezone="America/Sao_Paulo",
    topics=("Rust", "Open Source"),
    join_questions=("Why?",),
)


class Store(Protocol):
    async def find(self, collection: str, ids: Iterable[str]) -> list[Document]: ...

    async def write(self, writes: Mapping[str, Sequence[Write]]) -> None: ...


class InDatabase:
    """A batch's reads and writes as the journal sends them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, collection: str, ids: Iterable[str]) -> list[Document]:
        return await self._database[collection].find({"_id": {"$in": list(ids)}})

    async def write(self, writes: Mapping[str, Sequence[Write]]) -> None:
        async with self._database.transaction() as session:
            for collection, some in writes.items():
                await self._database[collection].write(some, session=session)


class OutsideTransaction(InDatabase):
    """PyMongo's own asyncio client begins transactions in another way than chassis.mongo's sessions do."""

    async def write(self, writes: Mapping[str, Sequence[Write]]) -> None:
        for collection, some in writes.items():
            await self._database[collection].write(some)


async def decide(store: Store, *commands: Command, now: datetime = NOW) -> list[Outcome[Any]]:
    """All the commands in one batch."""
    documents = Documents()
    for _ in range(5):
        wanted = [read for command in commands for read in DECISIONS[command.name].reads(command, documents)]
        missing = [read for read in documents.missing(wanted) if isinstance(read, Ref)]
        if not missing:
            break
        for collection in {ref.collection for ref in missing}:
            ids = [ref.id for ref in missing if ref.collection == collection]
            documents.load(collection, ids, await store.find(collection, ids))
    outcomes = []
    for command in commands:
        decider = DECISIONS[command.name]
        outcome = decider.decide(decider.load(command, documents), command, now)
        if outcome.facts:
            decider.save(command, documents, outcome, now)
            decider.tell(command, outcome, now)
        documents.keep(command.id)
        outcomes.append(outcome)
    await store.write(documents.writes())
    return outcomes


def create(group_id: str, by: str = "olga", urlname: str = DETAILS.urlname, instead: Sequence[str] = ()) -> Command:
    body = {**asdict(replace(DETAILS, urlname=urlname)), "instead": list(instead)}
    return Command(id=f"create-{group_id}", name=group.CREATE, aggregate=group_id, body=body, actor=by)


def rename(group_id: str, urlname: str, version: int = 1) -> Command:
    body = {"version": version, "changes": {"urlname": urlname}}
    return Command(id=f"rename-{group_id}-{urlname}", name=group.CHANGE, aggregate=group_id, body=body, actor="olga")


def join(group_id: str, member_id: str) -> Command:
    body = {"member_id": member_id, "answers": ["hello"]}
    return Command(id=f"join-{member_id}", name=membership.JOIN, aggregate=group_id, body=body, actor=member_id)


def command(name: str, group_id: str, actor: str, /, **body: Any) -> Command:
    return Command(id=f"{name}-{group_id}-{actor}-{body}", name=name, aggregate=group_id, body=body, actor=actor)


async def one(store: Store, collection: str, id_: str) -> Document | None:
    return next(iter(await store.find(collection, [id_])), None)
