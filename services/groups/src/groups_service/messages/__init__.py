"""What happened, in the words that other services read. The only module that knows facts and contracts."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Outgoing, Told
from contracts.groups import (
    BlockChanged,
    GroupState,
    InvitationGiven,
    MembershipState,
    MemberState,
    RefusedJoin,
    Succession,
)
from contracts.message import Message
from groups_service.domain import membership as memberships
from groups_service.domain.block import Blocked, Unblocked
from groups_service.domain.chapter import NetworkJoined, NetworkLeft
from groups_service.domain.circle import Circle, Fact
from groups_service.domain.group import Changed, Created, Group, HandedOver
from groups_service.domain.invitation import Invited
from groups_service.domain.member import Member, Registered
from groups_service.domain.membership import Membership
from groups_service.domain.vacancy import Closed, Froze, OrganizerLeft, SteppedBack, SteppedUp, Succeeded, Vacancy
from groups_service.handlers.block import Pair
from groups_service.handlers.chapter import releases
from groups_service.handlers.group import Situation
from groups_service.handlers.member import Known

_GROUP = "convene.groups.group"
_MEMBERSHIP = "convene.groups.membership"
_MEMBER = "convene.groups.member"
_BLOCK = "convene.groups.block"


def tell_circle(command: Command, outcome: Outcome[Situation], now: datetime) -> Told:
    """The group's messages, then those about its people, in the order of the facts; the network it left hears of it."""
    circle = outcome.state.circle
    return Told(
        messages=[*_about_group(circle, outcome), *_about_people(circle, outcome)],
        children=releases(command, outcome.facts),
    )


def tell_member(command: Command, outcome: Outcome[Known], now: datetime) -> Told:
    """One message with the member's state, however many facts led to it."""
    member = outcome.state.member
    if member is None:
        return Told()
    if member.erased:
        gone = Outgoing(MemberState.topic, f"{_MEMBER}.erased.v1", member.id, member.id, member.id, None)
        return Told(messages=[gone])
    new = any(isinstance(fact, Registered) for fact in outcome.facts)
    type_ = f"{_MEMBER}.registered.v1" if new else f"{_MEMBER}.changed.v1"
    return Told(messages=[_outgoing(member_state(member), type_, subject=member.id, key=member.id)])


def tell_pair(command: Command, outcome: Outcome[Pair], now: datetime) -> Told:
    """A block made or taken back; before it, whoever is made known by it."""
    told: list[Outgoing] = []
    for fact in outcome.facts:
        match fact:
            case Registered():
                told += tell_member(command, Outcome(outcome.state.known, [fact]), now).messages
            case Blocked(member_id, other_id):
                body = BlockChanged(member_id=member_id, other_id=other_id, blocked=True)
                told.append(_outgoing(body, f"{_BLOCK}.made.v1", subject=member_id, key=member_id))
            case Unblocked(member_id, other_id):
                body = BlockChanged(member_id=member_id, other_id=other_id, blocked=False)
                told.append(_outgoing(body, f"{_BLOCK}.lifted.v1", subject=member_id, key=member_id))
    return Told(messages=told)


def member_state(member: Member) -> MemberState:
    profile = member.profile
    return MemberState(
        member_id=member.id,
        number=member.number,
        name=profile.name,
        photo=profile.photo,
        locale=profile.locale,
        timezone=profile.timezone,
        attendance=profile.attendance,
        version=member.version,
    )


def group_state(group: Group) -> GroupState:
    details = group.details
    return GroupState(
        group_id=group.id,
        number=group.number,
        urlname=details.urlname,
        name=details.name,
        description=details.description,
        topics=list(details.topics),
        city=details.city,
        country=details.country,
        state=details.state,
        lat=details.lat,
        lon=details.lon,
        timezone=details.timezone,
        visibility=details.visibility,
        join_mode=details.join_mode,
        members_are_called=details.members_are_called,
        digest_above=details.digest_above,
        status=group.status,
        organizer_id=group.organizer_id,
        succession=None if group.vacancy is None else _succession(group.vacancy),
        network_id=group.affiliation.network_id,
        version=group.version,
        created_at=group.created_at,
        updated_at=group.updated_at,
    )


