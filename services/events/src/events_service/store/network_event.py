"""`network_events`: what copies have in common, by network event's id; and `chapters`, by that and the group's.

A step goes through chapters in the order of their ids, so that one range of them is the next step.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, Query, Read, Ref
from chassis.mongo import Database, Document
from events_service.domain.chapter import STEPS, Chapter, Fact
from events_service.domain.details import details_of
from events_service.domain.group import OUTSIDER, Group, standing
from events_service.domain.network_event import NetworkEvent
from events_service.handlers.network_event import PLAN, REACH, Round
from events_service.store.network import NETWORKS, known_network
from events_service.store.projection import GROUPS, known_group, membership_of, membership_ref

NETWORK_EVENTS = "network_events"
CHAPTERS = "chapters"


def chapter_id(network_event_id: str, group_id: str) -> str:
    return f"{network_event_id}:{group_id}"


def network_event_document(found: NetworkEvent) -> Document:
    return {
        "_id": found.id,
        "v": 1,
        "network_id": found.network_id,
        "details": asdict(found.details),
        "listed": found.listed,
        "status": found.status,
        "going_round": found.going_round,
        "created_by": found.created_by,
        "created_at": found.created_at,
        "updated_at": found.updated_at,
        "version": found.version,
    }


def network_event_of(document: Document) -> NetworkEvent:
    return NetworkEvent(
        id=document["_id"],
        network_id=document["network_id"],
        details=details_of(document["details"]),
        created_by=document["created_by"],
        created_at=document["created_at"],
        updated_at=document["updated_at"],
        listed=document["listed"],
        status=document["status"],
        going_round=document["going_round"],
        version=document["version"],
    )


def chapter_document(found: NetworkEvent, chapter: Chapter) -> Document:
    own = {"_id": chapter_id(found.id, chapter.group_id), "v": 1, "network_id": found.network_id}
    return {**own, "network_event_id": found.id, **asdict(chapter)}


def chapter_of(document: Document) -> Chapter:
    return Chapter(
        document["group_id"],
        document["event_id"],
        document["state"],
        document["timezone"],
        document["attendee_list"],
        document["reason"],
    )


class NetworkEventStore:
    """Reads, loads and saves for decisions about a network event; its copies are aggregates of their own."""

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        """The network event and its network; the chapter concerned with who acts, or the chapters of a step."""
        first: Read = Ref(NETWORK_EVENTS, command.aggregate)
        yield first
        if documents.missing([first]):
            return
        network_id = _network_id(command, documents)
        if network_id is None:
            return
        yield Ref(NETWORKS, network_id)
        yield from _concerned(command, documents, network_id)

    def load(self, command: Command, documents: Documents) -> Round:
        held = documents.get(NETWORK_EVENTS, command.aggregate)
        found = None if held is None else network_event_of(held)
        network_id = _network_id(command, documents)
        if network_id is None:
            return Round(found, None)
        network = known_network(documents, network_id)
        if command.name == PLAN:
            step = documents.range(_planned(command, network_id))
            ids = [one["_id"] for one in step]
            rows = [documents.get(CHAPTERS, chapter_id(command.aggregate, id_)) for id_ in ids]
            parts = {row["group_id"]: chapter_of(row) for row in rows if row is not None}
            return Round(found, network, parts, _groups(documents, ids), _last(step))
        if command.name == REACH:
            step = documents.range(_reached(command))
            chapters = {row["group_id"]: chapter_of(row) for row in step}
            return Round(found, network, chapters, _groups(documents, chapters), _last(step))
        if "group_id" not in command.body:
            return Round(found, network)
        return _of_one(command, documents, Round(found, network))

    def save(self, command: Command, documents: Documents, outcome: Outcome[Round], now: datetime) -> None:
        found = outcome.state.network_event
        if found is None:
            raise ValueError("facts about a network event leave one")
        before = documents.get(NETWORK_EVENTS, command.aggregate) or {}
        documents.put(NETWORK_EVENTS, {**before, **network_event_document(found)})
        changed = {fact.group_id for fact in outcome.facts if isinstance(fact, Fact)}
        for group_id in sorted(changed):
            documents.put(CHAPTERS, chapter_document(found, outcome.state.chapters[group_id]))


def _network_id(command: Command, documents: Documents) -> str | None:
    held = documents.get(NETWORK_EVENTS, command.aggregate)
    network_id: str | None = held["network_id"] if held else command.body.get("network_id")
    return network_id


def _of_one(command: Command, documents: Documents, found: Round) -> Round:
    """With the chapter that the command is about, and who acts there."""
    group_id, actor = command.body["group_id"], command.actor or ""
    row = documents.get(CHAPTERS, chapter_id(command.aggregate, group_id))
    groups, ref = _groups(documents, [group_id]), membership_ref(group_id, actor)
    held = membership_of(documents.get(ref.collection, ref.id))
    membership = standing(groups[group_id], actor, held) if groups else OUTSIDER
    return replace(found, chapters={group_id: chapter_of(row)} if row else {}, groups=groups, membership=membership)


def _groups(documents: Documents, ids: Iterable[str]) -> dict[str, Group]:
    """Those of the groups that are there."""
    return {id_: group for id_ in ids if (group := known_group(documents, id_)) is not None}


def _last(step: Sequence[Document]) -> str | None:
    """Where the next step begins, if there may be one."""
    return step[-1]["_id"] if len(step) >= STEPS else None


def _concerned(command: Command, documents: Documents, network_id: str) -> Iterator[Read]:
    if command.name == PLAN:
        planned = _planned(command, network_id)
        yield planned
        if not documents.missing([planned]):
            yield from (Ref(CHAPTERS, chapter_id(command.aggregate, row["_id"])) for row in documents.range(planned))
    elif command.name == REACH:
        reached = _reached(command)
        yield reached
        if not documents.missing([reached]):
            yield from (Ref(GROUPS, row["group_id"]) for row in documents.range(reached))
    elif "group_id" in command.body:
        group_id = command.body["group_id"]
        yield Ref(CHAPTERS, chapter_id(command.aggregate, group_id))
        yield Ref(GROUPS, group_id)
        yield membership_ref(group_id, command.actor or "")


def _planned(command: Command, network_id: str) -> Query:
    """The network's next groups, as they are in it now."""
    return Query(GROUPS, (("network_id", network_id),), (("_id", 1),), STEPS, after=command.body["after"])


