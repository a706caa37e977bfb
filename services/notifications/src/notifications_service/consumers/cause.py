"""From a received message to the cause of notices."""

from typing import Any

from chassis.consumers import Received
from notifications_service.domain.notice import Cause


def cause_of(message: Received[Any]) -> Cause:
    return Cause(
        topic=message.topic,
        subject=message.subject,
        sequence=message.sequence,
        at=message.time,
        actor=message.actor,
        trace=message.trace,
    )
