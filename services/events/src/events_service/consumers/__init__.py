"""What the service takes in from others' topics."""

from typing import Final

from chassis.consumers import Subscription
from chassis.privacy import subscription
from contracts.groups import BlockChanged, GroupState, MembershipState, MemberState
from events_service.consumers.block import on_block
from events_service.consumers.group import on_group
from events_service.consumers.member import on_member
from events_service.consumers.membership import on_membership
from events_service.store.projection import GROUPS, MEMBERS, MEMBERSHIPS

SUBSCRIPTIONS: Final = (
    Subscription(GroupState.topic, on_group, projects=(GROUPS,)),
    Subscription(MembershipState.topic, on_membership, projects=(MEMBERSHIPS,)),
    Subscription(MemberState.topic, on_member, projects=(MEMBERS,)),
    Subscription(BlockChanged.topic, on_block),
    subscription("events"),
)