def _reached(command: Command) -> Query:
    """The next chapters, by their ids."""
    first, beyond = chapter_id(command.aggregate, ""), f"{command.aggregate};"
    return Query(CHAPTERS, (), (("_id", 1),), STEPS, after=command.body["after"] or first, before=beyond)


async def gone_elsewhere(database: Database) -> AsyncIterator[list[str]]:
    """Network events that have chapters which are in the network no more, in portions."""
    after = ""
    while found := await database[NETWORK_EVENTS].find(
        {"_id": {"$gt": after}}, sort=[("_id", 1)], limit=STEPS, fields={"network_id": 1}
    ):
        yield [one["_id"] for one in found if await _any_gone(database, one["_id"], one["network_id"])]
        after = found[-1]["_id"]


async def _any_gone(database: Database, network_event_id: str, network_id: str) -> bool:
    ids = {"$gt": chapter_id(network_event_id, ""), "$lt": f"{network_event_id};"}
    steps: list[Document] = [
        {"$match": {"_id": ids, "state": {"$in": ["planned", "skipped"]}}},
        {"$lookup": {"from": GROUPS, "localField": "group_id", "foreignField": "_id", "as": "group"}},
        {"$match": {"group.network_id": {"$ne": network_id}}},
        {"$limit": 1},
    ]
    return bool(await database[CHAPTERS].aggregate(steps))
