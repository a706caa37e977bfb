"""Commands that follow from people coming into groups and leaving them.

A consumer hands over one such command, in the transaction that changes its projection. Its lane passes it on to the
other lanes, and each looks for the RSVPs in its own turn. An RSVP is decided either before that turn, and is found, or
after it, and has seen the new membership: none slips through between the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.port import Ask
from events_service.domain.group import MembershipStatus
from events_service.domain.membership import Held, settle, spread

SETTLE: Final = "membership.settle"


@dataclass(frozen=True, slots=True)
class Sweep:
    """The person's RSVPs of this lane, those of the latest events first.

    after: the last one looked at, whosesoever, where there may be others beyond it.
    elsewhere: an aggregate of every other lane that does not know of the change yet.
    """

    held: Sequence[Held]
    after: str | None
    lanes: int = 1
    elsewhere: Sequence[str] = ()


def settle_command(
    ask: Ask, aggregate: str, *, group_id: str, member_id: str, state: MembershipStatus, version: int
) -> Command:
    """aggregate: any name; its lane begins."""
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
    return Outcome(sweep, [*spread(sweep.lanes, sweep.elsewhere), *facts])
