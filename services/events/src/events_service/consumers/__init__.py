"""What the service takes in from others' topics."""

from typing import Final

from chassis.consumers import Subscription
from chassis.privacy import subscription
from contracts.groups import BlockChanged, GroupState, MembershipState, MemberState, NetworkState
from events_service.consumers.block import on_block
from events_service.consumers.group import on_group, overdue_of_groups
from events_service.consumers.member import on_member, overdue_of_members
from events_service.consumers.membership import on_membership, overdue_of_memberships
from events_service.consumers.network import on_network
from events_service.store.network import NETWORKS
from events_service.store.projection import GROUPS, MEMBERS, MEMBERSHIPS

SUBSCRIPTIONS: Final = (
    Subscription(GroupState.topic, on_group, projects=(GROUPS,), overdue=overdue_of_groups),
    Subscription(MembershipState.topic, on_membership, projects=(MEMBERSHIPS,), overdue=overdue_of_memberships),
    Subscription(MemberState.topic, on_member, projects=(MEMBERS,), overdue=overdue_of_members),
    Subscription(NetworkState.topic, on_network, projects=(NETWORKS,)),
    Subscription(BlockChanged.topic, on_block),
    subscription("events"),
)
