"""Commands about members, and how they are decided."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result, refused
from chassis.journal.personal import Personal
from chassis.journal.port import Ask, Journal
from chassis.journal.seen import Seen, version_seen
from groups_service.domain import member as members
from groups_service.domain.member import Fact, Member, Profile
from groups_service.domain.refusal import Refused
from groups_service.handlers.answer import member_answer

REGISTER: Final = "member.register"
DESCRIBE: Final = "member.describe"

_OWN: Final = ("name", "bio", "photo", "city", "country", "lat", "lon", "topics")


def _of(command: Command) -> str:
    return command.aggregate


REGISTERS: Final = Personal(_of, answer=_OWN)
DESCRIBES: Final = Personal(_of, body=_OWN, answer=_OWN, topics=("groups.member.v1",))
"""What members say of themselves."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one member, and the number they get if they are new."""

    member: Member | None
    number: int | None


def registration(member_id: str, forgotten: str | None = None, *, trace: str | None = None) -> Command:
    """The command that makes a member known; the same one however often they are seen.

    forgotten: tells who was under this id before from who comes back.
    """
    parts = () if forgotten is None else (forgotten,)
    return Command(derived_id("seen", member_id, *parts), REGISTER, member_id, {}, actor=member_id, trace=trace)


def registration_by(ask: Ask, member_id: str) -> Command:
    """The same wish, when a message from another service says that the member was seen there."""
    return ask(name=REGISTER, aggregate=member_id, body={})


async def register(
    journal: Journal, member_id: str, forgotten: str | None = None, *, trace: str | None = None
) -> Result:
    """Make the member known and wait for it. trace: of the call by which they become known."""
    return await journal.run(registration(member_id, forgotten, trace=trace))


async def describe(journal: Journal, ask: Ask, member_id: str, profile: Profile, seen: Seen | None = None) -> Result:
    """Replace the member's profile. seen: what is to be replaced, None for any."""
    version = {} if seen is None else {"version": seen}
    return await journal.run(ask(name=DESCRIBE, aggregate=member_id, body={**asdict(profile), **version}))


def decide_register(known: Known, command: Command, now: datetime) -> Outcome[Known]:
    return _outcome(known, members.register(known.member, command.aggregate, known.number), now)


def decide_describe(known: Known, command: Command, now: datetime) -> Outcome[Known]:
    given = {name: value for name, value in command.body.items() if name != "version"}
    profile, seen = Profile(**{**given, "topics": tuple(given["topics"])}), command.body.get("version")
    if seen is not None:
        seen = version_seen(seen, 0 if known.member is None else known.member.version)
    return _outcome(known, members.describe(known.member, command.aggregate, known.number, profile, seen), now)


def _outcome(known: Known, facts: list[Fact] | Refused, now: datetime) -> Outcome[Known]:
    if isinstance(facts, Refused):
        return refused(known, facts)
    member = known.member
    for fact in facts:
        member = members.evolve(member, fact, now)
    answer = {} if member is None else member_answer(member)
    return Outcome(Known(member, known.number), facts, answer)
