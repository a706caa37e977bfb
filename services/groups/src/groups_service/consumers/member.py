"""Members seen by other services."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received, asked_by
from contracts.events import MemberSeen
from groups_service.handlers import member


async def on_seen(batch: Sequence[Received[MemberSeen]], effects: Effects) -> None:
    """Whoever is seen anywhere is a member."""
    for received in batch:
        if received.body is not None:
            effects.handoff(member.registration_by(asked_by("groups", received), received.body.member_id))
