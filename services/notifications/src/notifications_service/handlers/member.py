"""Members are met: their first authenticated call here becomes known to the service that numbers them."""

from datetime import datetime
from typing import Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from notifications_service.domain.member import MemberMet

MEET: Final = "member.meet"


def meeting(member_id: str, forgotten: str | None = None) -> Command:
    """The command that makes a member met; the same one however often they are.

    forgotten: the request that had who had this id before forgotten, of whom the others know nothing any more.
    """
    parts, body = ((), {}) if forgotten is None else ((forgotten,), {"back": True})
    return Command(derived_id("seen", member_id, *parts), MEET, member_id, body, actor=member_id)


def decide_meet(met: bool, command: Command, now: datetime) -> Outcome[bool]:
    """The state is whether the member has been met before."""
    news = not met or command.body.get("back", False)
    return Outcome(True, [MemberMet(command.aggregate)]) if news else Outcome(met)
