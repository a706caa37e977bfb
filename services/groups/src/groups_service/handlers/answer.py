"""What callers are told of groups, memberships and members: plain JSON values, the same from decisions and views."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from chassis.times import when
from groups_service.domain.group import Group
from groups_service.domain.invitation import Invitation
from groups_service.domain.member import Member
from groups_service.domain.membership import Membership
from groups_service.domain.network import Network
from groups_service.domain.vacancy import Vacancy

Answer = dict[str, Any]


def group_answer(group: Group) -> Answer:
    return {
        "group_id": group.id,
        "number": group.number,
        **_plain(asdict(group.details)),
        "status": group.status,
        "organizer_id": group.organizer_id,
        "succession": None if group.vacancy is None else succession_answer(group.vacancy),
        "member_count": group.member_count,
        "network_id": group.affiliation.network_id,
        "version": group.version,
        "created_at": when(group.created_at),
        "updated_at": when(group.updated_at),
    }


def succession_answer(vacancy: Vacancy) -> Answer:
    """How long the group may be without an organizer, and who offers to become it."""
    return {
        "freezes_at": when(vacancy.freezes_at),
        "closes_at": when(vacancy.closes_at),
        "decides_at": when(vacancy.decides_at),
        "candidates": [
            {"member_id": one.member_id, "since": when(one.since), "votes": one.votes} for one in vacancy.candidates
        ],
    }


def membership_answer(membership: Membership) -> Answer:
    return {
        "group_id": membership.group_id,
        "member_id": membership.member_id,
        "state": membership.state,
        "role": membership.role,
        "answers": list(membership.answers),
        "version": membership.version,
        "created_at": when(membership.created_at),
        "updated_at": when(membership.updated_at),
    }


def network_answer(network: Network) -> Answer:
    return {
        "network_id": network.id,
        "name": network.name,
        "reason": network.reason,
        "admins": list(network.admins),
        "dormant_after": network.dormant_after,
        "version": network.version,
        "created_at": when(network.created_at),
        "updated_at": when(network.updated_at),
    }


def invitation_answer(invitation: Invitation, now: datetime) -> Answer:
    """Without its token."""
    return {
        "invitation_id": invitation.id,
        "group_id": invitation.group_id,
        "member_id": invitation.member_id,
        "invited_by": invitation.by,
        "uses": invitation.uses,
        "used": len(invitation.used_by),
        "state": invitation.state(now),
        "version": invitation.version,
        "created_at": when(invitation.created_at),
        "updated_at": when(invitation.updated_at or invitation.created_at),
        "expires_at": when(invitation.expires_at),
    }


def member_answer(member: Member) -> Answer:
    return {
        "member_id": member.id,
        "number": member.number,
        **_plain(asdict(member.profile)),
        "version": member.version,
        "created_at": when(member.created_at),
        "updated_at": when(member.updated_at),
    }


def _plain(values: Answer) -> Answer:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
