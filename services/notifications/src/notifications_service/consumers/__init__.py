"""What the service takes in from others' topics."""

from typing import Final

from chassis.consumers import Subscription
from contracts.events import AttendanceChanged, EventState, FeedbackFact, NetworkEventMade, RsvpChanged, TalkFact
from contracts.groups import ConversationFact, GroupState, MembershipState, MemberState
from contracts.privacy import PrivacyRequested
from notifications_service.consumers.about import about
from notifications_service.consumers.attendance import on_attendance
from notifications_service.consumers.conversation import on_conversations
from notifications_service.consumers.event import on_events
from notifications_service.consumers.feedback import on_feedback
from notifications_service.consumers.group import on_groups
from notifications_service.consumers.member import on_members
from notifications_service.consumers.membership import on_memberships
from notifications_service.consumers.network_event import on_network_events
from notifications_service.consumers.privacy import on_requests
from notifications_service.consumers.rsvp import on_rsvps
from notifications_service.consumers.talk import on_talk
from notifications_service.store.projection import EVENTS, GROUPS, MEMBERS, MEMBERSHIPS

SUBSCRIPTIONS: Final = (
    Subscription(GroupState.topic, on_groups, projects=(GROUPS,)),
    Subscription(MemberState.topic, on_members, projects=(MEMBERS,)),
    Subscription(MembershipState.topic, on_memberships, projects=(MEMBERSHIPS,)),
    Subscription(ConversationFact.topic, about("author_id", on_conversations)),
    Subscription(EventState.topic, on_events, projects=(EVENTS,)),
    Subscription(NetworkEventMade.topic, on_network_events),
    Subscription(RsvpChanged.topic, about("member_id", on_rsvps)),
    Subscription(TalkFact.topic, about("author_id", on_talk)),
    Subscription(FeedbackFact.topic, about("member_id", on_feedback)),
    Subscription(AttendanceChanged.topic, about("member_id", on_attendance)),
    Subscription(PrivacyRequested.topic, on_requests),
)
