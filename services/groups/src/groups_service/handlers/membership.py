"""Commands about one's own membership, and how they are decided."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result
from chassis.journal.personal import Personal
from chassis.journal.port import Ask, Journal
from groups_service.domain import circle as circles
from groups_service.domain import membership as memberships
from groups_service.handlers.group import Situation, decided

JOIN: Final = "membership.join"
JOIN_FOR_EVENT: Final = "membership.join-for-event"
LEAVE: Final = "membership.leave"


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


async def leave(journal: Journal, ask: Ask, group_id: str, member_id: str) -> Result:
    """Leave, or take a request back."""
    return await journal.run(ask(name=LEAVE, aggregate=group_id, body={"member_id": member_id}))


def decide_join(situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    member_id, answers = command.body["member_id"], command.body["answers"]
    given, photo = None if answers is None else tuple(answers), situation.photo
    outcome = decided(
        situation,
        now,
        lambda circle: memberships.join(circle.who(member_id), circles.door(circle, photo=photo), given),
        about=member_id,
    )
    new = situation.circle.person(command.aggregate, member_id).state == "none"
    return replace(outcome, created=outcome.refused is None and new)


def decide_join_for_event(situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    body, photo = command.body, situation.photo
    member_id, event_id, seen = body["member_id"], body["event_id"], body["seen"]
    return decided(
        situation,
        now,
        lambda circle: memberships.join_for_event(
            circle.who(member_id), circles.door(circle, photo=photo), event_id=event_id, seen=seen
        ),
        about=member_id,
    )


def decide_leave(situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    member_id = command.body["member_id"]
    return decided(situation, now, lambda circle: circles.leave(circle, member_id, now), about=member_id)
