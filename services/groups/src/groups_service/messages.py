"""What happened, in the words that other services read. The only module that knows facts and contracts."""

from collections.abc import Iterator
from datetime import datetime

from chassis.journal.command import Command
from chassis.journal.decision import Outcome, Outgoing, Told
from contracts.groups import GroupState, MembershipState, MemberState, RefusedJoin
from contracts.message import Message
from groups_service.domain import membership as memberships
from groups_service.domain.circle import Circle, Fact
from groups_service.domain.group import Changed, Created, Group, HandedOver
from groups_service.domain.member import Member, Registered
from groups_service.domain.membership import Membership
from groups_service.handlers.group import Situation
from groups_service.handlers.member import Known

_GROUP = "convene.groups.group"
_MEMBERSHIP = "convene.groups.membership"
_MEMBER = "convene.groups.member"


def tell_circle(command: Command, outcome: Outcome[Situation], now: datetime) -> Told:
    """The group's messages, then those about its people, in the order of the facts."""
    circle = outcome.state.circle
    return Told(messages=[*_about_group(circle, outcome), *_about_people(circle, outcome)])


def tell_member(command: Command, outcome: Outcome[Known], now: datetime) -> Told:
    """One message with the member's state, however many facts led to it."""
    member = outcome.state.member
    if member is None:
        return Told()
    new = any(isinstance(fact, Registered) for fact in outcome.facts)
    type_ = f"{_MEMBER}.registered.v1" if new else f"{_MEMBER}.changed.v1"
    return Told(messages=[_outgoing(member_state(member), type_, subject=member.id, key=member.id)])


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
        status=group.status,
        organizer_id=group.organizer_id,
        version=group.version,
        created_at=group.created_at,
        updated_at=group.updated_at,
    )


def _about_group(circle: Circle, outcome: Outcome[Situation]) -> Iterator[Outgoing]:
    kinds = [type(fact) for fact in outcome.facts if isinstance(fact, Created | Changed | HandedOver)]
    if kinds and circle.group is not None:
        type_ = f"{_GROUP}.created.v1" if Created in kinds else f"{_GROUP}.changed.v1"
        yield _outgoing(group_state(circle.group), type_, subject=circle.group.id, key=circle.group.id)


def _about_people(circle: Circle, outcome: Outcome[Situation]) -> Iterator[Outgoing]:
    facts: list[Fact] = list(outcome.facts)
    for fact in facts:
        match fact:
            case memberships.Requested():
                yield _membership(circle, fact, "requested")
            case memberships.Joined():
                yield _membership(circle, fact, "joined", approved=fact.approved_by is not None)
            case memberships.Rejected():
                yield _membership(circle, fact, "rejected")
            case memberships.Left():
                yield _membership(circle, fact, "left")
            case memberships.RoleChanged():
                yield _membership(circle, fact, "role-changed")
            case memberships.JoinRefused():
                refused = RefusedJoin(event_id=fact.event_id, reason=fact.reason)
                yield _membership(circle, fact, "join-refused", refused=refused)


def _membership(
    circle: Circle,
    fact: memberships.Fact,
    happened: str,
    *,
    approved: bool = False,
    refused: RefusedJoin | None = None,
) -> Outgoing:
    who: Membership = circle.person(fact.group_id, fact.member_id)
    state = MembershipState(
        group_id=who.group_id,
        member_id=who.member_id,
        state=who.state,
        role=who.role,
        version=who.version,
        approved=approved,
        refused=refused,
    )
    key = f"{who.group_id}:{who.member_id}"
    return _outgoing(state, f"{_MEMBERSHIP}.{happened}.v1", subject=who.group_id, key=key)


def _outgoing(body: Message, type_: str, *, subject: str, key: str) -> Outgoing:
    return Outgoing(
        topic=body.topic, type=type_, subject=subject, key=key, partition=subject, value=body.model_dump_json()
    )
