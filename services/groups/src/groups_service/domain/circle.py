"""A group together with the memberships a decision concerns: one aggregate, so that counts and roles are exact."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from groups_service.domain import group as groups
from groups_service.domain import membership as memberships
from groups_service.domain.group import Changed, Created, Details, Group, HandedOver
from groups_service.domain.membership import Joined, Membership
from groups_service.domain.permission import Action, Role
from groups_service.domain.refusal import Refused

Fact = groups.Fact | memberships.Fact

NO_GROUP: Final = Refused("group-not-found", "There is no such group.")


@dataclass(frozen=True, slots=True)
class Circle:
    """people: the memberships that are loaded, by member; whoever is missing among them never was a member."""

    group: Group | None = None
    people: Mapping[str, Membership] = field(default_factory=dict)

    def person(self, group_id: str, member_id: str) -> Membership:
        return self.people.get(member_id) or Membership(group_id, member_id)


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
    if circle.group is None:
        return NO_GROUP
    if not circle.person(circle.group.id, by).may(Action.EDIT_GROUP):
        return memberships.NOT_ALLOWED
    facts = groups.change(circle.group, by, version=version, changes=changes, taken=taken)
    return facts if isinstance(facts, Refused) else [*facts]


def give_role(circle: Circle, by: str, member_id: str, role: Role) -> list[Fact] | Refused:
    """Give a role; the organizer's role changes hands, so that there is exactly one."""
    if circle.group is None:
        return NO_GROUP
    group_id = circle.group.id
    facts = memberships.change_role(circle.person(group_id, by), circle.person(group_id, member_id), role)
    if isinstance(facts, Refused):
        return facts
    if facts and role == "organizer":
        return [*facts, HandedOver(group_id, by, member_id)]
    return [*facts]


def evolve(circle: Circle, facts: Iterable[Fact], now: datetime) -> Circle:
    """The aggregate after the facts."""
    happened = list(facts)
    group, people = circle.group, dict(circle.people)
    for fact in happened:
        if isinstance(fact, Created | Changed | HandedOver):
            group = groups.evolve(group, fact, now)
        else:
            before = people.get(fact.member_id) or Membership(fact.group_id, fact.member_id)
            people[fact.member_id] = memberships.evolve(before, fact, now)
    if group is not None:
        group = replace(group, member_count=group.member_count + memberships.headcount(happened))
    return Circle(group, people)


def touched(facts: Iterable[Fact]) -> list[str]:
    """Whose memberships the facts change, each once, in order."""
    changed = (
        fact.member_id
        for fact in facts
        if not isinstance(fact, Created | Changed | HandedOver | memberships.JoinRefused)
    )
    return list(dict.fromkeys(changed))
