"""privacy.requests.v1: this service's part of each, as in every service; and the member is told of their archive."""

from collections.abc import Sequence
from typing import Final

from chassis.consumers import Effects, Received
from chassis.privacy import subscription
from contracts.privacy import PrivacyRequested
from notifications_service.consumers.cause import cause_of
from notifications_service.domain.notice import of_export
from notifications_service.store.notice import tell
from notifications_service.store.people import People

_TAKING: Final = subscription("notifications")


async def on_requests(messages: Sequence[Received[PrivacyRequested]], effects: Effects) -> None:
    await _TAKING.apply(messages, effects)
    ready = [
        of_export(message.body.member_id, message.body.request_id, cause_of(message))
        for message in messages
        if message.body is not None and message.body.ready
    ]
    await tell(ready, People(effects))
