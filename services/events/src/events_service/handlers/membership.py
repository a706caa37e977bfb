"""Commands that follow from people coming into groups and leaving them.

A consumer hands one such command to every lane, in the transaction that changes its projection, and each lane looks
for the RSVPs in its own turn. An RSVP is decided either before that turn, and is found, or after it, and has seen the
new membership: none slips through between the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from events_service.domain.group import MembershipStatus
from events_service.domain.membership import Held, settle
from events_service.handlers.port import Ask

SETTLE: Final = "membership.settle"


@dataclass(frozen=True, slots=True)
class Sweep:
    """The person's RSVPs of this lane, those of the latest events first.

    after: the last one looked at, whosesoever, where there may be others beyond it.
    """

    held: Sequence[Held]
    after: str | None


def settle_command(
    ask: Ask, aggregate: str, *, group_id: str, member_id: str, state: MembershipStatus, version: int
) -> Command:
    """aggregate: any name whose lane is the one that looks for its RSVPs."""
    body = {"group_id": group_id, "member_id": member_id, "state": state, "version": version}
    return ask(name=SETTLE, aggregate=aggregate, body=body)


def decide_settle(sweep: Sweep, command: Command, now: datetime) -> Outcome[Sweep]:
    body = command.body
    facts = settle(
        body["group_id"],
        body["member_id"],
        state=body["state"],
        version=body["version"],
        held=sweep.held,
        after=sweep.after,
    )
    return Outcome(sweep, facts)
