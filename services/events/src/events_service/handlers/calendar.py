"""Commands about a member's calendar address, and how they are decided."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from chassis.ids import derived_id, random_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result
from chassis.journal.personal import Personal
from chassis.journal.port import Ask, Journal
from chassis.times import when
from events_service.domain import calendar
from events_service.domain.calendar import CalendarLink, Fact, evolve
from events_service.handlers.answer import Answer

GIVE: Final = "calendar.give"
REVOKE: Final = "calendar.revoke"
SECRET: Final = Personal(lambda command: command.actor or "", body=("token",), answer=("token",), once=("token",))
"""The secret is sealed under its member's key in the journal; what addresses are compared with is a digest."""


def calendar_aggregate(member_id: str) -> str:
    return f"calendar:{member_id}"


def digest_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()


async def give(journal: Journal, ask: Ask, member_id: str) -> Result:
    """A new address, in place of the one before."""
    asked = ask(name=GIVE, aggregate=calendar_aggregate(member_id), body={})
    return await journal.run(replace(asked, body={"token": random_id()}))


async def revoke(journal: Journal, ask: Ask, member_id: str) -> Result:
    """The address leads nowhere any more."""
    return await journal.run(ask(name=REVOKE, aggregate=calendar_aggregate(member_id), body={}))


def revoke_command(command_id: str, member_id: str) -> Command:
    """Of who is forgotten."""
    return Command(command_id, REVOKE, calendar_aggregate(member_id), {}, actor=member_id)


def decide_give(link: CalendarLink, command: Command, now: datetime) -> Outcome[CalendarLink]:
    token: str = command.body["token"]
    given = _outcome(link, calendar.give(link, digest_of(token)))
    made = {"calendar_id": derived_id("calendar", command.id), "version": 1, "created_at": when(now)}
    return replace(given, answer={**made, "updated_at": made["created_at"], "token": token}, created=True)


def decide_revoke(link: CalendarLink, command: Command, now: datetime) -> Outcome[CalendarLink]:
    return _outcome(link, calendar.revoke(link))


def _outcome(link: CalendarLink, facts: Sequence[Fact]) -> Outcome[CalendarLink]:
    for fact in facts:
        link = evolve(link, fact)
    answer: Answer = {}
    return Outcome(link, facts, answer)