def _succession(vacancy: Vacancy) -> Succession:
    return Succession(
        freezes_at=vacancy.freezes_at,
        closes_at=vacancy.closes_at,
        decides_at=vacancy.decides_at,
        candidates=[one.member_id for one in vacancy.candidates],
    )


_SAID: Final[dict[type[Fact], str]] = {
    Created: "created",
    Closed: "closed",
    Succeeded: "organizer-found",
    OrganizerLeft: "organizer-left",
    Froze: "frozen",
    Changed: "changed",
    HandedOver: "changed",
    SteppedUp: "changed",
    SteppedBack: "changed",
    NetworkJoined: "changed",
    NetworkLeft: "changed",
}
"""What a fact about the group is called; of several in one decision the first of these is said."""


def _about_group(circle: Circle, outcome: Outcome[Situation]) -> Iterator[Outgoing]:
    """One message with the group's state, however many facts led to it."""
    kinds = {type(fact) for fact in outcome.facts}
    said = next((name for kind, name in _SAID.items() if kind in kinds), None)
    if said is None:
        return
    if said == "changed" and any(_hides(fact) for fact in outcome.facts):
        said = "went-private"
    yield _outgoing(group_state(circle.there), f"{_GROUP}.{said}.v1", subject=circle.there.id, key=circle.there.id)


def _hides(fact: Fact) -> bool:
    return isinstance(fact, Changed) and fact.changes.get("visibility") == "private"


_TOLD: Final[dict[type[Fact], str]] = {
    memberships.Requested: "requested",
    memberships.Joined: "joined",
    memberships.Rejected: "rejected",
    memberships.Left: "left",
    memberships.Removed: "removed",
    memberships.Banned: "banned",
    memberships.Unbanned: "unbanned",
    memberships.RoleChanged: "role-changed",
    memberships.JoinRefused: "join-refused",
}
"""What facts about a membership are called; changed answers and votes are nobody's business."""


def _about_people(circle: Circle, outcome: Outcome[Situation]) -> Iterator[Outgoing]:
    for fact in outcome.facts:
        if isinstance(fact, memberships.Fact) and type(fact) in _TOLD:
            refused = None
            if isinstance(fact, memberships.JoinRefused):
                refused = RefusedJoin(event_id=fact.event_id, reason=fact.reason)
            approved = isinstance(fact, memberships.Joined) and fact.approved_by is not None
            who = circle.who(fact.member_id)
            yield _membership(who, _TOLD[type(fact)], approved=approved, was=_before(fact), refused=refused)
        elif isinstance(fact, memberships.Erased):
            yield from _erased(circle.who(fact.member_id))
        elif isinstance(fact, Invited) and fact.told:
            given = InvitationGiven(token=fact.invitation_id, by=fact.by, expires_at=fact.expires_at)
            yield _membership(circle.who(fact.invitee_id), "invited", invitation=given)


def _before(fact: memberships.Fact) -> memberships.State | None:
    """What a membership was that the fact ends; of other facts None."""
    match fact:
        case memberships.Left() | memberships.Banned():
            return fact.was
        case memberships.Rejected():
            return "pending"
        case memberships.Removed():
            return "active"
        case memberships.Unbanned():
            return "banned"
    return None


def _erased(who: Membership) -> Iterator[Outgoing]:
    """The compacted state goes; a ban stays, for the door of the group's events."""
    if who.state != "banned":
        key = f"{who.group_id}:{who.member_id}"
        yield Outgoing(MembershipState.topic, f"{_MEMBERSHIP}.erased.v1", who.group_id, key, who.group_id, None)


def _membership(
    who: Membership,
    happened: str,
    *,
    approved: bool = False,
    was: memberships.State | None = None,
    refused: RefusedJoin | None = None,
    invitation: InvitationGiven | None = None,
) -> Outgoing:
    state = MembershipState(
        group_id=who.group_id,
        member_id=who.member_id,
        state=who.state,
        role=who.role,
        version=who.version,
        approved=approved,
        was=was,
        refused=refused,
        invitation=invitation,
    )
    key = f"{who.group_id}:{who.member_id}"
    return _outgoing(state, f"{_MEMBERSHIP}.{happened}.v1", subject=who.group_id, key=key)


def _outgoing(body: Message, type_: str, *, subject: str, key: str) -> Outgoing:
    return Outgoing(
        topic=body.topic, type=type_, subject=subject, key=key, partition=subject, value=body.model_dump_json()
    )
