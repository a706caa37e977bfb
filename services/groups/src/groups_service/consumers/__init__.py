"""What the service takes in from others' topics."""

from typing import Final

from chassis.consumers import Subscription
from chassis.privacy import subscription
from contracts.events import AttendanceChanged, EventState, FeedbackFact, JoinAsked, MemberSeen, RsvpChanged
from contracts.privacy import ExportChunk, PrivacyReceipt
from groups_service.consumers.attendance import on_attendance
from groups_service.consumers.event import on_event
from groups_service.consumers.feedback import on_feedback
from groups_service.consumers.member import on_seen
from groups_service.consumers.membership import on_join_asked
from groups_service.consumers.privacy import on_chunks, on_receipts
from groups_service.consumers.rsvp import on_rsvp
from groups_service.store.activity import ACTIVITY, ACTIVITY_EVENTS

SUBSCRIPTIONS: Final = (
    Subscription(MemberSeen.topic, on_seen),
    Subscription(JoinAsked.topic, on_join_asked),
    Subscription(EventState.topic, on_event, projects=(ACTIVITY_EVENTS, ACTIVITY)),
    Subscription(RsvpChanged.topic, on_rsvp),
    Subscription(AttendanceChanged.topic, on_attendance),
    Subscription(FeedbackFact.topic, on_feedback),
    subscription("groups"),
    Subscription(PrivacyReceipt.topic, on_receipts),
    Subscription(ExportChunk.topic, on_chunks),
)
