"""Commands about the inbox, and how they are decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result
from chassis.journal.port import Ask, Journal
from notifications_service.domain import inbox

READ: Final = "inbox.read"


def inbox_of(member_id: str) -> str:
    """What the ids of all of a member's lines begin with, and nobody else's."""
    return f"{derived_id('inbox', member_id)[:16]}."


@dataclass(frozen=True, slots=True)
class Lines:
    """Of the lines a command names: which are the member's, and which have been read. fresh: read by this decision."""

    own: frozenset[str]
    already: frozenset[str]
    fresh: tuple[str, ...] = ()


async def read(journal: Journal, ask: Ask, member_id: str, lines: Sequence[str]) -> Result:
    """Mark lines of the member's inbox as read."""
    return await journal.run(ask(name=READ, aggregate=member_id, body={"lines": list(lines)}))


def decide_read(lines: Lines, command: Command, now: datetime) -> Outcome[Lines]:
    """Refused with `no-such-line` when none of the named lines is the member's."""
    asked = command.body["lines"]
    if asked and not lines.own:
        return Outcome(lines, refused="no-such-line", detail="There is no such line in your inbox.")
    fact = inbox.read(asked, own=lines.own, already=lines.already)
    if fact is None:
        return Outcome(lines, answer={"read": 0, "asked": len(asked)})
    answer = {"read": len(fact.lines), "asked": len(asked)}
    return Outcome(Lines(lines.own, lines.already, fact.lines), [fact], answer)
