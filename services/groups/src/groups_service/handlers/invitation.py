"""Commands about invitations, and how they are decided."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from chassis.ids import derived_id, random_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result
from chassis.journal.personal import Personal
from chassis.journal.port import Ask, Journal
from groups_service.domain import circle as circles
from groups_service.domain import invitation as invitations
from groups_service.handlers.answer import Answer, invitation_answer
from groups_service.handlers.group import Situation, decided

INVITE: Final = "invitation.invite"
OPEN: Final = "invitation.open"
ACCEPT: Final = "invitation.accept"
REVOKE: Final = "invitation.revoke"

SECRET: Final = Personal(lambda command: command.actor or "", body=("token",), answer=("token",), once=("token",))
"""The token of an open invitation: kept for a day, for nothing but a repeat of its maker's own request."""


async def invite(journal: Journal, ask: Ask, group_id: str, member_id: str, *, days: int) -> Result:
    """Invite somebody, for so many days."""
    return await journal.run(ask(name=INVITE, aggregate=group_id, body={"member_id": member_id, "days": days}))


async def open_to_all(journal: Journal, ask: Ask, group_id: str, *, days: int, uses: int) -> Result:
    """Invite whoever gets the token, which nobody can guess; a repeat of the request hears the same one again."""
    asked = ask(name=OPEN, aggregate=group_id, body={"days": days, "uses": uses})
    return await journal.run(replace(asked, body={**asked.body, "token": random_id()}))


async def accept(journal: Journal, ask: Ask, group_id: str, member_id: str, invitation_id: str) -> Result:
    """Come into the group by an invitation."""
    body = {"member_id": member_id, "invitation_id": invitation_id}
    return await journal.run(ask(name=ACCEPT, aggregate=group_id, body=body))


async def revoke(journal: Journal, ask: Ask, group_id: str, invitation_id: str) -> Result:
    """Take an invitation back."""
    return await journal.run(ask(name=REVOKE, aggregate=group_id, body={"invitation_id": invitation_id}))


def kept_as(token: str) -> str:
    """The id of the open invitation with this token, which does not follow from it."""
    return derived_id("open-invitation", token)


def id_of(command: Command) -> str:
    """Of the invitation that a command is about. One that names somebody has its id for a token, which is no secret; a
    group has one at a time for each."""
    if command.name == INVITE:
        return derived_id("invitation", command.aggregate, command.body["member_id"])
    if command.name == OPEN:
        return kept_as(command.body["token"])
    id_: str = command.body["invitation_id"]
    return id_


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
            before=situation.invitation,
            invitation_id=id_of(command),
            expires_at=expires_at,
            now=now,
            apart=situation.apart,
            forgotten=situation.forgotten,
            lately=situation.lately,
        ),
    )
    return _made(outcome, id_of(command), now)


def decide_open(situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    body, actor = command.body, command.actor or ""
    expires_at = now + timedelta(days=body["days"])
    outcome = decided(
        situation,
        now,
        lambda circle: invitations.open_to_all(
            circle.who(actor),
            circles.door(circle, photo=True),
            invitation_id=id_of(command),
            uses=body["uses"],
            expires_at=expires_at,
        ),
    )
    return _made(outcome, body["token"], now)


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


def decide_revoke(situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    actor = command.actor or ""
    outcome = decided(situation, now, lambda circle: invitations.revoke(circle.who(actor), situation.invitation, now))
    return outcome if outcome.refused is not None else replace(outcome, answer=_answer(outcome.state, now))


def _made(outcome: Outcome[Situation], token: str, now: datetime) -> Outcome[Situation]:
    if outcome.refused is not None:
        return outcome
    created = any(isinstance(fact, invitations.Invited | invitations.Opened) for fact in outcome.facts)
    return replace(outcome, created=created, answer={**_answer(outcome.state, now), "token": token})


def _answer(situation: Situation, now: datetime) -> Answer:
    if situation.invitation is None:
        raise ValueError("there is an invitation")
    return invitation_answer(situation.invitation, now)
