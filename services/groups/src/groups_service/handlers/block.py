"""Commands about blocks, and how they are decided. The aggregate is the member who blocks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result, refused
from chassis.journal.port import Ask, Journal
from groups_service.domain import block as blocks
from groups_service.domain import member as members
from groups_service.domain.refusal import Refused
from groups_service.handlers.member import Known

BLOCK: Final = "member.block"
UNBLOCK: Final = "member.unblock"


@dataclass(frozen=True, slots=True)
class Pair:
    """Who blocks, and whether they have blocked the other already."""

    known: Known
    blocked: bool


async def block(journal: Journal, ask: Ask, member_id: str, other_id: str) -> Result:
    """Neither shall see the other any more."""
    return await journal.run(ask(name=BLOCK, aggregate=member_id, body={"other_id": other_id}))


def unblock_command(member_id: str, other_id: str, made_at: datetime) -> Command:
    """Of who is forgotten: the block that was made then is taken back."""
    id_ = derived_id("erase", member_id, other_id, made_at.isoformat())
    return Command(id_, UNBLOCK, member_id, {"other_id": other_id}, actor=member_id)


async def unblock(journal: Journal, ask: Ask, member_id: str, other_id: str) -> Result:
    """Take a block back."""
    return await journal.run(ask(name=UNBLOCK, aggregate=member_id, body={"other_id": other_id}))


def decide_block(pair: Pair, command: Command, now: datetime) -> Outcome[Pair]:
    """Whoever blocks before being seen anywhere is made known by it."""
    member_id, other_id = command.aggregate, command.body["other_id"]
    known = members.register(pair.known.member, member_id, pair.known.number)
    facts = blocks.block(member_id, other_id, already=pair.blocked)
    if isinstance(facts, Refused):
        return refused(pair, facts)
    if isinstance(known, Refused):
        return refused(pair, known)
    member = pair.known.member
    for fact in known:
        member = members.evolve(member, fact, now)
    after = Pair(replace(pair.known, member=member), blocked=True)
    return _outcome(after, command, [*known, *facts] if facts else [])


def decide_unblock(pair: Pair, command: Command, now: datetime) -> Outcome[Pair]:
    facts = blocks.unblock(command.aggregate, command.body["other_id"], already=pair.blocked)
    return _outcome(replace(pair, blocked=False), command, facts)


def _outcome(pair: Pair, command: Command, facts: Sequence[members.Fact | blocks.Fact]) -> Outcome[Pair]:
    return Outcome(pair, facts, {"member_id": command.body["other_id"], "blocked": pair.blocked})
