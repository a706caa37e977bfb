"""Memberships: how people come into a group, what they may do there, and how they go."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal

from groups_service.domain.permission import Action, Role, allows
from groups_service.domain.refusal import Refused

State = Literal["none", "pending", "active", "left", "removed", "banned"]


@dataclass(frozen=True, slots=True)
class Membership:
    """One person's standing in one group. The row outlives leaving; `version` counts its changes, 0 = never was one,
    but was perhaps named: as invited, or by an RSVP that was refused.

    vote: the number of the candidature they chose; it counts while that candidature stands. came_in: whether they are a
    member or were one, and not only asked to be. erased: the last that happened to it is that the member was forgotten;
    named: and an invitation or a refusal has named them since.
    """

    group_id: str
    member_id: str
    state: State = "none"
    role: Role = "member"
    answers: tuple[str, ...] = ()
    vote: int | None = None
    version: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None
    erased: bool = False
    named: bool = False
    came_in: bool = False

    def may(self, action: Action) -> bool:
        return self.state == "active" and allows(self.role, action)


@dataclass(frozen=True, slots=True)
class Door:
    """What somebody outside meets: the group's way of joining, and whether they bring the photo it asks for.

    questions: how many it asks; shut: the group is closed for good.
    """

    mode: Literal["open", "approval", "closed"]
    photo_missing: bool = False
    questions: int = 0
    shut: bool = False


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
class Removed:
    """Put out by a leader; they may ask again."""

    group_id: str
    member_id: str
    by: str


@dataclass(frozen=True, slots=True)
class Banned:
    """Kept out by a leader. was: the state before; a request or a membership ends by it."""

    group_id: str
    member_id: str
    by: str
    was: State


@dataclass(frozen=True, slots=True)
class Unbanned:
    """They may ask again."""

    group_id: str
    member_id: str
    by: str


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


@dataclass(frozen=True, slots=True)
class Erased:
    """The member is forgotten: what they said goes, and of the row only ids and state stay."""

    group_id: str
    member_id: str


@dataclass(frozen=True, slots=True)
class Voted:
    """number: of the candidature chosen; instead_of: of the one chosen before, if that stands too."""

    group_id: str
    member_id: str
    number: int
    instead_of: int | None


Fact = (
    Requested
    | AnswersChanged
    | Joined
    | Rejected
    | Left
    | Removed
    | Banned
    | Unbanned
    | RoleChanged
    | JoinRefused
    | Voted
    | Erased
)

NOT_ALLOWED = Refused("not-allowed", "Your role in this group does not allow this.")
BANNED = Refused("banned", "You may not join this group.")
BY_INVITATION = Refused("by-invitation", "People join this group by invitation.")
PHOTO_MISSING = Refused("photo-required", "This group asks its members for a photo in their profile.")
CLOSED = Refused("group-closed", "This group is closed.")
TOO_MANY_ANSWERS = Refused("too-many-answers", "There are more answers than questions.")


def join(membership: Membership, door: Door, answers: tuple[str, ...] | None) -> list[Fact] | Refused:
    """Come in, or ask to. Asking twice changes nothing, but answers may be changed while the request waits.

    answers: None leaves those given before.
    """
    if membership.state == "active":
        return []
    if answers is not None and len(answers) > door.questions:
        return TOO_MANY_ANSWERS
    given = membership.answers if answers is None else answers
    if membership.state == "pending" and door.mode != "open" and not door.shut:
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
    # what an erasure took from whoever asks is no news of theirs: they come back as somebody nobody knew
    known = 0 if membership.erased and seen == 0 else membership.version
    if membership.state not in ("active", "pending") and known != seen:
        reason = "banned" if membership.state == "banned" else "membership-changed"
        return [JoinRefused(membership.group_id, membership.member_id, event_id, reason)]
    facts = join(membership, door, None)
    if isinstance(facts, Refused):
        return [JoinRefused(membership.group_id, membership.member_id, event_id, facts.reason)]
    return facts


def leave(membership: Membership) -> list[Fact] | Refused:
    """Go, or take a request back. Who has gone already changes nothing."""
    if membership.state == "none":
        return Refused("not-a-member", "You are not a member of this group.")
    if membership.state not in ("active", "pending"):
        return []
    return [Left(membership.group_id, membership.member_id, membership.state)]


def erase(membership: Membership) -> list[Fact]:
    """Nothing of what the person said stays. Who is banned stays banned: the row says nothing else of them."""
    if membership.erased and not membership.named:
        return []
    return [Erased(membership.group_id, membership.member_id)]


def named(membership: Membership) -> Membership:
    """Somebody whom an invitation or a refusal names although nothing about them changes: it has to be taken back,
    should they want to be forgotten. To whoever asks they are as new as before."""
    return replace(membership, named=membership.erased)


_STATES: Final[dict[type[Fact], State]] = {
    Requested: "pending",
    Joined: "active",
    Rejected: "removed",
    Left: "left",
    Removed: "removed",
    Banned: "banned",
    Unbanned: "removed",
}


def evolve(membership: Membership, fact: Fact, now: datetime) -> Membership:
    """The membership after a fact about it. Who is not active has neither a role nor a vote."""
    if isinstance(fact, JoinRefused):
        return named(membership)
    state = _STATES.get(type(fact), membership.state)
    born = membership.created_at or now
    after = replace(membership, state=state, version=membership.version + 1, created_at=born, updated_at=now)
    after = replace(after, erased=isinstance(fact, Erased), named=False)
    match fact:
        case Requested(_, _, answers) | AnswersChanged(_, _, answers):
            after = replace(after, answers=answers)
        case Joined(_, _, role, answers):
            after = replace(after, role=role, answers=answers, came_in=True)
        case RoleChanged(_, _, _, role):
            if state != "active":
                raise ValueError("only members have roles")
            after = replace(after, role=role)
        case Erased():
            after = replace(after, answers=(), came_in=False)
        case Voted(_, _, number):
            after = replace(after, vote=number)
    return after if state == "active" else replace(after, role="member", vote=None)


def headcount(facts: Sequence[object]) -> int:
    """By how much the facts change the number of active members."""
    came = sum(isinstance(fact, Joined) for fact in facts)
    went = sum(
        isinstance(fact, Removed) or (isinstance(fact, Left | Banned) and fact.was == "active") for fact in facts
    )
    return came - went


def _shut(membership: Membership, door: Door) -> Refused | None:
    """Why this person cannot come in at all."""
    if door.shut:
        return CLOSED
    if membership.state == "banned":
        return BANNED
    if door.mode == "closed":
        return BY_INVITATION
    return PHOTO_MISSING if door.photo_missing else None
