"""RSVPs that bring their members along."""

from collections.abc import Sequence

from chassis.consumers import Effects, Received, asked_by
from contracts.events import JoinAsked
from groups_service.handlers import membership


async def on_join_asked(batch: Sequence[Received[JoinAsked]], effects: Effects) -> None:
    """An RSVP asks its group to let the member in."""
    for received in batch:
        body = received.body
        if body is not None:
            ask = asked_by("groups", received)
            command = membership.join_for_event(
                ask, body.group_id, body.member_id, event_id=body.event_id, seen=body.membership_version
            )
            effects.handoff(command)
