"""What the service takes in from others' topics."""

from typing import Final

from chassis.consumers import Subscription
from contracts.events import JoinAsked, MemberSeen
from groups_service.consumers.member import on_seen
from groups_service.consumers.membership import on_join_asked

SUBSCRIPTIONS: Final = (Subscription(MemberSeen.topic, on_seen), Subscription(JoinAsked.topic, on_join_asked))
