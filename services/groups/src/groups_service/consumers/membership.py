"""RSVPs that bring their members along."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received, asked_by
from contracts.events import JoinAsked
from groups_service.consumers.late import in_time
from groups_service.handlers import membership


async def on_join_asked(batch: Sequence[Received[JoinAsked]], effects: Effects) -> None:
    """An RSVP asks its group to let the member in."""
    for received, body in await in_time(batch, effects):
        command = membership.join_for_event(
            asked_by("groups", received),
            body.group_id,
            body.member_id,
            event_id=body.event_id,
            seen=body.membership_version,
        )
        effects.handoff(command)
