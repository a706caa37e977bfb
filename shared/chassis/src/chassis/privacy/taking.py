"""privacy.requests.v1: what members want, taken down as a case of this service."""

from collections.abc import Sequence
from typing import Final

from chassis.consumers import Effects, Received, Subscription, asked_by
from chassis.privacy.case import TAKE, Stage, case_id
from contracts.privacy import PrivacyRequested

_STAGES: Final[dict[str, Stage]] = {"asked": "open", "begun": "open", "announced": "announced", "undone": "undone"}


def subscription(service: str) -> Subscription:
    """For a service's list of what it takes in."""

    async def on_requests(batch: Sequence[Received[PrivacyRequested]], effects: Effects) -> None:
        for received in batch:
            body = received.body
            if body is not None and not body.ready:
                wanted = {
                    "request_id": body.request_id,
                    "member_id": body.member_id,
                    "kind": body.kind,
                    "stage": _STAGES[body.stage],
                    "asked_at": received.time.isoformat(),
                    "issued_at": body.issued_at,
                }
                effects.handoff(asked_by(service, received)(name=TAKE, aggregate=case_id(body.request_id), body=wanted))

    return Subscription(PrivacyRequested.topic, on_requests)
