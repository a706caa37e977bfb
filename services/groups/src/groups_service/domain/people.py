"""What leaders do about the people of their group: say yes and no, remove, ban, give roles."""

from collections.abc import Callable

from groups_service.domain.membership import (
    NOT_ALLOWED,
    Banned,
    Fact,
    Joined,
    Membership,
    Rejected,
    Removed,
    RoleChanged,
    Unbanned,
)
from groups_service.domain.permission import Action, Role
from groups_service.domain.refusal import Refused

Rule = Callable[[Membership, Membership], list[Fact] | Refused]
"""What one person, the first, does about another."""

ORGANIZER_STAYS = Refused("organizer-stays", "Somebody has to be the organizer: make another member the organizer.")
NO_MEMBER = Refused("not-a-member", "They are no member of this group.")


def approve(actor: Membership, membership: Membership) -> list[Fact] | Refused:
    """Say yes to a request. Saying it to a member changes nothing."""
    if not actor.may(Action.DECIDE_REQUESTS):
        return NOT_ALLOWED
    if membership.state == "active":
        return []
    if membership.state != "pending":
        return Refused("no-request", "They do not ask to join.")
    yes = Joined(membership.group_id, membership.member_id, "member", membership.answers, approved_by=actor.member_id)
    return [yes]


def reject(actor: Membership, membership: Membership) -> list[Fact] | Refused:
    """Say no to a request; they may ask again."""
    if not actor.may(Action.DECIDE_REQUESTS):
        return NOT_ALLOWED
    if membership.state != "pending":
        return Refused("no-request", "They do not ask to join.")
    return [Rejected(membership.group_id, membership.member_id, actor.member_id)]


def remove(actor: Membership, membership: Membership) -> list[Fact] | Refused:
    """Put a member out; they may ask again. Whoever is out already stays out: nothing changes."""
    refused = _out_of_reach(actor, membership)
    if refused is not None:
        return refused
    if membership.state == "pending":
        return Refused("not-a-member", "They only ask to join: reject their request.")
    if membership.state != "active":
        return []
    return [Removed(membership.group_id, membership.member_id, actor.member_id)]


def ban(actor: Membership, membership: Membership) -> list[Fact] | Refused:
    """Keep somebody out, a member or one who was or asks to be. Banning twice changes nothing."""
    refused = _out_of_reach(actor, membership)
    if refused is not None:
        return refused
    if membership.state == "banned":
        return []
    return [Banned(membership.group_id, membership.member_id, actor.member_id, membership.state)]


def unban(actor: Membership, membership: Membership) -> list[Fact] | Refused:
    """Let them ask again. It makes nobody a member, and of who is not banned it changes nothing."""
    refused = _out_of_reach(actor, membership)
    if refused is not None:
        return refused
    if membership.state != "banned":
        return []
    return [Unbanned(membership.group_id, membership.member_id, actor.member_id)]


def _out_of_reach(actor: Membership, membership: Membership) -> Refused | None:
    """Why this leader cannot put this person out, if so: who has a role goes only by who could take it from them."""
    if not actor.may(Action.REMOVE_PEOPLE):
        return NOT_ALLOWED
    if membership.state == "none":
        return NO_MEMBER
    if membership.role == "organizer":
        return ORGANIZER_STAYS
    return None if membership.role == "member" or actor.may(Action.CHANGE_ROLES) else NOT_ALLOWED


def change_role(actor: Membership, membership: Membership, role: Role) -> list[Fact] | Refused:
    """Give a role. Giving the organizer's hands the group over: whoever gives it becomes a co-organizer."""
    handing_over = role == "organizer"
    if not actor.may(Action.HAND_OVER if handing_over else Action.CHANGE_ROLES):
        return NOT_ALLOWED
    if membership.state != "active":
        return Refused("not-a-member", "Only members can have a role.")
    if membership.role == role:
        return []
    if membership.role == "organizer":
        return ORGANIZER_STAYS
    given = RoleChanged(membership.group_id, membership.member_id, actor.member_id, role)
    if not handing_over:
        return [given]
    return [RoleChanged(actor.group_id, actor.member_id, actor.member_id, "co_organizer"), given]
