"""What people are told when somebody's standing in a group changes."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from chassis.frozen import frozen
from notifications_service.domain.notice import Cause, Kind, Notice

NEWS_TO_THEM: Final = frozenset({"by-invitation", "group-closed", "photo-required"})
"""Why an RSVP could not bring its member in, where they do not know it yet; who was put out has been told so."""


@frozen
class Invitation:
    """token: names it; nobody else can accept it. by: the leader who invites."""

    token: str
    by: str
    expires_at: datetime


@frozen
class Refusal:
    """An RSVP could not bring its member into the group."""

    event_id: str
    reason: str


@frozen
class Change:
    """A change of one person's standing in one group.

    said: what happened, in the message's own word. was: the state before, as far as anybody knows; role: now.
    approved: a leader's yes to a request.
    """

    said: str
    member: str
    group: str
    state: str
    was: str | None = None
    role: str = "member"
    approved: bool = False
    invitation: Invitation | None = None
    refusal: Refusal | None = None


def of_membership(change: Change, *, leaders: Collection[str], cause: Cause) -> list[Notice]:
    """What it tells: a request its group's leaders, everything else the member, unless they did it themselves."""
    if change.said == "join-refused":
        return _kept_out(change, cause)
    if change.said != "invited" and change.state == "pending" != change.was:
        return [
            Notice(kind=Kind.JOIN_ASKED, recipient=leader, cause=cause, group_id=change.group, about=change.member)
            for leader in sorted(set(leaders) - {change.member, cause.actor})
        ]
    notice = _to_the_member(change, cause)
    return [] if notice is None or change.member == cause.actor else [notice]


def _to_the_member(change: Change, cause: Cause) -> Notice | None:
    member, group, invitation = change.member, change.group, change.invitation
    if invitation is not None:
        details = {"token": invitation.token, "expires_at": invitation.expires_at.isoformat()}
        return Notice(Kind.GROUP_INVITED, member, cause, group, about=invitation.by, details=details)
    if change.said == "role-changed":
        return Notice(Kind.ROLE_CHANGED, member, cause, group, details={"role": change.role})
    if change.state == "active" != change.was and change.approved:
        return Notice(Kind.JOIN_APPROVED, member, cause, group)
    ended = _ended(change)
    if ended is None:
        return None
    return Notice(Kind.JOIN_REFUSED if ended == "pending" else Kind.GROUP_REMOVED, member, cause, group)


def _ended(change: Change) -> str | None:
    """What a leader's no ended: a request or a membership. A ban says no more than any other no."""
    match change.said:
        case "rejected":
            return "pending"
        case "removed":
            return "active"
        case "banned" if change.was in ("pending", "active"):
            return change.was
    return None


def _kept_out(change: Change, cause: Cause) -> list[Notice]:
    """The answer to an RSVP of their own, so it is sent although they are the actor."""
    refusal = change.refusal
    if refusal is None or refusal.reason not in NEWS_TO_THEM:
        return []
    details = {"reason": refusal.reason}
    return [Notice(Kind.JOIN_REFUSED, change.member, cause, change.group, event_id=refusal.event_id, details=details)]
