"""events.feedback.v1: who has said already what they make of an event, and is not asked."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received
from contracts.events import FeedbackFact
from notifications_service.domain.notice import Notice
from notifications_service.store.projection import FEEDBACK, feedback_fields, feedback_id


async def on_feedback(messages: Sequence[Received[FeedbackFact]], effects: Effects) -> list[Notice]:
    for message in messages:
        fact = message.body
        if fact is not None:
            fields = feedback_fields(event_id=fact.event_id, member_id=fact.member_id, at=message.time)
            effects.set(FEEDBACK, feedback_id(fact.event_id, fact.member_id), fields)
    return []
