"""Commands about invitations, and how they are decided."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result
from chassis.journal.port import Ask, Journal
from groups_service.domain import circle as circles
from groups_service.domain import invitation as invitations
from groups_service.handlers.answer import Answer, invitation_answer
from groups_service.handlers.group import Situation, decided

INVITE: Final = "invitation.invite"
ACCEPT: Final = "invitation.accept"


async def invite(journal: Journal, ask: Ask, group_id: str, member_id: str, *, days: int) -> Result:
    """Invite somebody, for so many days."""
    return await journal.run(ask(name=INVITE, aggregate=group_id, body={"member_id": member_id, "days": days}))


async def accept(journal: Journal, ask: Ask, group_id: str, member_id: str, token: str) -> Result:
    """Come into the group by the invitation that the token names."""
    return await journal.run(ask(name=ACCEPT, aggregate=group_id, body={"member_id": member_id, "token": token}))


def token_of(command: Command) -> str:
    """Names the invitation that a command is about."""
    token: str = derived_id("invitation", command.id) if command.name == INVITE else command.body["token"]
    return token


def decide_invite(situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    member_id, actor = command.body["member_id"], command.actor or ""
    expires_at = now + timedelta(days=command.body["days"])
    outcome = decided(
        situation,
        now,
        lambda circle: invitations.invite(
            circle.who(actor),
            circle.who(member_id),
            circles.door(circle, photo=True),
            invitation_id=token_of(command),
            expires_at=expires_at,
        ),
    )
    if outcome.refused is not None:
        return outcome
    return replace(outcome, created=True, answer=_answer(outcome.state))


def decide_accept(situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    member_id, photo = command.body["member_id"], situation.photo
    return decided(
        situation,
        now,
        lambda circle: invitations.accept(
            situation.invitation, circle.who(member_id), circles.door(circle, photo=photo), now
        ),
        about=member_id,
    )


def _answer(situation: Situation) -> Answer:
    if situation.invitation is None:
        raise ValueError("somebody was invited")
    return invitation_answer(situation.invitation)
