"""Commands of a group's leaders about its people, and how they are decided."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final

from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result
from chassis.journal.port import Ask, Journal
from groups_service.domain import circle as circles
from groups_service.domain import people
from groups_service.domain.permission import Role
from groups_service.handlers.group import Decide, Situation, decided

APPROVE: Final = "membership.approve"
REJECT: Final = "membership.reject"
REMOVE: Final = "membership.remove"
BAN: Final = "membership.ban"
UNBAN: Final = "membership.unban"
CHANGE_ROLE: Final = "membership.change-role"


async def act(journal: Journal, ask: Ask, group_id: str, member_id: str, name: str) -> Result:
    """Approve, reject, remove, ban or unban; `name` is the command's."""
    return await journal.run(ask(name=name, aggregate=group_id, body={"member_id": member_id}))


async def change_role(journal: Journal, ask: Ask, group_id: str, member_id: str, role: Role) -> Result:
    """Give a member a role."""
    return await journal.run(ask(name=CHANGE_ROLE, aggregate=group_id, body={"member_id": member_id, "role": role}))


def decide_change_role(situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    member_id, role, actor = command.body["member_id"], command.body["role"], command.actor or ""
    return decided(situation, now, lambda circle: circles.give_role(circle, actor, member_id, role), about=member_id)


def _decide(rule: people.Rule, situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    member_id, actor = command.body["member_id"], command.actor or ""
    return decided(situation, now, lambda circle: circles.act(circle, actor, member_id, rule), about=member_id)


ACTS: Final[Mapping[str, Decide]] = {
    APPROVE: partial(_decide, people.approve),
    REJECT: partial(_decide, people.reject),
    REMOVE: partial(_decide, people.remove),
    BAN: partial(_decide, people.ban),
    UNBAN: partial(_decide, people.unban),
}
"""How each act upon one other person is decided, by the name of its command."""
