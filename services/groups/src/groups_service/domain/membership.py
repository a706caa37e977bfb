"""Memberships: how people come into a group, what they may do there, and how they go."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from groups_service.domain.permission import Action, Role, allows
from groups_service.domain.refusal import Refused

State = Literal["none", "pending", "active", "left", "removed", "banned"]


@dataclass(frozen=True, slots=True)
class Membership:
    """One person's standing in one group. The row outlives leaving; `version` counts its changes, 0 = never was one."""

    group_id: str
    member_id: str
    state: State = "none"
    role: Role = "member"
    answers: tuple[str, ...] = ()
    version: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None

    def may(self, action: Action) -> bool:
        return self.state == "active" and allows(self.role, action)


@dataclass(frozen=True, slots=True)
class Door:
    """What somebody outside meets: the group's way of joining, and whether they bring the photo it asks for."""

    mode: Literal["open", "approval", "closed"]
    photo_missing: bool = False


@dataclass(frozen=True, slots=True)
class Requested:
    group_id: str
    member_id: str
    answers: tuple[str, ...] = field(metadata={"personal": True})


@dataclass(frozen=True, slots=True)
class AnswersChanged:
    """Who asks to join answers differently; nobody but the leaders learns of it."""

    group_id: str
    member_id: str
    answers: tuple[str, ...] = field(metadata={"personal": True})


@dataclass(frozen=True, slots=True)
class Joined:
    """approved_by: the leader who said yes, or None when nobody had to."""

    group_id: str
    member_id: str
    role: Role
    answers: tuple[str, ...] = field(metadata={"personal": True})
    approved_by: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    group_id: str
    member_id: str
    by: str


@dataclass(frozen=True, slots=True)
class Left:
    """was: pending when a request was taken back."""

    group_id: str
    member_id: str
    was: State


@dataclass(frozen=True, slots=True)
class RoleChanged:
    group_id: str
    member_id: str
    by: str
    role: Role


@dataclass(frozen=True, slots=True)
class JoinRefused:
    """An RSVP could not bring its member into the group. The membership is as it was."""

    group_id: str
    member_id: str
    event_id: str
    reason: str


Fact = Requested | AnswersChanged | Joined | Rejected | Left | RoleChanged | JoinRefused

NOT_ALLOWED = Refused("not-allowed", "Your role in this group does not allow this.")
BANNED = Refused("banned", "You may not join this group.")
BY_INVITATION = Refused("by-invitation", "People join this group by invitation.")
PHOTO_MISSING = Refused("photo-required", "This group asks its members for a photo in their profile.")


def join(membership: Membership, door: Door, answers: tuple[str, ...] | None) -> list[Fact] | Refused:
    """Come in, or ask to. Asking twice changes nothing, but answers may be changed while the request waits.

    answers: None leaves those given before.
    """
    if membership.state == "active":
        return []
    given = membership.answers if answers is None else answers
    if membership.state == "pending" and door.mode != "open":
        return [] if given == membership.answers else [AnswersChanged(membership.group_id, membership.member_id, given)]
    refused = _shut(membership, door)
    if refused is not None:
        return refused
    if door.mode == "open":
        return [Joined(membership.group_id, membership.member_id, "member", given)]
    return [Requested(membership.group_id, membership.member_id, given)]


def join_for_event(membership: Membership, door: Door, *, event_id: str, seen: int) -> list[Fact]:
    """Come in because of an RSVP that saw version `seen` of the membership.

    Who is in, or asks to be, by now is left as they are. Whoever went away after the RSVP was decided did not mean to
    come back by it: refused, like everything the door refuses.
    """
    if membership.state not in ("active", "pending") and membership.version != seen:
        reason = "banned" if membership.state == "banned" else "membership-changed"
        return [JoinRefused(membership.group_id, membership.member_id, event_id, reason)]
    facts = join(membership, door, None)
    if isinstance(facts, Refused):
        return [JoinRefused(membership.group_id, membership.member_id, event_id, facts.reason)]
    return facts


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


def leave(membership: Membership) -> list[Fact] | Refused:
    """Go, or take a request back. Who has gone already changes nothing."""
    if membership.state == "none":
        return Refused("not-a-member", "You are not a member of this group.")
    if membership.state not in ("active", "pending"):
        return []
    if membership.role == "organizer":
        return Refused("organizer-stays", "Make another member the organizer before you leave.")
    return [Left(membership.group_id, membership.member_id, membership.state)]


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
        return Refused("organizer-stays", "Somebody has to be the organizer: make another member the organizer.")
    given = RoleChanged(membership.group_id, membership.member_id, actor.member_id, role)
    if not handing_over:
        return [given]
    return [RoleChanged(actor.group_id, actor.member_id, actor.member_id, "co_organizer"), given]


def evolve(membership: Membership, fact: Fact, now: datetime) -> Membership:
    """The membership after a fact about it."""
    if isinstance(fact, JoinRefused):
        return membership
    born = membership.created_at or now
    after = replace(membership, version=membership.version + 1, created_at=born, updated_at=now)
    match fact:
        case Requested(_, _, answers):
            after = replace(after, state="pending", role="member", answers=answers)
        case AnswersChanged(_, _, answers):
            after = replace(after, answers=answers)
        case Joined(_, _, role, answers):
            after = replace(after, state="active", role=role, answers=answers)
        case Rejected():
            after = replace(after, state="removed")
        case Left():
            after = replace(after, state="left", role="member")
        case RoleChanged(_, _, _, role):
            after = replace(after, role=role)
    return after


def headcount(facts: Sequence[object]) -> int:
    """By how much the facts change the number of active members."""
    came = sum(isinstance(fact, Joined) for fact in facts)
    went = sum(isinstance(fact, Left) and fact.was == "active" for fact in facts)
    return came - went


def _shut(membership: Membership, door: Door) -> Refused | None:
    """Why this person cannot come in at all."""
    if membership.state == "banned":
        return BANNED
    if door.mode == "closed":
        return BY_INVITATION
    return PHOTO_MISSING if door.photo_missing else None
