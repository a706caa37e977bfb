"""Members seen by other services."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received, asked_by
from contracts.events import MemberSeen
from groups_service.consumers.late import in_time
from groups_service.handlers import member


async def on_seen(batch: Sequence[Received[MemberSeen]], effects: Effects) -> None:
    """Whoever is seen anywhere is a member."""
    for received, body in await in_time(batch, effects):
        effects.handoff(member.registration_by(asked_by("groups", received), body.member_id))
