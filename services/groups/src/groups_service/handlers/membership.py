"""Commands about memberships, and how they are decided."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result
from chassis.journal.personal import Personal
from chassis.journal.port import Ask, Journal
from groups_service.domain import circle as circles
from groups_service.domain import membership as memberships
from groups_service.domain.circle import NO_GROUP
from groups_service.domain.membership import Door, Membership
from groups_service.domain.permission import Role
from groups_service.domain.refusal import Refused
from groups_service.handlers.group import Situation, outcome

JOIN: Final = "membership.join"
JOIN_FOR_EVENT: Final = "membership.join-for-event"
APPROVE: Final = "membership.approve"
REJECT: Final = "membership.reject"
LEAVE: Final = "membership.leave"
CHANGE_ROLE: Final = "membership.change-role"


def _of(command: Command) -> str:
    member_id: str = command.body["member_id"]
    return member_id


ANSWERS: Final = Personal(_of, body=("answers",), answer=("answers",))
"""What people answered when they asked to join, which every answer about their membership repeats."""


async def join(journal: Journal, ask: Ask, group_id: str, member_id: str, answers: Sequence[str] | None) -> Result:
    """Join an open group, or ask to join one whose leaders decide. `answers` None leaves those given before."""
    given = None if answers is None else list(answers)
    return await journal.run(ask(name=JOIN, aggregate=group_id, body={"member_id": member_id, "answers": given}))


def join_for_event(ask: Ask, group_id: str, member_id: str, *, event_id: str, seen: int) -> Command:
    """The command of an RSVP that brings its member along; `seen`: the membership's version the RSVP knew of."""
    body = {"member_id": member_id, "event_id": event_id, "seen": seen}
    return ask(name=JOIN_FOR_EVENT, aggregate=group_id, body=body)


async def approve(journal: Journal, ask: Ask, group_id: str, member_id: str) -> Result:
    """A leader's yes to a request."""
    return await journal.run(ask(name=APPROVE, aggregate=group_id, body={"member_id": member_id}))


async def reject(journal: Journal, ask: Ask, group_id: str, member_id: str) -> Result:
    """A leader's no to a request."""
    return await journal.run(ask(name=REJECT, aggregate=group_id, body={"member_id": member_id}))


async def leave(journal: Journal, ask: Ask, group_id: str, member_id: str) -> Result:
    """Leave, or take a request back."""
    return await journal.run(ask(name=LEAVE, aggregate=group_id, body={"member_id": member_id}))


async def change_role(journal: Journal, ask: Ask, group_id: str, member_id: str, role: Role) -> Result:
    """Give a member a role."""
    return await journal.run(ask(name=CHANGE_ROLE, aggregate=group_id, body={"member_id": member_id, "role": role}))


@dataclass(frozen=True, slots=True)
class _Case:
    """Who it is about, who acts, and what the group's door is like."""

    who: Membership
    actor: Membership
    door: Door


def decide_join(situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    answers = command.body["answers"]
    given = None if answers is None else tuple(answers)
    decided = _decide(situation, command, now, lambda case: memberships.join(case.who, case.door, given))
    new = command.body["member_id"] not in situation.circle.people
    return replace(decided, created=decided.refused is None and new)


def decide_join_for_event(situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    event_id, seen = command.body["event_id"], command.body["seen"]
    return _decide(
        situation,
        command,
        now,
        lambda case: memberships.join_for_event(case.who, case.door, event_id=event_id, seen=seen),
    )


def decide_approve(situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    return _decide(situation, command, now, lambda case: memberships.approve(case.actor, case.who))


def decide_reject(situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    return _decide(situation, command, now, lambda case: memberships.reject(case.actor, case.who))


def decide_leave(situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    return _decide(situation, command, now, lambda case: memberships.leave(case.who))


def decide_change_role(situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    member_id, role = command.body["member_id"], command.body["role"]
    facts = circles.give_role(situation.circle, command.actor or "", member_id, role)
    return outcome(situation, facts, now, about=member_id)


def _decide(
    situation: Situation,
    command: Command,
    now: datetime,
    rule: Callable[[_Case], list[memberships.Fact] | Refused],
) -> Outcome[Situation]:
    circle, member_id = situation.circle, command.body["member_id"]
    group = circle.group
    if group is None:
        return outcome(situation, NO_GROUP, now)
    door = Door(group.details.join_mode, group.details.photo_required and not situation.photo)
    actor = circle.person(group.id, command.actor or "")
    facts = rule(_Case(circle.person(group.id, member_id), actor, door))
    return outcome(situation, facts if isinstance(facts, Refused) else [*facts], now, about=member_id)
