"""What follows from a changed membership: the person's RSVPs of one lane, and `sweeps`, which counts such changes."""

from collections.abc import Callable, Iterable
from datetime import datetime
from operator import itemgetter

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, Query, Read, Ref
from events_service.domain.membership import STEPS, Held
from events_service.handlers.membership import Sweep
from events_service.store.rsvp import RSVPS

SWEEPS = "sweeps"


def sweep_aggregates(group_id: str, member_id: str, lanes: int, lane_of: Callable[[str], int]) -> list[str]:
    """For every lane one aggregate that it decides for, always the same."""
    found: dict[int, str] = {}
    attempt = 0
    while len(found) < lanes:
        name = f"sweep:{group_id}:{member_id}:{attempt}"
        found.setdefault(lane_of(name), name)
        attempt += 1
    return [found[lane] for lane in sorted(found)]


class SweepStore:
    """lane_of: the index of the lane that decides for an aggregate."""

    def __init__(self, lane_of: Callable[[str], int]) -> None:
        self._lane_of = lane_of

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        return (Ref(SWEEPS, command.aggregate), _held(command))

    def load(self, command: Command, documents: Documents) -> Sweep:
        """Other lanes' RSVPs are theirs to settle; of one step's, those of the latest events come first."""
        lane = self._lane_of(command.aggregate)
        found = documents.range(_held(command))
        return Sweep(
            [
                Held(rsvp["event_id"], rsvp["status"], rsvp["seen"])
                for rsvp in sorted(found, key=itemgetter("starts"), reverse=True)
                if rsvp["live"] and self._lane_of(rsvp["event_id"]) == lane
            ],
            after=found[-1]["_id"] if len(found) >= STEPS else None,
        )

    def save(self, command: Command, documents: Documents, outcome: Outcome[Sweep], now: datetime) -> None:
        before = documents.get(SWEEPS, command.aggregate)
        documents.put(SWEEPS, {**(before or {}), "_id": command.aggregate, "v": 1, "at": now})


def _held(command: Command) -> Query:
    where = (("group_id", command.body["group_id"]), ("member_id", command.body["member_id"]), ("live", True))
    return Query(RSVPS, where, (("_id", 1),), STEPS, after=command.body.get("after", ""))
