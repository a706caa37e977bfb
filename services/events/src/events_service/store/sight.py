"""What hiding and showing again look at: the events of a group or a member, then the RSVPs of each."""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Final

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, Query, Read, Ref
from chassis.mongo import Database, Document
from events_service.domain.rsvp import Hidden, Kept, Shown
from events_service.domain.sight import STEPS
from events_service.handlers.sight import Sight, Sweep
from events_service.store.event import EVENTS
from events_service.store.kept import keep
from events_service.store.ledger import LEDGERS, ledger_of, moved, terms_of
from events_service.store.membership import SWEEPS, elsewhere, swept
from events_service.store.projection import GROUPS, MEMBERS, known_group, people
from events_service.store.rsvp import RSVPS, document_id, rsvp_of

_SHOWN: Final = {"shown": {"$ne": None}}


def sight_aggregate(whose: str, attempt: int = 0) -> str:
    """whose: a member's or a group's id."""
    return f"sight:{whose}:{attempt}"


class SightSweepStore:
    """The events concerned, in the lane whose turn it is."""

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        return (Ref(SWEEPS, command.aggregate), _concerned(command, documents))

    def load(self, command: Command, documents: Documents) -> Sweep:
        """Other lanes' events are theirs to look at."""
        lane = documents.lane_of(command.aggregate)
        found = documents.range(_concerned(command, documents))
        events = (document.get("event_id") or document["_id"] for document in found)
        whose = command.body.get("member_id") or command.body["group_id"]
        return Sweep(
            [event_id for event_id in events if documents.lane_of(event_id) == lane],
            after=found[-1]["_id"] if len(found) >= STEPS else None,
            lanes=documents.lanes,
            elsewhere=elsewhere(command, documents, lambda attempt: sight_aggregate(whose, attempt)),
        )

    def save(self, command: Command, documents: Documents, outcome: Outcome[Sweep], now: datetime) -> None:
        swept(documents, command, now)


def _concerned(command: Command, documents: Documents) -> Query:
    """From where the step before has come to; from the start where that was among other lanes."""
    body = command.body
    after = body.get("after", "") if body.get("lanes", 1) == documents.lanes else ""
    if "member_id" in body:
        return Query(RSVPS, (("member_id", body["member_id"]),), (("_id", 1),), STEPS, after=after)
    return Query(EVENTS, (("group_id", body["group_id"]),), (("_id", 1),), STEPS, after=after)


class SightStore:
    """One event's RSVPs, a step of them or one person's, and who is who."""

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        event_id = command.aggregate
        rsvps = _rsvps(command)
        wanted: list[Read] = [Ref(LEDGERS, event_id), rsvps]
        yield from wanted
        if documents.missing(wanted):
            return
        ledger = documents.get(LEDGERS, event_id)
        if ledger is not None:
            yield Ref(GROUPS, ledger["group_id"])
        for rsvp in _found(rsvps, documents):
            yield Ref(MEMBERS, rsvp["member_id"])

    def load(self, command: Command, documents: Documents) -> Sight:
        ledger = documents.get(LEDGERS, command.aggregate)
        if ledger is None:
            return Sight(None, None, None, (), people(documents))
        rsvps = _rsvps(command)
        found = _found(rsvps, documents)
        return Sight(
            terms_of(ledger),
            known_group(documents, ledger["group_id"]),
            ledger_of(ledger),
            # who comes back after they were forgotten is somebody new: what was answered before is not theirs
            [rsvp_of(rsvp) for rsvp in found if not rsvp.get("erased")],
            people(documents),
            after=found[-1]["_id"] if isinstance(rsvps, Query) and len(found) >= STEPS else None,
        )

    def save(self, command: Command, documents: Documents, outcome: Outcome[Sight], now: datetime) -> None:
        ledger, before = outcome.state.ledger, documents.get(LEDGERS, command.aggregate)
        if ledger is None or before is None:
            raise ValueError("what is seen of an event belongs to a ledger")
        for fact in outcome.facts:
            if isinstance(fact, Shown | Kept | Hidden):
                _seen(documents, command, fact)
        documents.put(LEDGERS, moved(before, ledger))


async def groups_still_shown(database: Database) -> AsyncIterator[list[str]]:
    """Private groups of which the public stream still shows RSVPs, in portions."""
    async for found in _portions(database, GROUPS, {"visibility": "private"}):
        yield [group_id for group_id in found if await _is_shown(database, group_id)]


async def _is_shown(database: Database, group_id: str) -> bool:
    async for found in _portions(database, EVENTS, {"group_id": group_id}):
        theirs = {"event_id": {"$in": found}, **_SHOWN}
        if await database[RSVPS].find_one(theirs, fields={"_id": 1}) is not None:
            return True
    return False


async def members_still_shown(database: Database) -> AsyncIterator[list[str]]:
    """Members who hide their attendance, or are gone, of whom the public stream still shows RSVPs, in portions."""
    async for found in _portions(database, MEMBERS, {"attendance": {"$ne": "everyone"}}):
        steps: list[Document] = [
            {"$match": {"member_id": {"$in": found}, **_SHOWN}},
            {"$group": {"_id": "$member_id"}},
        ]
        yield [one["_id"] for one in await database[RSVPS].aggregate(steps)]


async def _portions(database: Database, collection: str, where: Document) -> AsyncIterator[list[str]]:
    """The ids, each once, by their order: what is read of them at a time does not grow with how many there are."""
    after = ""
    while found := await database[collection].find(
        {**where, "_id": {"$gt": after}}, sort=[("_id", 1)], limit=STEPS, fields={"_id": 1}
    ):
        yield [one["_id"] for one in found]
        after = found[-1]["_id"]


def _seen(documents: Documents, command: Command, fact: Shown | Kept | Hidden) -> None:
    rsvp = documents.get(RSVPS, document_id(command.aggregate, fact.member_id))
    if rsvp is None:
        raise ValueError("what is seen of an RSVP belongs to it")
    if isinstance(fact, Hidden):
        documents.put(RSVPS, {**rsvp, "shown": None})
        return
    documents.put(RSVPS, {**rsvp, "shown": fact.response, "mtime": fact.mtime})
    if isinstance(fact, Kept):
        keep(documents, command.aggregate, fact, command.trace)


def _rsvps(command: Command) -> Query | Ref:
    """One person's RSVP, or those of the event by their ids, from where the step before has come to."""
    event_id, member_id = command.aggregate, command.body.get("member_id")
    if member_id is not None:
        return Ref(RSVPS, document_id(event_id, member_id))
    first, beyond = document_id(event_id, ""), f"{event_id};"
    return Query(RSVPS, (), (("_id", 1),), STEPS, after=command.body.get("after", first), before=beyond)


def _found(rsvps: Query | Ref, documents: Documents) -> list[Document]:
    if isinstance(rsvps, Query):
        return documents.range(rsvps)
    one = documents.get(RSVPS, rsvps.id)
    return [] if one is None else [one]
