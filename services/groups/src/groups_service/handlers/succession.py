"""Commands of a group that nobody organizes, and how they are decided."""

from datetime import datetime
from typing import Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result
from chassis.journal.port import Ask, Journal
from chassis.times import when
from groups_service.domain import succession
from groups_service.handlers.group import Situation, decided

STEP_UP: Final = "group.step-up"
VOTE: Final = "group.vote"
LAPSE: Final = "group.lapse"


async def step_up(journal: Journal, ask: Ask, group_id: str) -> Result:
    """Take the group over as a co-organizer, or offer to as any other member."""
    return await journal.run(ask(name=STEP_UP, aggregate=group_id, body={}))


async def vote(journal: Journal, ask: Ask, group_id: str, candidate_id: str) -> Result:
    """Choose one of those who offer."""
    return await journal.run(ask(name=VOTE, aggregate=group_id, body={"candidate_id": candidate_id}))


def lapse(group_id: str, version: int, due: datetime, at: datetime) -> Command:
    """What was due in the group as of `version` shall happen.

    The same command however often it is asked for: once it has been decided, the group has another version, or nothing
    was due in that one. at: the database's time by which it was seen to be due.
    """
    id_ = derived_id("lapse", group_id, str(version), when(due) or "")
    return Command(id_, LAPSE, group_id, {"at": at.isoformat()})


def decide_step_up(situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    actor = command.actor or ""
    return decided(situation, now, lambda circle: succession.step_up(circle.there, circle.who(actor), now))


def decide_vote(situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    actor, candidate_id = command.actor or "", command.body["candidate_id"]
    return decided(situation, now, lambda circle: succession.vote(circle.there, circle.who(actor), candidate_id))


def decide_lapse(situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    """Nothing more than what is due. A clock that went back meanwhile does not undo that it was."""
    at = max(now, datetime.fromisoformat(command.body["at"]))
    return decided(situation, at, lambda circle: [])
