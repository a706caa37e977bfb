"""Invitations: a leader's word that lets one person in, whatever the group's way of joining, until it expires."""

from dataclasses import dataclass, replace
from datetime import datetime

from groups_service.domain import membership as memberships
from groups_service.domain.membership import BANNED, CLOSED, NOT_ALLOWED, PHOTO_MISSING, Door, Joined, Membership
from groups_service.domain.permission import Action
from groups_service.domain.refusal import Refused


@dataclass(frozen=True, slots=True)
class Invitation:
    """For one person, to be accepted once. by: the leader who invites."""

    id: str
    group_id: str
    member_id: str
    by: str
    created_at: datetime
    expires_at: datetime
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Invited:
    """Their membership is as it was until they accept."""

    group_id: str
    invitee_id: str
    by: str
    invitation_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    group_id: str
    by: str
    invitation_id: str


Fact = Invited | Accepted

UNKNOWN = Refused("invitation-not-found", "There is no such invitation for you.")


def invite(
    actor: Membership, membership: Membership, door: Door, *, invitation_id: str, expires_at: datetime
) -> list[Fact] | Refused:
    """Invite somebody who is no member; whoever is invited already is invited once more."""
    if not actor.may(Action.INVITE):
        return NOT_ALLOWED
    if door.shut:
        return CLOSED
    if membership.state == "active":
        return Refused("is-a-member", "They are a member already.")
    if membership.state == "banned":
        return Refused("banned", "They are banned: let them ask again first.")
    return [Invited(membership.group_id, membership.member_id, actor.member_id, invitation_id, expires_at)]


def accept(
    invitation: Invitation | None, membership: Membership, door: Door, now: datetime
) -> list[Fact | memberships.Fact] | Refused:
    """Come in by an invitation. A member does not need it any more: nothing changes, it is not used up."""
    if invitation is None or invitation.member_id != membership.member_id:
        return UNKNOWN
    if membership.state == "active":
        return []
    refused = _void(invitation, now) or _kept_out(membership, door)
    if refused is not None:
        return refused
    group_id, member_id = membership.group_id, membership.member_id
    joined = Joined(group_id, member_id, "member", membership.answers, approved_by=invitation.by)
    return [Accepted(group_id, member_id, invitation.id), joined]


def _void(invitation: Invitation, now: datetime) -> Refused | None:
    if invitation.accepted:
        return Refused("invitation-used", "This invitation was accepted before.")
    return Refused("invitation-expired", "This invitation has expired.") if now >= invitation.expires_at else None


def _kept_out(membership: Membership, door: Door) -> Refused | None:
    if door.shut:
        return CLOSED
    if membership.state == "banned":
        return BANNED
    return PHOTO_MISSING if door.photo_missing else None


def evolve(invitation: Invitation | None, fact: Fact, now: datetime) -> Invitation:
    """The invitation after the fact."""
    if isinstance(fact, Invited):
        return Invitation(fact.invitation_id, fact.group_id, fact.invitee_id, fact.by, now, fact.expires_at)
    if invitation is None:
        raise ValueError("nobody was invited")
    return replace(invitation, accepted=True)
