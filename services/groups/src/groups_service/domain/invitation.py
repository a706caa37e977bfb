"""Invitations: a leader's word that lets people in, whatever the group's way of joining, until it expires.

Some name the person they are for. Open ones are for whoever holds their token, up to a number of people.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from groups_service.domain import membership as memberships
from groups_service.domain.membership import BANNED, CLOSED, NOT_ALLOWED, PHOTO_MISSING, Door, Joined, Membership
from groups_service.domain.permission import Action
from groups_service.domain.refusal import Refused

State = Literal["open", "used", "expired", "revoked"]


@dataclass(frozen=True, slots=True)
class Invitation:
    """member_id: whom it is for, None = whoever holds its token. by: the leader who invites.

    uses: how many may come by it, each once; used_by: who did. updated_at: when that or a leader last changed it, None
    = never. `version` counts those changes, of one that names somebody also that it is given anew.
    """

    id: str
    group_id: str
    member_id: str | None
    by: str
    created_at: datetime
    expires_at: datetime
    uses: int = 1
    used_by: tuple[str, ...] = ()
    revoked: bool = False
    version: int = 1
    updated_at: datetime | None = None

    def state(self, now: datetime) -> State:
        """Whether it lets anybody in, or why it does not any more."""
        return standing(self.revoked, self.uses - len(self.used_by), self.expires_at, now)


@dataclass(frozen=True, slots=True)
class Invited:
    """Their membership is as it was until they accept. told: whether they are; not where one of the two blocks the
    other."""

    group_id: str
    invitee_id: str
    by: str
    invitation_id: str
    expires_at: datetime
    told: bool = True


@dataclass(frozen=True, slots=True)
class Opened:
    """A leader invites whoever gets the token, which is in no fact: the id follows from it, not the other way."""

    group_id: str
    by: str
    invitation_id: str
    uses: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    group_id: str
    by: str
    invitation_id: str


@dataclass(frozen=True, slots=True)
class Revoked:
    """A leader takes it back; who came by it stays."""

    group_id: str
    by: str
    invitation_id: str


Fact = Invited | Opened | Accepted | Revoked

AGAIN_AFTER: Final = timedelta(days=1)

A_DAY: Final = timedelta(days=1)
MOST_A_DAY: Final = 20
"""So many invitations reach one person within `A_DAY`, of all groups together: anybody can found many."""


@dataclass(frozen=True, slots=True)
class Given:
    """That some group has invited somebody. told: as in `Invited`."""

    at: datetime
    by: str
    told: bool


OVERTAKEN = Refused("invitation-overtaken", "You were put out or refused since: ask for another one.")
UNKNOWN = Refused("invitation-not-found", "There is no such invitation for you.")
_NO_MORE: dict[State, Refused] = {
    "revoked": Refused("invitation-revoked", "This invitation was taken back."),
    "used": Refused("invitation-used", "This invitation was accepted before, as often as it may be."),
    "expired": Refused("invitation-expired", "This invitation has expired."),
}


def standing(revoked: bool, left: int, expires_at: datetime, now: datetime) -> State:
    """left: how many may still come by it."""
    if revoked:
        return "revoked"
    if left <= 0:
        return "used"
    return "expired" if now >= expires_at else "open"


def invite(
    actor: Membership,
    membership: Membership,
    door: Door,
    *,
    before: Invitation | None,
    invitation_id: str,
    expires_at: datetime,
    now: datetime,
    apart: bool = False,
    forgotten: bool = False,
    lately: Sequence[Given] = (),
) -> list[Fact] | Refused:
    """Invite somebody who is no member. Each invitation is a mail to them: as long as one is open there is no other,
    nor in the day after one was made that was taken back, or that a leader's no overtook.

    before: the last that the group gave them; apart: one of the two blocks the other, and is told nothing; forgotten:
    who had this id is, and has not come back; lately: what whatever group has given them.
    """
    refused = _may_not(actor, door) or _not_wanted(membership, forgotten=forgotten)
    if refused is not None:
        return refused
    state = None if before is None else before.state(now)
    if before is not None and state in ("open", "revoked"):
        if state == "open" and not _overtaken(before, membership):
            return []
        if now - before.created_at < AGAIN_AFTER:
            return Refused("invited-lately", "They were invited less than a day ago.")
    if _counted(lately, actor.member_id, now) >= MOST_A_DAY:
        return Refused("invited-often", f"They were invited {MOST_A_DAY} times within a day: try again tomorrow.")
    told = not apart
    return [Invited(membership.group_id, membership.member_id, actor.member_id, invitation_id, expires_at, told)]


def open_to_all(
    actor: Membership, door: Door, *, invitation_id: str, uses: int, expires_at: datetime
) -> list[Fact] | Refused:
    """Invite whoever gets the token, so many people."""
    return _may_not(actor, door) or [Opened(actor.group_id, actor.member_id, invitation_id, uses, expires_at)]


def revoke(actor: Membership, invitation: Invitation | None, now: datetime) -> list[Fact] | Refused:
    """Take an invitation of the group back, whoever made it. One that lets nobody in any more stays as it is."""
    if not actor.may(Action.INVITE):
        return NOT_ALLOWED
    if invitation is None or invitation.group_id != actor.group_id:
        return Refused("invitation-not-found", "The group has no such invitation.")
    if invitation.state(now) != "open":
        return []
    return [Revoked(actor.group_id, actor.member_id, invitation.id)]


def accept(
    invitation: Invitation | None, membership: Membership, door: Door, now: datetime
) -> list[Fact | memberships.Fact] | Refused:
    """Come in by an invitation. A member does not need it any more: nothing changes, it is not used up."""
    if invitation is None or invitation.member_id not in (None, membership.member_id):
        return UNKNOWN
    if membership.state == "active":
        return []
    refused = _void(invitation, membership, now) or _kept_out(membership, door)
    if refused is not None:
        return refused
    group_id, member_id = membership.group_id, membership.member_id
    joined = Joined(group_id, member_id, "member", membership.answers, approved_by=invitation.by)
    return [Accepted(group_id, member_id, invitation.id), joined]


def _may_not(actor: Membership, door: Door) -> Refused | None:
    if not actor.may(Action.INVITE):
        return NOT_ALLOWED
    return CLOSED if door.shut else None


def _not_wanted(membership: Membership, *, forgotten: bool) -> Refused | None:
    """Why this person is not to be invited."""
    if forgotten:
        return Refused("member-not-found", "There is no such member.")
    if membership.state == "active":
        return Refused("is-a-member", "They are a member already.")
    if membership.state == "banned":
        return Refused("banned", "They are banned: let them ask again first.")
    return None


def _counted(lately: Sequence[Given], by: str, now: datetime) -> int:
    """How many of the day, as far as this leader can know: what a block keeps from them counts for who gave it alone,
    or the block would show by what is never refused."""
    return sum(now - one.at < A_DAY and (one.told or one.by == by) for one in lately)


def _void(invitation: Invitation, membership: Membership, now: datetime) -> Refused | None:
    state = invitation.state(now)
    if state != "revoked" and membership.member_id in invitation.used_by:
        return Refused("invitation-used", "You came in by this invitation before.")
    return _NO_MORE.get(state) or (OVERTAKEN if _overtaken(invitation, membership) else None)


def _overtaken(invitation: Invitation, membership: Membership) -> bool:
    """Whether a leader has put the person out since, or refused them: that is the later word."""
    changed = membership.updated_at
    return membership.state == "removed" and changed is not None and changed > invitation.created_at


def _kept_out(membership: Membership, door: Door) -> Refused | None:
    if door.shut:
        return CLOSED
    if membership.state == "banned":
        return BANNED
    return PHOTO_MISSING if door.photo_missing else None


def evolve(invitation: Invitation | None, fact: Fact, now: datetime) -> Invitation:
    """The invitation after the fact."""
    match fact:
        case Invited(group_id, invitee_id, by, id_, expires_at, _):
            version = 1 if invitation is None else invitation.version + 1
            return Invitation(id_, group_id, invitee_id, by, now, expires_at, version=version)
        case Opened(group_id, by, id_, uses, expires_at):
            return Invitation(id_, group_id, None, by, now, expires_at, uses)
    if invitation is None:
        raise ValueError("nobody was invited")
    after = replace(invitation, version=invitation.version + 1, updated_at=now)
    if isinstance(fact, Revoked):
        return replace(after, revoked=True)
    return replace(after, used_by=(*invitation.used_by, fact.by))
