"""What the service takes in from others' topics."""

from collections.abc import Callable
from typing import Final

from chassis.consumers import Subscription
from contracts.groups import GroupState, MembershipState, MemberState
from events_service.consumers.group import on_group
from events_service.consumers.member import on_member
from events_service.consumers.membership import on_membership
from events_service.store.projection import GROUPS, MEMBERS, MEMBERSHIPS

TOPICS: Final = (GroupState.topic, MembershipState.topic, MemberState.topic)


def subscriptions(lanes: int, lane_of: Callable[[str], int]) -> tuple[Subscription, ...]:
    """lane_of: the index of the lane that decides for an aggregate."""
    return (
        Subscription(GroupState.topic, on_group, projects=(GROUPS,)),
        Subscription(MembershipState.topic, on_membership(lanes, lane_of), projects=(MEMBERSHIPS,)),
        Subscription(MemberState.topic, on_member, projects=(MEMBERS,)),
    )
