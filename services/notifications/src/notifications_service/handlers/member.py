"""Members are met: their first authenticated call here becomes known to the service that numbers them."""

from datetime import datetime
from typing import Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from notifications_service.domain.member import MemberMet

MEET: Final = "member.meet"


def meeting(member_id: str) -> Command:
    """The command that makes a member met; the same one however often they are."""
    return Command(derived_id("seen", member_id), MEET, member_id, {}, actor=member_id)


def decide_meet(met: bool, command: Command, now: datetime) -> Outcome[bool]:
    """The state is whether the member has been met before."""
    return Outcome(met) if met else Outcome(True, [MemberMet(command.aggregate)])
