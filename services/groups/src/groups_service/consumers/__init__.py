"""What the service takes in from others' topics."""

from typing import Final

from chassis.consumers import Subscription
from chassis.privacy import subscription
from contracts.events import JoinAsked, MemberSeen
from contracts.privacy import ExportChunk, PrivacyReceipt
from groups_service.consumers.member import on_seen
from groups_service.consumers.membership import on_join_asked
from groups_service.consumers.privacy import on_chunks, on_receipts

SUBSCRIPTIONS: Final = (
    Subscription(MemberSeen.topic, on_seen),
    Subscription(JoinAsked.topic, on_join_asked),
    subscription("groups"),
    Subscription(PrivacyReceipt.topic, on_receipts),
    Subscription(ExportChunk.topic, on_chunks),
)
