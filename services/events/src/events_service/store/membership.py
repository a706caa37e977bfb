"""What follows from a changed membership: the person's RSVPs of one lane, and `sweeps`, which counts such changes."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime
from operator import itemgetter

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, Query, Read, Ref
from chassis.mongo import Database, Document
from events_service.domain.membership import STEPS, Held, settle
from events_service.handlers.membership import Sweep
from events_service.store.projection import MEMBERSHIPS, membership_id
from events_service.store.rsvp import RSVPS

SWEEPS = "sweeps"


def sweep_aggregate(group_id: str, member_id: str, attempt: int = 0) -> str:
    return f"sweep:{group_id}:{member_id}:{attempt}"


async def unsettled(database: Database) -> AsyncIterator[list[Document]]:
    """Memberships, as their topic has them, of people with an RSVP that should have followed and has not; in portions,
    the same one perhaps in several. Of past events too, where nothing follows any more."""
    after = ""
    while found := await database[RSVPS].find(
        {"live": True, "_id": {"$gt": after}},
        sort=[("_id", 1)],
        limit=STEPS,
        fields={"event_id": 1, "group_id": 1, "member_id": 1, "status": 1, "seen": 1},
    ):
        held: dict[str, list[Held]] = {}
        for rsvp in found:
            of = held.setdefault(membership_id(rsvp["group_id"], rsvp["member_id"]), [])
            of.append(Held(rsvp["event_id"], rsvp["status"], rsvp["seen"]))
        there = await database[MEMBERSHIPS].find({"_id": {"$in": sorted(held)}, "state": {"$exists": True}})
        yield [one for one in there if _follows(one, held[one["_id"]])]
        after = found[-1]["_id"]


def _follows(membership: Document, held: Sequence[Held]) -> bool:
    who, state = (membership["group_id"], membership["member_id"]), membership["state"]
    return bool(settle(*who, state=state, version=membership["version"], held=held, after=None))


class SweepStore:
    """What a sweep looks at, in the lane whose turn it is."""

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        return (Ref(SWEEPS, command.aggregate), _held(command, documents))

    def load(self, command: Command, documents: Documents) -> Sweep:
        """Other lanes' RSVPs are theirs to settle; of one step's, those of the latest events come first."""
        lane = documents.lane_of(command.aggregate)
        found = documents.range(_held(command, documents))
        return Sweep(
            [
                Held(rsvp["event_id"], rsvp["status"], rsvp["seen"])
                for rsvp in sorted(found, key=itemgetter("starts"), reverse=True)
                if rsvp["live"] and documents.lane_of(rsvp["event_id"]) == lane
            ],
            after=found[-1]["_id"] if len(found) >= STEPS else None,
            lanes=documents.lanes,
            elsewhere=elsewhere(
                command,
                documents,
                lambda attempt: sweep_aggregate(command.body["group_id"], command.body["member_id"], attempt),
            ),
        )

    def save(self, command: Command, documents: Documents, outcome: Outcome[Sweep], now: datetime) -> None:
        swept(documents, command, now)


def swept(documents: Documents, command: Command, now: datetime) -> None:
    """The root of a sweep, of whatever kind."""
    before = documents.get(SWEEPS, command.aggregate)
    documents.put(SWEEPS, {**(before or {}), "_id": command.aggregate, "v": 1, "at": now})


def elsewhere(command: Command, documents: Documents, name_of: Callable[[int], str]) -> tuple[str, ...]:
    """For every other lane one aggregate that it decides for, when this sweep was asked for with another number of
    lanes in view; a consumer asks for one. name_of: the sweep's aggregates, by attempt."""
    if documents.lanes in (1, command.body.get("lanes", 1)):
        return ()
    found = {documents.lane_of(command.aggregate): command.aggregate}
    attempt = 0
    while len(found) < documents.lanes:
        name = name_of(attempt)
        found.setdefault(documents.lane_of(name), name)
        attempt += 1
    return tuple(name for name in found.values() if name != command.aggregate)


def _held(command: Command, documents: Documents) -> Query:
    """From where the step before has come to; from the start where that was among other lanes."""
    body = command.body
    where = (("group_id", body["group_id"]), ("member_id", body["member_id"]), ("live", True))
    after = body.get("after", "") if body.get("lanes", 1) == documents.lanes else ""
    return Query(RSVPS, where, (("_id", 1),), STEPS, after=after)
