"""Commands about groups, and how they are decided."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from slugify import slugify

from chassis.ids import derived_id
from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Result, refused
from chassis.journal.port import Ask, Journal
from chassis.journal.seen import Seen, version_seen
from groups_service.domain import circle as circles
from groups_service.domain import invitation as invitations
from groups_service.domain import succession
from groups_service.domain.circle import NO_GROUP, Circle, Fact
from groups_service.domain.group import URLNAME_LENGTH, Details, is_urlname
from groups_service.domain.invitation import Given, Invitation
from groups_service.domain.refusal import Refused
from groups_service.handlers.answer import Answer, group_answer, membership_answer

CREATE: Final = "group.create"
CHANGE: Final = "group.change"
CLOSE: Final = "group.close"

_SEVERAL: Final = ("topics", "join_questions")


@dataclass(frozen=True, slots=True)
class Situation:
    """What a decision about a group and its people needs to know.

    taken: of the urlnames asked for, those that other groups have; number: the one a new group gets, None when there
    are none left; photo: whether the member in question has one; invitation: the one in question; apart: who acts and
    the member in question, by a block; forgotten: the member in question is; lately:
    what any group has given them.
    """

    circle: Circle
    taken: frozenset[str] = field(default_factory=frozenset)
    number: int | None = None
    photo: bool = False
    invitation: Invitation | None = None
    welcome: bool = False
    apart: bool = False
    forgotten: bool = False
    lately: tuple[Given, ...] = ()


Decide = Callable[[Situation, Command, datetime], Outcome[Situation]]


async def create(journal: Journal, ask: Ask, details: Details) -> Result:
    """Create a group. An empty urlname is made from the name, and made longer if somebody else has that one."""
    asked = ask(name=CREATE, aggregate="", body={**asdict(details), "instead": []})
    group_id = derived_id("group", asked.id)
    if not details.urlname:
        slug = slugify(details.name, max_length=URLNAME_LENGTH - 7, word_boundary=True)
        longer = f"{slug or 'group'}-{group_id[:6]}"
        wanted = slug if is_urlname(slug) else longer
        asked = replace(asked, body={**asked.body, "urlname": wanted, "instead": [longer, f"group-{group_id}"]})
    return await journal.run(replace(asked, aggregate=group_id))


async def change(journal: Journal, ask: Ask, group_id: str, *, version: Seen, changes: dict[str, Any]) -> Result:
    """Edit the group as the caller saw it at `version`."""
    return await journal.run(ask(name=CHANGE, aggregate=group_id, body={"version": version, "changes": changes}))


async def close(journal: Journal, ask: Ask, group_id: str) -> Result:
    """Close the group for good."""
    return await journal.run(ask(name=CLOSE, aggregate=group_id, body={}))


def decide_create(situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    body = {name: value for name, value in command.body.items() if name != "instead"}
    facts = circles.found(
        command.aggregate,
        command.actor or "",
        details=Details(**_tuples(body)),
        instead=command.body["instead"],
        taken=situation.taken,
        number=situation.number,
    )
    return replace(outcome(situation, facts, now), created=not isinstance(facts, Refused))


def decide_change(situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    body, actor = command.body, command.actor or ""
    changes = _tuples(body["changes"])

    def edited(circle: Circle) -> list[Fact] | Refused:
        version = version_seen(body["version"], circle.there.version)
        return circles.edit(circle, actor, version=version, changes=changes, taken=situation.taken)

    return decided(situation, now, edited)


def decide_close(situation: Situation, command: Command, now: datetime) -> Outcome[Situation]:
    actor = command.actor or ""
    return decided(situation, now, lambda circle: succession.close(circle.there, circle.who(actor)))


def decided(
    situation: Situation,
    now: datetime,
    rule: Callable[[Circle], Sequence[Fact] | Refused],
    *,
    about: str | None = None,
) -> Outcome[Situation]:
    """What a rule says of the group as it is once everything has happened that was due by now.

    about: as for `outcome`.
    """
    circle = situation.circle
    if circle.group is None:
        return outcome(situation, NO_GROUP, now)
    lapsed = succession.lapse(circle.group, now)
    facts = rule(circles.evolve(circle, lapsed, now))
    return outcome(situation, facts if isinstance(facts, Refused) else [*lapsed, *facts], now, about=about)


def outcome(
    situation: Situation, facts: list[Fact] | Refused, now: datetime, *, about: str | None = None
) -> Outcome[Situation]:
    """What a decision came to; `about`: the member whose membership is the answer, else the group is."""
    if isinstance(facts, Refused):
        return refused(situation, facts)
    invitation = situation.invitation
    for fact in facts:
        if isinstance(fact, invitations.Fact):
            invitation = invitations.evolve(invitation, fact, now)
    after = replace(situation, circle=circles.evolve(situation.circle, facts, now), invitation=invitation)
    return Outcome(after, facts, _answer(after.circle, about))


def _answer(circle: Circle, about: str | None) -> Answer:
    if circle.group is None:
        return {}
    if about is None:
        return group_answer(circle.group)
    return membership_answer(circle.person(circle.group.id, about))


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if name in _SEVERAL else value for name, value in values.items()}
