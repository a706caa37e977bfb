"""A group together with the memberships a decision concerns: one aggregate, so that counts and roles are exact."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from groups_service.domain import group as groups
from groups_service.domain import growth, people, succession
from groups_service.domain import invitation as invitations
from groups_service.domain import membership as memberships
from groups_service.domain.group import Details, Group, HandedOver
from groups_service.domain.invitation import Invited
from groups_service.domain.membership import CLOSED, Door, Joined, Membership
from groups_service.domain.permission import Action, Role
from groups_service.domain.refusal import Refused

Fact = groups.Fact | memberships.Fact | invitations.Fact

NO_GROUP: Final = Refused("group-not-found", "There is no such group.")


@dataclass(frozen=True, slots=True)
class Circle:
    """people: the memberships that are loaded, by member; whoever is missing among them never was a member, nor
    named by an invitation or a refusal."""

    group: Group | None = None
    people: Mapping[str, Membership] = field(default_factory=dict)

    @property
    def there(self) -> Group:
        """The group, of which it is known that there is one. Raises ValueError."""
        if self.group is None:
            raise ValueError("a circle without its group")
        return self.group

    def person(self, group_id: str, member_id: str) -> Membership:
        return self.people.get(member_id) or Membership(group_id, member_id)

    def who(self, member_id: str) -> Membership:
        return self.person(self.there.id, member_id)


def found(
    group_id: str, by: str, *, details: Details, instead: Sequence[str], taken: frozenset[str], number: int | None
) -> list[Fact] | Refused:
    """Create a group; whoever does is its organizer."""
    created = groups.create(group_id, by, details=details, instead=instead, taken=taken, number=number)
    if isinstance(created, Refused):
        return created
    return [*created, Joined(group_id, by, "organizer", ())]


def edit(
    circle: Circle, by: str, *, version: int, changes: dict[str, Any], taken: frozenset[str]
) -> list[Fact] | Refused:
    """Change what the group says of itself; leaders only."""
    if not circle.who(by).may(Action.EDIT_GROUP):
        return memberships.NOT_ALLOWED
    if circle.there.status == "closed":
        return CLOSED
    facts = groups.change(circle.there, by, version=version, changes=changes, taken=taken)
    return facts if isinstance(facts, Refused) else [*facts]


def door(circle: Circle, *, photo: bool) -> Door:
    """What somebody meets who comes with a photo in their profile, or without."""
    group = circle.there
    details = group.details
    missing = details.photo_required and not photo
    return Door(details.join_mode, missing, len(details.join_questions), shut=group.status == "closed")


def leave(circle: Circle, member_id: str, now: datetime) -> list[Fact] | Refused:
    """Go, also from a closed group. When the organizer does, the group looks for another."""
    who = circle.who(member_id)
    facts = memberships.leave(who)
    if isinstance(facts, Refused) or not facts:
        return facts if isinstance(facts, Refused) else []
    if who.role == "organizer":
        return [*facts, succession.left(circle.there, now)]
    return [*succession.gone(circle.there, who), *facts]


def erase(circle: Circle, member_id: str, now: datetime) -> list[Fact]:
    """The member goes, as if by their own wish, and what they said in the group goes with them."""
    if member_id not in circle.people:
        return []
    left = leave(circle, member_id, now)
    return [*([] if isinstance(left, Refused) else left), *memberships.erase(circle.who(member_id))]


def act(circle: Circle, by: str, member_id: str, rule: people.Rule) -> list[Fact] | Refused:
    """What one person does about another, by a rule of `people`; in a closed group nobody does anything."""
    who = circle.who(member_id)
    facts = rule(circle.who(by), who)
    if isinstance(facts, Refused):
        return facts
    if facts and circle.there.status == "closed":
        return CLOSED
    ends = any(isinstance(fact, memberships.Removed | memberships.Banned) for fact in facts)
    return [*(succession.gone(circle.there, who) if ends else ()), *facts]


def give_role(circle: Circle, by: str, member_id: str, role: Role) -> list[Fact] | Refused:
    """Give a role; the organizer's role changes hands, so that there is exactly one."""
    facts = act(circle, by, member_id, lambda actor, who: people.change_role(actor, who, role))
    if facts and not isinstance(facts, Refused) and role == "organizer":
        return [*facts, HandedOver(circle.there.id, by, member_id)]
    return facts


def evolve(circle: Circle, facts: Iterable[Fact], now: datetime) -> Circle:
    """The aggregate after the facts."""
    happened = list(facts)
    group, persons = circle.group, dict(circle.people)
    for fact in happened:
        if isinstance(fact, groups.Fact):
            group = groups.evolve(group, fact, now)
        if isinstance(fact, memberships.Fact):
            before = persons.get(fact.member_id) or Membership(fact.group_id, fact.member_id)
            persons[fact.member_id] = memberships.evolve(before, fact, now)
        if isinstance(fact, Invited):
            invitee = persons.get(fact.invitee_id) or Membership(fact.group_id, fact.invitee_id)
            persons[fact.invitee_id] = memberships.named(invitee)
    if group is not None:
        group = replace(
            group,
            member_count=group.member_count + memberships.headcount(happened),
            leaders=group.leaders + growth.leaders(circle.people, persons),
            today=growth.tally(group.today, happened, now),
        )
    return Circle(group, persons)


def touched(facts: Iterable[Fact]) -> list[str]:
    """Whose memberships the facts change, or whom they name, each once, in order."""
    return list(dict.fromkeys(member_id for fact in facts if (member_id := _about(fact)) is not None))


def _about(fact: Fact) -> str | None:
    if isinstance(fact, Invited):
        return fact.invitee_id
    return fact.member_id if isinstance(fact, memberships.Fact) else None
