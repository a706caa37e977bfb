"""What the service takes in from others' topics."""

from typing import Final

from chassis.consumers import Subscription
from contracts.events import EventState, RsvpChanged
from contracts.groups import GroupState, MembershipState, MemberState
from notifications_service.consumers.event import on_events
from notifications_service.consumers.group import on_groups
from notifications_service.consumers.member import on_members
from notifications_service.consumers.membership import on_memberships
from notifications_service.consumers.rsvp import on_rsvps

SUBSCRIPTIONS: Final = (
    Subscription(GroupState.topic, on_groups),
    Subscription(MemberState.topic, on_members),
    Subscription(MembershipState.topic, on_memberships),
    Subscription(EventState.topic, on_events),
    Subscription(RsvpChanged.topic, on_rsvps),
)
