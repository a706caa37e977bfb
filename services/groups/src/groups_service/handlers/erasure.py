"""What becomes of a member's own documents when they are forgotten: one command for each, handed over by the worker."""

from datetime import datetime
from typing import Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from groups_service.domain import circle as circles
from groups_service.domain import member as members
from groups_service.handlers.group import Situation, decided
from groups_service.handlers.member import Known

ERASE_MEMBERSHIP: Final = "membership.erase"
ERASE_MEMBER: Final = "member.erase"


def membership(group_id: str, member_id: str, version: int) -> Command:
    """version: of the membership that was found, so that one who joins again meanwhile is erased again."""
    id_ = derived_id("erase", group_id, member_id, str(version))
    return Command(id_, ERASE_MEMBERSHIP, group_id, {"member_id": member_id})


def member(member_id: str, version: int) -> Command:
    return Command(derived_id("erase", member_id, str(version)), ERASE_MEMBER, member_id, {})


def decide_membership(situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    member_id = command.body["member_id"]
    return decided(situation, now, lambda circle: circles.erase(circle, member_id, now), about=member_id)


def decide_member(known: Known, command: Command, now: datetime) -> Outcome[Known]:
    facts = members.erase(known.member)
    member = known.member
    for fact in facts:
        member = members.evolve(member, fact, now)
    return Outcome(Known(member, known.number), facts)
